"""Read from the state what an app needs in order to run."""

import os
import sys
from pathlib import Path

from services.region.rules import variables as aliases
from services.region.rules.containers import Plan
from services.region.settings import Settings
from services.region.state import deployments, formation, variables
from services.region.state.apps import App
from services.region.state.database import Pool
from services.region.storage import Storage


async def read(
    pool: Pool, storage: Storage, settings: Settings, app: App, build_id: str | None = None
) -> Plan | None:
    """Return the plan of an app with its own build, or another one; None without a build."""
    build_id = build_id or app.build_id
    build = await deployments.find(pool, app.id, build_id) if build_id else None
    if build is None:
        return None
    folder = storage.build_folder(build.id)
    raw = {variable.name: variable.value for variable in await variables.every(pool, app.id)}
    return Plan(
        app_id=app.id,
        folder=folder,
        procfile=build.procfile,
        formation=await formation.read(pool, app.id),
        variables=aliases.resolve(raw),
        environment=_environment(app, settings, folder),
    )


def _environment(app: App, settings: Settings, folder: Path) -> dict[str, str]:
    # The region's own Python comes first: it is the one runtime that every build may count on.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {"APP": app.name, "REGION_NAME": settings.name, "HOME": str(folder), "PATH": path}
