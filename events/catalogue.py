"""Every message by its name, and the one place where old versions are lifted to the current one.

Events are read for ever. A message's schema version stays when a field is added that has a default (what was
written before reads as the default) or when a constraint is loosened. Anything else (a field that is renamed,
removed, or means something else) makes a new version: a line in UPCASTERS, and a golden file of the old one.
"""

from collections.abc import Callable, Mapping
from typing import Any

from events import commands, facts
from events.vocabulary import Message


class UnknownMessageError(Exception):
    """The name, or the schema version, is not one this release knows. The text quotes neither."""


COMMANDS: Mapping[str, type[Message]] = {
    model.__name__: model
    for model in (
        commands.CreateMigration,
        commands.RunStep,
        commands.AbortMigration,
        commands.ApproveStep,
        commands.ReportTaskSucceeded,
        commands.ReportTaskFailed,
        commands.RemindOfHandover,
        commands.ExpireHandover,
        commands.RefuseCommand,
        commands.RegisterPlatform,
        commands.RemovePlatform,
    )
}

FACTS: Mapping[str, type[facts.Fact]] = {
    model.__name__: model
    for model in (
        facts.MigrationCreated,
        facts.AppClaimed,
        facts.AppReleased,
        facts.StepStarted,
        facts.TaskRequested,
        facts.TaskSucceeded,
        facts.TaskFailed,
        facts.StepSucceeded,
        facts.StepFailed,
        facts.MigrationDone,
        facts.MigrationAborted,
        facts.HandoverExpiring,
        facts.HandoverExpired,
        facts.CommandRejected,
        facts.PlatformRegistered,
        facts.PlatformRemoved,
    )
}

# (name, version) -> how to turn that version's data into the next version's. Never remove a line.
UPCASTERS: Mapping[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


def schema_version(name: str) -> int:
    """Return the version in which messages of this name are written today (1 when it was never changed)."""
    return 1 + max((version for known, version in UPCASTERS if known == name), default=0)


def decode_command(name: str, version: int, data: dict[str, Any]) -> Message:
    """Return the command.

    Raises UnknownMessageError for a name or version of the future, pydantic's ValidationError for bad data.
    """
    return _decode(COMMANDS, name, version, data)


def decode_fact(name: str, version: int, data: dict[str, Any]) -> facts.Fact:
    """Return the event as the current release understands it; raises as decode_command does."""
    fact = _decode(FACTS, name, version, data)
    assert isinstance(fact, facts.Fact)
    return fact


def _decode(models: Mapping[str, type[Message]], name: str, version: int, data: dict[str, Any]) -> Message:
    if name not in models:
        raise UnknownMessageError(f"unknown message type; known are {', '.join(sorted(models))}")
    current = schema_version(name)
    if not 1 <= version <= current:
        raise UnknownMessageError(f"unknown version of {name}; this release knows 1 to {current}")
    for step in range(version, current):
        data = UPCASTERS[name, step](data)
    return models[name].model_validate(data)
