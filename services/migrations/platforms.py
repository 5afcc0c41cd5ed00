"""Internal platforms: their policies, and whether a command is within one. Pure."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from events.bus.keys import event_keys, matches
from events.bus.topology import INTERNAL_PREFIX
from events.commands import (
    AbortMigration,
    ApproveStep,
    CreateMigration,
    MigrationCommand,
    Policy,
    RegisterPlatform,
    RunStep,
)
from events.facts import Fact, PlatformRegistered, PlatformRemoved
from events.vocabulary import GATEWAY, NOBODY, OPERATOR, AppRef, Permission, Step
from services.migrations.rejections import RejectedError


def decide(
    policy: PlatformRegistered | None, command: Policy, publisher: str, regions: frozenset[str]
) -> list[Fact]:
    """Return what a command of the operator leads to, given the policy until now; raises RejectedError."""
    if publisher != OPERATOR:
        raise RejectedError("not_operator", f"Only {OPERATOR} may say what a platform may do.")
    if isinstance(command, RegisterPlatform):
        _check(command, regions)
        wanted = PlatformRegistered(**command.model_dump())
        return [] if wanted == policy else [wanted]
    if policy is None:
        raise RejectedError("unknown_platform", f"There is no platform {command.name}.")
    return [PlatformRemoved(name=command.name)]


def permit(
    publisher: str,
    policy: PlatformRegistered | None,
    command: MigrationCommand,
    ends: tuple[AppRef, AppRef],
) -> None:
    """Raise RejectedError unless the publisher may send this command about an app that moves between `ends`.

    The gateway has asked the user's rights itself; a report, or a timer's command, is its owner's alone.
    """
    permission = _permission(command)
    if permission is None or publisher == GATEWAY:
        return
    if policy is None:
        raise RejectedError(
            "not_registered", f"{publisher} is not a registered platform; have the operator add it."
        )
    if missing := [*_missing(policy, permission, ends)]:
        raise RejectedError("not_permitted", f"The policy of {publisher} lacks: {', '.join(missing)}.")


def _check(command: RegisterPlatform, regions: frozenset[str]) -> None:
    if command.name.startswith(INTERNAL_PREFIX) or command.name == NOBODY:
        raise RejectedError("reserved_name", f"The name {command.name} is storky's own; choose another.")
    if unknown := set(command.regions) - regions:
        known = ", ".join(sorted(regions))
        raise RejectedError("unknown_region", f"No region {', '.join(sorted(unknown))}; there are {known}.")
    keys = event_keys()
    for pattern in command.subscriptions:
        if not any(matches(pattern, key) for key in keys):
            raise RejectedError(
                "invalid_subscription", f"No event has a routing key that {pattern!r} matches."
            )


def _permission(command: MigrationCommand) -> Permission | None:
    match command:
        case CreateMigration():
            return Permission.CREATE
        case AbortMigration() | RunStep(step=Step.ABORT):
            return Permission.ABORT
        case RunStep():
            return Permission.RUN
        case ApproveStep():
            return Permission.APPROVE
        case _:
            return None


def _missing(
    policy: PlatformRegistered, permission: Permission, ends: tuple[AppRef, AppRef]
) -> Iterable[str]:
    if permission not in policy.may:
        yield f"the permission {permission}"
    for end in ends:
        if end.region not in policy.regions:
            yield f"the region {end.region}"
    for name in dict.fromkeys(end.app for end in ends):
        if not any(fnmatchcase(name, glob) for glob in policy.apps):
            yield f"the app {name}"
