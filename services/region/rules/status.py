"""An app's status, derived from its state."""

from collections.abc import Mapping
from typing import Literal

from services.region.state.apps import App

Rest = Literal["new", "running", "stopped"]
Status = Literal[Rest, "scaling", "restarting", "migrating", "migrated"]

_BUSY: Mapping[str, Status] = {"restart": "restarting", "scale": "scaling"}


def at_rest(app: App) -> Rest:
    """Return the status of the app when nothing is being done to it."""
    if app.build_id is None:
        return "new"
    return "running" if app.desired == "started" and app.containers else "stopped"


def status(app: App) -> Status:
    """Return the status as the public API names it."""
    if app.migrated_to:
        return "migrated"
    if app.frozen_by:
        return "migrating"
    return _BUSY[app.busy] if app.busy else at_rest(app)
