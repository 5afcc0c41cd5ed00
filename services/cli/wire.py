"""What the tool reads of the gateway's answers; keys it does not know are left alone."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

PEOPLE = "people"  # whom a task waits for that no service does
UNDER_WAY = frozenset({"running", "aborting"})


class Migration(BaseModel):
    """A migration as it stands."""

    id: str
    src_app_name: str
    dst_app_name: str
    app_id: str
    new_app_id: str
    source: str
    destination: str
    status: str
    started_at: datetime
    finished_at: datetime | None


class TaskProgress(BaseModel):
    """How far a running task is, and the seconds it may still take."""

    bytes: int
    total_bytes: int | None
    rows: int | None
    total_rows: int | None
    eta_seconds: int | None


class Task(BaseModel):
    """One unit of work in a step."""

    id: str
    step: str
    name: str
    label: str
    item: str | None
    service: str
    state: Literal["waiting", "running", "done", "error"]
    skipped: bool
    started_at: datetime | None
    finished_at: datetime | None
    message: str
    result: dict[str, Any]
    progress: TaskProgress | None = None

    @property
    def of_interest(self) -> bool:
        """Whether it is worth a line: of an abort, only what there was to undo is."""
        return not (self.skipped and self.step == "abort")

    def under_its_item(self) -> "Task":
        """Return it with a label that leaves out what it is about, such as an addon."""
        return self.model_copy(update={"label": self.label.removesuffix(f" {self.item}")})


class Snapshot(BaseModel):
    """A migration and its tasks, as of one moment."""

    migration: Migration
    tasks: list[Task]

    @property
    def settled(self) -> bool:
        """Whether nothing happens any more until somebody asks for it."""
        return self.migration.status not in UNDER_WAY

    @property
    def awaiting_approval(self) -> str:
        """The step that waits for a second person, "" if none does."""
        waiting = (task.step for task in self.tasks if task.service == PEOPLE and task.state == "running")
        return next(waiting, "")

    def result(self, name: str) -> dict[str, Any]:
        """Return what the task of that name has told, or nothing."""
        return next((task.result for task in reversed(self.tasks) if task.name == name), {})

    def with_progress(self, task_id: str, progress: TaskProgress) -> "Snapshot":
        """Say how far one of the tasks is."""
        known = [
            task.model_copy(update={"progress": progress}) if task.id == task_id else task
            for task in self.tasks
        ]
        return self.model_copy(update={"tasks": known})

    def without(self, hidden: frozenset[str]) -> "Snapshot":
        """Leave out the tasks with these ids."""
        return self.model_copy(update={"tasks": [task for task in self.tasks if task.id not in hidden]})

    def latest_step(self) -> "Snapshot":
        """Keep the tasks of the step that was run last, of every task its last attempt."""
        step = self.tasks[-1].step if self.tasks else ""
        attempts = {(task.name, task.item): task for task in self.tasks if task.step == step}
        return self.model_copy(update={"tasks": list(attempts.values())})


class Pagination(BaseModel):
    """Where a page is among all."""

    prev_page: int | None
    current_page: int
    next_page: int | None
    total_pages: int
    total_count: int


class Meta(BaseModel):
    """What is told beside a list."""

    pagination: Pagination


class Listing(BaseModel):
    """A page of migrations, and the regions that did not say which apps are the user's."""

    migrations: list[Migration]
    meta: Meta
    unreachable_regions: list[str]


class App(BaseModel):
    """An app, as its region shows it."""

    name: str
    base_url: str


class DnsRecord(BaseModel):
    """A DNS record of a custom domain: what it holds, and what it must hold for the new region."""

    domain: str
    type: Literal["CNAME", "A", "AAAA"]
    held: list[str] = Field(alias="from")
    wanted: list[str] = Field(alias="to")
    status: Literal["change", "ok", "unknown"]
