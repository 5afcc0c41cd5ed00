"""What the console calls things."""

from collections.abc import Mapping

from events.status import Status
from events.vocabulary import Step

STATUS: Mapping[Status, str] = {
    Status.CREATED: "opened",
    Status.PREFLIGHT_SUCCESS: "checked",
    Status.PREFLIGHT_ERROR: "cannot be moved yet",
    Status.RUNNING: "running",
    Status.PREPARED: "prepared",
    Status.DATA_MIGRATED: "data moved",
    Status.ABORTING: "being undone",
    Status.ABORTED: "undone",
    Status.ERROR: "failed",
    Status.DONE: "moved",
}
# How a status looks: at rest, under way, well ended, in need of somebody, undone.
TONE: Mapping[Status, str] = {
    Status.RUNNING: "busy",
    Status.ABORTING: "busy",
    Status.DONE: "good",
    Status.ERROR: "bad",
    Status.PREFLIGHT_ERROR: "bad",
    Status.ABORTED: "past",
}

STEP: Mapping[Step, str] = {
    Step.PREFLIGHT: "Preflight",
    Step.PREPARE: "Prepare",
    Step.DATA: "Data",
    Step.FINALIZE: "Finalize",
    Step.ABORT: "Abort",
}
RUN: Mapping[Step, str] = {
    Step.PREFLIGHT: "Run the checks",
    Step.PREPARE: "Prepare the new app",
    Step.DATA: "Move the data",
    Step.FINALIZE: "Finalize the move",
    Step.ABORT: "Abort the migration",
}
DOES: Mapping[Step, str] = {
    Step.PREFLIGHT: "Looks whether the app can be moved. Changes nothing.",
    Step.PREPARE: "Makes the new app with the settings of the old one, which is frozen meanwhile.",
    Step.DATA: "Stops the old app, makes its addons in the new region and moves their data.",
    Step.FINALIZE: "Stops the old app, starts the new one and redirects the traffic to it.",
    Step.ABORT: "Undoes everything: the old app runs as before, the new one is deleted.",
}
STOPS_THE_APP = frozenset({Step.DATA, Step.FINALIZE})

# Of a step, and of a task.
STATE: Mapping[str, str] = {
    "waiting": "to come",
    "running": "running",
    "done": "done",
    "error": "failed",
    "left-out": "left out",
}
TASK_STATE: Mapping[str, str] = {
    "waiting": "waiting",
    "running": "running",
    "done": "done",
    "error": "failed",
}
