"""The types of operations."""

from collections.abc import Mapping

from services.region.operations import data, deploying, importing, running
from services.region.operations.work import Kind

KINDS: Mapping[str, Kind] = {
    "start_app": Kind(running.start_app),
    "stop_app": Kind(running.stop_app),
    "restart": Kind(running.restart),
    "scale": Kind(running.scale),
    "rollback": Kind(running.rollback),
    "deploy": Kind(deploying.deploy, deploying.deploy_failed),
    "import_build": Kind(importing.import_build, importing.import_failed),
    "provision_addon": Kind(data.provision_addon),
    "backup": Kind(data.backup),
    "restore": Kind(data.restore),
    "fingerprint": Kind(data.fingerprint),
}
