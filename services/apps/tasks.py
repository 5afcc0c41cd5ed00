"""The tasks of this worker, by their names in the plan."""

from services.apps.copying import copy_formation, copy_variables, create_app, freeze_source, import_build
from services.apps.preflight import check_app
from services.apps.running import start_new_app, start_old_app, stop_new_app, stop_source
from services.apps.undoing import delete_new_app, fence_destination, fence_source, unfreeze_source
from services.common.worker.task import Tasks

TASKS: Tasks = {
    "check-app": check_app,
    "freeze-source": freeze_source,
    "create-app": create_app,
    "import-build": import_build,
    "copy-formation": copy_formation,
    "copy-variables": copy_variables,
    "stop-source": stop_source,
    "start-new-app": start_new_app,
    "fence-source": fence_source,
    "fence-destination": fence_destination,
    "stop-new-app": stop_new_app,
    "start-old-app": start_old_app,
    "delete-new-app": delete_new_app,
    "unfreeze-source": unfreeze_source,
}
