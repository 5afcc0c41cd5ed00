"""The tasks of this worker, by their names in the plan."""

from services.apps.builds import import_build
from services.apps.configuration import copy_formation, copy_limits, copy_settings
from services.apps.creating import create_app, freeze_source
from services.apps.destination import check_destination
from services.apps.notifications import copy_alerts, copy_notifiers
from services.apps.preflight import check_app, preflight_verdict
from services.apps.running import rest_new_app, start_new_app, start_old_app, stop_new_app, stop_source
from services.apps.surroundings import copy_autoscalers, copy_collaborators, copy_log_drains, copy_scm_link
from services.apps.undoing import delete_new_app, fence_destination, fence_source, unfreeze_source
from services.apps.variables import copy_variables
from services.common.worker.task import Tasks

TASKS: Tasks = {
    "check-app": check_app,
    "check-destination": check_destination,
    "preflight-verdict": preflight_verdict,
    "freeze-source": freeze_source,
    "create-app": create_app,
    "copy-settings": copy_settings,
    "copy-limits": copy_limits,
    "import-build": import_build,
    "copy-formation": copy_formation,
    "copy-variables": copy_variables,
    "copy-collaborators": copy_collaborators,
    "copy-scm-link": copy_scm_link,
    "copy-notifiers": copy_notifiers,
    "copy-alerts": copy_alerts,
    "copy-log-drains": copy_log_drains,
    "copy-autoscalers": copy_autoscalers,
    "stop-source": stop_source,
    "rest-new-app": rest_new_app,
    "start-new-app": start_new_app,
    "fence-source": fence_source,
    "fence-destination": fence_destination,
    "stop-new-app": stop_new_app,
    "start-old-app": start_old_app,
    "delete-new-app": delete_new_app,
    "unfreeze-source": unfreeze_source,
}
