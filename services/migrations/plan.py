"""The plan of every step: which tasks, who does each, what each waits for, and what undoes it.

A step is planned once, when it starts: the expanded plan is recorded in StepStarted, so a change of this
table changes no migration that is under way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from events.inventory import Addon, Inventory
from events.vocabulary import Service, Step

APPS, ADDONS, ROUTING = Service.APPS, Service.ADDONS, Service.ROUTING


@dataclass(frozen=True)
class TaskSpec:
    """A line of the table.

    `after` names the tasks of the same step that must have succeeded (for tasks of one item: those of that
    item, and those without item); with `despite_failures`, only ended. A name that is not in the step's plan
    is not waited for. `needs` names the tasks, also of earlier steps, whose results it is given.
    `renews`: after a failure with that code, running the step again does those tasks again too.
    """

    name: str
    service: Service
    label: str
    after: tuple[str, ...] = ()
    each: Literal["addon", "database"] | None = None
    needs: tuple[str, ...] = ()
    undone_by: str | None = None
    only_if_source_ran: bool = False
    despite_failures: bool = False
    renews: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def items(self, inventory: Inventory | None) -> Iterator[Addon | None]:
        """Yield what the task is to be done for: each addon or database, or once for the app as a whole."""
        if self.each is None:
            yield None
            return
        for addon in inventory.addons if inventory else ():
            if addon.has_data or self.each == "addon":
                yield addon


CHECKS = ("check-addon-versions", "check-certificates", "check-addon-plans", "check-app", "check-destination")
NEW_BACKUP = ("back-up-database",)

PLAN: Mapping[Step, tuple[TaskSpec, ...]] = {
    Step.PREFLIGHT: (
        TaskSpec("check-addon-versions", ADDONS, "Check addon versions"),
        TaskSpec("check-certificates", ROUTING, "Check certificate validity"),
        TaskSpec("check-addon-plans", ADDONS, "Check addons compatibility"),
        TaskSpec("check-app", APPS, "Check the app's state"),
        TaskSpec("check-destination", APPS, "Check the destination"),
        TaskSpec("preflight-verdict", APPS, "Preflight checks", CHECKS, despite_failures=True),
    ),
    Step.PREPARE: (
        TaskSpec("freeze-source", APPS, "Freeze the source app", undone_by="unfreeze-source"),
        TaskSpec("create-app", APPS, "Create the new app", ("freeze-source",), undone_by="delete-new-app"),
        TaskSpec("copy-settings", APPS, "Copy the settings", ("create-app",)),
        TaskSpec("copy-limits", APPS, "Copy the soft limits", ("create-app",)),
        TaskSpec("import-build", APPS, "Import the running build", ("copy-limits",)),
        TaskSpec("copy-formation", APPS, "Copy the container formation", ("import-build",)),
        TaskSpec("copy-variables", APPS, "Copy the environment variables", ("create-app",)),
        TaskSpec("copy-collaborators", APPS, "Copy the collaborators", ("create-app",)),
        TaskSpec("copy-scm-link", APPS, "Copy the SCM integration", ("create-app",)),
        TaskSpec("copy-domains", ROUTING, "Copy the domains and certificates", ("create-app",)),
        TaskSpec("copy-notifiers", APPS, "Copy the notifiers", ("create-app",)),
        TaskSpec(
            "copy-alerts",
            APPS,
            "Copy the alerts",
            ("copy-notifiers", "copy-formation"),
            needs=("copy-notifiers",),
        ),
        TaskSpec("copy-log-drains", APPS, "Copy the log drains", ("create-app",)),
        TaskSpec("copy-autoscalers", APPS, "Copy the autoscalers", ("copy-formation",)),
    ),
    Step.DATA: (
        TaskSpec(
            "stop-source", APPS, "Stop the source app", undone_by="start-old-app", only_if_source_ran=True
        ),
        TaskSpec("rest-new-app", APPS, "Keep the new app stopped"),
        TaskSpec("provision-addon", ADDONS, "Provision {addon}", each="addon"),
        TaskSpec(
            "copy-addon-log-drains",
            ADDONS,
            "Copy the log drains of {addon}",
            ("provision-addon",),
            each="addon",
            needs=("provision-addon",),
        ),
        TaskSpec("back-up-database", ADDONS, "Back up {addon}", ("stop-source",), each="database"),
        TaskSpec(
            "restore-database",
            ADDONS,
            "Restore {addon}",
            ("rest-new-app", "provision-addon", "back-up-database"),
            each="database",
            needs=("provision-addon", "back-up-database"),
            renews={"digest_mismatch": NEW_BACKUP, "dump_unreadable": NEW_BACKUP},
        ),
        TaskSpec(
            "verify-database",
            ADDONS,
            "Verify {addon}",
            ("restore-database",),
            each="database",
            needs=("provision-addon",),
            renews={"data_differs": (*NEW_BACKUP, "restore-database")},
        ),
    ),
    Step.FINALIZE: (
        TaskSpec(
            "stop-source", APPS, "Stop the source app", undone_by="start-old-app", only_if_source_ran=True
        ),
        TaskSpec("compare-addons", ADDONS, "Compare the addons"),
        TaskSpec("look-up-dns", ROUTING, "Look up the DNS records"),
        TaskSpec("start-new-app", APPS, "Start the new app", ("stop-source",), undone_by="stop-new-app"),
        TaskSpec(
            "hand-over",
            ROUTING,
            "Redirect the traffic",
            ("start-new-app", "compare-addons", "look-up-dns"),
            undone_by="take-back-traffic",
        ),
    ),
    # An abort does, in this order, those that undo a task which was requested: it may have had its effect.
    Step.ABORT: (
        TaskSpec("fence-source", APPS, "Abort: Fence the source region"),
        TaskSpec("fence-destination", APPS, "Abort: Fence the destination region"),
        TaskSpec(
            "take-back-traffic",
            ROUTING,
            "Abort: Take back the traffic",
            ("fence-source", "fence-destination"),
        ),
        TaskSpec(
            "stop-new-app",
            APPS,
            "Abort: Stop the new app",
            ("fence-source", "fence-destination", "take-back-traffic"),
        ),
        TaskSpec(
            "start-old-app",
            APPS,
            "Abort: Start the old app",
            ("fence-source", "fence-destination", "take-back-traffic", "stop-new-app"),
        ),
        TaskSpec(
            "delete-new-app",
            APPS,
            "Abort: Delete new app",
            ("fence-source", "fence-destination", "take-back-traffic", "stop-new-app", "start-old-app"),
        ),
        TaskSpec(
            "unfreeze-source",
            APPS,
            "Restore app status",
            (
                "fence-source",
                "fence-destination",
                "take-back-traffic",
                "stop-new-app",
                "start-old-app",
                "delete-new-app",
            ),
        ),
    ),
}


def approved(step: Step) -> tuple[TaskSpec, ...]:
    """Return the step's lines where a second person is wanted: all of them wait for the approval."""
    approval = TaskSpec(f"approve-{step}", Service.PEOPLE, "Approval")
    return (approval, *(replace(spec, after=(approval.name, *spec.after)) for spec in PLAN[step]))


FENCES = ("fence-source", "fence-destination")

UNDONE_BY: Mapping[str, str] = {
    spec.name: spec.undone_by for specs in PLAN.values() for spec in specs if spec.undone_by
}


def undoing(requested: frozenset[str]) -> frozenset[str]:
    """Return the abort's tasks for what was requested so far: none if nothing was changed anywhere."""
    undo = {UNDONE_BY[name] for name in requested if name in UNDONE_BY}
    return frozenset(undo.union(FENCES) if undo else ())
