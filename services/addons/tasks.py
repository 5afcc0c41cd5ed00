"""The tasks of this worker, by their names in the plan."""

from services.addons.moving import back_up_database, provision_addon, restore_database, verify_database
from services.addons.preflight import check_addon_plans, check_addon_versions
from services.common.worker.task import Tasks

TASKS: Tasks = {
    "check-addon-versions": check_addon_versions,
    "check-addon-plans": check_addon_plans,
    "provision-addon": provision_addon,
    "back-up-database": back_up_database,
    "restore-database": restore_database,
    "verify-database": verify_database,
}
