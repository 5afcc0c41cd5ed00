"""The next step and the abort: buttons of a migration's page, and the pages that ask whether one is sure."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from events.commands import ApproveStep, RunStep
from events.status import why_not_start
from events.vocabulary import Step
from services.common.notes import before_finalize
from services.gateway.bodies import SmallBodyRoute
from services.gateway.errors import refused
from services.gateway.migrations import NamedMigration
from services.gateway.migrations import approve as approve_step
from services.gateway.migrations import run as run_step
from services.gateway.orders import Orders
from services.gateway.refusals import recorded
from services.gateway.web.guard import OwnForm
from services.gateway.web.migration import PREFIX
from services.gateway.web.pages import Pages, UserPages
from services.gateway.web.steps import MigrationView
from services.gateway.wire import ApproveBody, RunBody

router = APIRouter(prefix=PREFIX, route_class=SmallBodyRoute)


@router.get("/run/{step}")
async def ask(pages: Pages, migration: NamedMigration, step: Step) -> HTMLResponse:
    """Say what the step is going to do, and ask whether it shall."""
    view = MigrationView(migration)
    if why_not := _why_not(view, step):
        raise refused(400, "wrong_state", why_not)
    return _question(pages, view, step)


@router.post("/run/{step}", dependencies=[OwnForm, recorded(RunStep)])
async def run(
    pages: Pages,
    migration: NamedMigration,
    orders: Orders,
    step: Step,
    confirmation: Annotated[str, Form()] = "",
) -> Response:
    """Start the step; an abort only for who has typed the app's name."""
    if step is Step.ABORT and confirmation.strip() != migration.source.app:
        said = f"Nothing was done. Type {migration.source.app} to abort the migration."
        return _question(pages, MigrationView(migration), step, 422, said)
    await run_step(migration, orders, RunBody(step=step))
    return RedirectResponse(MigrationView(migration).url, 303)


@router.post("/approve/{step}", dependencies=[OwnForm, recorded(ApproveStep)])
async def approve(migration: NamedMigration, orders: Orders, step: Step) -> Response:
    """Let the step begin that waits for a second person."""
    await approve_step(migration, orders, ApproveBody(step=step))
    return RedirectResponse(MigrationView(migration).url, 303)


def _question(
    pages: UserPages, view: MigrationView, step: Step, status: int = 200, said: str = ""
) -> HTMLResponse:
    made = {
        task.item for task in view.migration.tasks if task.name == "provision-addon" and task.state == "done"
    }
    lacking = before_finalize(view.result, made) if step is Step.FINALIZE else ""
    return pages.show("question.html", status, view=view, step=step, said=said, lacking=lacking)


def _why_not(view: MigrationView, step: Step) -> str | None:
    if step is not Step.ABORT:
        return why_not_start(step, view.migration.status, view.latest)
    if view.can_be_aborted:
        return None
    return f"There is nothing to abort: this migration is {view.migration.status}."
