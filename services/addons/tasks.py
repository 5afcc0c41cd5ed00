"""The tasks of this worker, by their names in the plan."""

from services.addons.moving import back_up_database, restore_database, verify_database
from services.addons.preflight import check_addon_plans, check_addon_versions
from services.addons.provisioning import compare_addons, copy_addon_log_drains, provision_addon
from services.common.worker.task import Tasks

TASKS: Tasks = {
    "check-addon-versions": check_addon_versions,
    "check-addon-plans": check_addon_plans,
    "provision-addon": provision_addon,
    "copy-addon-log-drains": copy_addon_log_drains,
    "back-up-database": back_up_database,
    "restore-database": restore_database,
    "verify-database": verify_database,
    "compare-addons": compare_addons,
}
