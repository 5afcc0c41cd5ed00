"""An operation that starts an app asks first whether there is room."""

from services.region.operations.work import OperationFailedError, Work
from services.region.rules.capacity import shortage
from services.region.state import formation
from services.region.state.apps import App


async def require_capacity(work: Work, app: App) -> None:
    """Raise OperationFailedError if the region has not the memory to start a stopped app."""
    if app.desired == "started":
        return
    pool, region = work.region.pool, work.region
    wanted = await formation.read(pool, app.id)
    others = await formation.started(pool, app.id, before=work.operation.position)
    if missing := shortage(wanted, others, region.catalogue, region.settings.memory_bytes):
        raise OperationFailedError(
            "no_capacity", f"the region has {missing} bytes of memory too little for the app's containers"
        )
