"""Who works on the app, where it is deployed from, who takes its log, and what scales it."""

from regions.errors import NotFoundError
from regions.model import Autoscaler, Collaborator, ScmLink
from services.common.worker.drains import copy_drains
from services.common.worker.evidence import compared, matched
from services.common.worker.refusals import copying
from services.common.worker.task import Outcome, Succeeded, Task

SCM_LINK = "scm_link"  # an app has one; its address stays out of the log


async def copy_collaborators(task: Task) -> Outcome:
    """Copy those who have accepted; the result counts the pending ones, who are not copied.

    Users who have deleted their account are neither.
    """
    known = await task.source.collaborators(task.source_app)
    accepted = [each for each in known if each.status == "accepted"]
    for each in accepted:
        with copying("collaborator", each.id):
            grant = task.grant("collaborator", each.id)
            await task.destination.add_collaborator(task.destination_app, each, grant)
    made = await task.destination.collaborators(task.destination_app)
    return Succeeded(
        {
            "copied": len(accepted),
            "pending": sum(each.status == "pending" for each in known),
            "items": matched(task, "collaborator", accepted, made, key=_address, fields=_user),
        },
        skipped=not accepted,
    )


async def copy_scm_link(task: Task) -> Outcome:
    """Copy the link to the repository that the app is deployed from."""
    try:
        old = await task.source.scm_link(task.source_app)
    except NotFoundError:
        return Succeeded(skipped=True)
    with copying("scm_link", task.destination_app):
        await task.destination.link_scm(task.destination_app, old, task.grant("scm-link"))
    new = await task.destination.scm_link(task.destination_app)
    items = compared(task, "scm_link", {SCM_LINK: _link(old)}, {SCM_LINK: _link(new)})
    return Succeeded({"copied": 1, "items": items})


async def copy_log_drains(task: Task) -> Outcome:
    """Copy the app's own log drains; those of its addons come with the addons."""
    return await copy_drains(task)


async def copy_autoscalers(task: Task) -> Outcome:
    """Copy the autoscalers."""
    known = await task.source.autoscalers(task.source_app)
    for each in known:
        with copying("autoscaler", each.id):
            grant = task.grant("autoscaler", each.id)
            await task.destination.add_autoscaler(task.destination_app, each, grant)
    made = await task.destination.autoscalers(task.destination_app)
    items = matched(task, "autoscaler", known, made, key=_measured, fields=_scaling)
    return Succeeded({"copied": len(known), "items": items}, skipped=not known)


def _address(collaborator: Collaborator) -> str:
    return collaborator.email.casefold()


def _user(collaborator: Collaborator) -> dict[str, object]:
    return {
        "email": _address(collaborator),
        **collaborator.model_dump(include={"username", "user_id", "status"}),
    }


def _link(link: ScmLink) -> dict[str, object]:
    return link.model_dump()


def _measured(autoscaler: Autoscaler) -> tuple[str, str]:
    return autoscaler.container_type, autoscaler.metric


def _scaling(autoscaler: Autoscaler) -> dict[str, object]:
    return autoscaler.model_dump(exclude={"id"})
