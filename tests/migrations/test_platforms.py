"""What an internal platform may do, and who says so."""

from typing import Any

import pytest

from events import facts
from events.commands import (
    AbortMigration,
    ApproveStep,
    MigrationCommand,
    RegisterPlatform,
    RemovePlatform,
    RunStep,
)
from events.facts import Fact, PlatformRegistered, PlatformRemoved
from events.policies import policy_of
from events.vocabulary import OPERATOR, AppRef, Permission, Step
from services.migrations import platforms
from services.migrations.context import Context
from services.migrations.decide import decide
from services.migrations.rejections import RejectedError
from services.migrations.state import Migration
from tests.migrations.story import ABORT, CREATE, DESTINATION, MIGRATION, REGIONS, SOURCE, Story

REGISTER = RegisterPlatform(
    name="billing",
    may=(Permission.CREATE, Permission.RUN),
    apps=("my-*", "other"),
    regions=("agora-fr1", "osc-fr1"),
    subscriptions=("MigrationDone.#",),
)
POLICY = PlatformRegistered(**REGISTER.model_dump())


def sent(
    command: MigrationCommand, state: Migration | None = None, *, publisher: str = "billing", **changes: Any
) -> list[Fact]:
    policy = None if changes.pop("unregistered", False) else POLICY.model_copy(update=changes)
    return decide(state, command, Context(publisher, REGIONS, policy=policy))


def refused(*arguments: Any, **more: Any) -> RejectedError:
    with pytest.raises(RejectedError) as refusal:
        sent(*arguments, **more)
    return refusal.value


def prepared() -> Migration:
    return Story().through(Step.PREFLIGHT).state


def test_a_platform_does_what_its_policy_says_in_its_own_name() -> None:
    assert isinstance(sent(CREATE)[0], facts.MigrationCreated)
    (started, *_) = sent(RunStep(migration_id=MIGRATION, step=Step.PREPARE), prepared())
    assert isinstance(started, facts.StepStarted)
    assert started.requested_by == "billing"


def test_who_is_not_registered_may_do_nothing() -> None:
    assert refused(CREATE, unregistered=True).code == "not_registered"
    assert refused(ABORT, prepared(), unregistered=True).code == "not_registered"


@pytest.mark.parametrize("publisher", ["storky-apps", "storky-timers", "storky-operator"])
def test_storky_s_own_services_are_no_platforms(publisher: str) -> None:
    assert refused(CREATE, publisher=publisher, unregistered=True).code == "not_registered"


@pytest.mark.parametrize(
    ("command", "permission"),
    [
        (ABORT, "abort"),
        (RunStep(migration_id=MIGRATION, step=Step.ABORT), "abort"),
        (AbortMigration(migration_id=MIGRATION), "abort"),
        (ApproveStep(migration_id=MIGRATION, step=Step.PREPARE), "approve"),
    ],
)
def test_what_a_policy_does_not_permit_is_refused_and_named(
    command: MigrationCommand, permission: str
) -> None:
    refusal = refused(command, prepared())
    assert refusal.code == "not_permitted"
    assert refusal.reason == f"The policy of billing lacks: the permission {permission}."


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"may": ()}, "the permission create"),
        ({"regions": ("agora-fr1",)}, "the region osc-fr1"),
        ({"regions": ("osc-fr1",)}, "the region agora-fr1"),
        ({"apps": ("billing-*",)}, "the app my-app"),
        ({"apps": ("my-app-*", "MY-APP", "my-ap")}, "the app my-app"),
        ({"apps": (), "regions": ("osc-fr1",)}, "the region agora-fr1, the app my-app"),
    ],
)
def test_both_regions_and_the_app_must_be_its_own(changes: dict[str, Any], lacking: str) -> None:
    assert refused(CREATE, **changes).reason == f"The policy of billing lacks: {lacking}."


def test_it_cannot_take_a_name_in_the_destination_that_is_not_its_own() -> None:
    elsewhere = CREATE.model_copy(update={"destination": AppRef(region="osc-fr1", app="portal")})
    assert refused(elsewhere).reason == "The policy of billing lacks: the app portal."


def test_it_cannot_touch_the_migration_of_another_app() -> None:
    state = prepared()
    assert (state.source, state.destination) == (SOURCE, DESTINATION)
    refusal = refused(RunStep(migration_id=MIGRATION, step=Step.PREPARE), state, apps=("billing-*",))
    assert refusal.code == "not_permitted"


def test_a_policy_is_replaced_kept_and_removed() -> None:
    (first,) = platforms.decide(None, REGISTER, OPERATOR, REGIONS)
    assert first == POLICY
    assert platforms.decide(POLICY, REGISTER, OPERATOR, REGIONS) == []
    narrower = REGISTER.model_copy(update={"may": ()})
    (second,) = platforms.decide(POLICY, narrower, OPERATOR, REGIONS)
    (removed,) = platforms.decide(POLICY, RemovePlatform(name="billing"), OPERATOR, REGIONS)
    assert removed == PlatformRemoved(name="billing")
    assert policy_of([first, second]) == second
    assert policy_of([first, second, removed]) is None
    assert {fact.stream for fact in (first, second, removed)} == {"platform/billing"}


@pytest.mark.parametrize(
    ("command", "publisher", "code"),
    [
        (REGISTER, "billing", "not_operator"),
        (REGISTER, "storky-gateway", "not_operator"),
        (RemovePlatform(name="billing"), "portal", "not_operator"),
        (RemovePlatform(name="billing"), OPERATOR, "unknown_platform"),
        (REGISTER.model_copy(update={"regions": ("osc-fr1", "nowhere-1")}), OPERATOR, "unknown_region"),
        (REGISTER.model_copy(update={"name": "storky-apps"}), OPERATOR, "reserved_name"),
        (REGISTER.model_copy(update={"name": "anonymous"}), OPERATOR, "reserved_name"),
        (
            REGISTER.model_copy(update={"subscriptions": ("MigratonDone.#",)}),
            OPERATOR,
            "invalid_subscription",
        ),
    ],
)
def test_only_the_operator_says_what_a_platform_may_do_and_only_what_makes_sense(
    command: RegisterPlatform | RemovePlatform, publisher: str, code: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        platforms.decide(None, command, publisher, REGIONS)
    assert refusal.value.code == code
