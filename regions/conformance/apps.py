"""An app's configuration and its processes."""

# ruff: noqa: D401 - a check's docstring is the requirement

from regions import model
from regions.conformance.probe import Probe, expect, refused

ACCEPTED, UNPROCESSABLE = 202, 422
FORMATION = (
    model.Container(name="clock", amount=0, size="S", command="sleep 3600"),
    model.Container(name="web", amount=2, size="M", command=""),
)


async def a_formation_is_written_and_not_started(probe: Probe) -> None:
    """Names, amounts, sizes and commands are read back as they were written."""
    migration = probe.migration()
    app = await probe.app(migration)
    await probe.region.set_formation(app, FORMATION, migration.grant())
    containers = {container.name: container for container in await probe.region.containers(app)}
    for wanted in FORMATION:
        found = containers.get(wanted.name)
        expect(found is not None and found.amount == wanted.amount, f"the amount of {wanted.name}")
        expect(found is not None and found.size == wanted.size, f"the size of {wanted.name}")
        expect(found is not None and (found.command or "") == wanted.command, f"the command of {wanted.name}")


async def variables_are_kept_as_written(probe: Probe) -> None:
    """Unresolved: an alias stays an alias; writing some leaves the others."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    await region.set_variables(app, [model.Variable(name="ONE", value="1")], migration.grant())
    await region.set_variables(app, [model.Variable(name="ALIAS", value="$ONE")], migration.grant())
    values = {variable.name: variable.value for variable in await region.variables(app)}
    expect(values.get("ONE") == "1", "a variable that was not named again stays")
    expect(values.get("ALIAS") == "$ONE", "with aliases=false an alias is not resolved")


async def settings_can_be_changed(probe: Probe) -> None:
    """Sticky sessions, HTTPS alone, router logs."""
    migration = probe.migration()
    app = await probe.app(migration)
    wanted = (await probe.region.app(app)).model_copy(update={"force_https": True, "sticky_session": True})
    await probe.region.change_settings(app, wanted, migration.grant())
    found = await probe.region.app(app)
    expect(found.force_https and found.sticky_session, "the settings are read back as they were written")


async def an_operation_can_be_asked_for_twice(probe: Probe) -> None:
    """The same key answers the same operation, with its address; it ends."""
    migration = probe.migration()
    app, grant = await probe.app(migration), migration.grant()
    first = await probe.send("POST", f"/v1/apps/{app}/stop", grant, {})
    again = await probe.send("POST", f"/v1/apps/{app}/stop", grant, {})
    expect(first.status_code == ACCEPTED, f"an operation is answered with 202, not {first.status_code}")
    expect("Location" in first.headers, "an operation is answered with its Location")
    operation = model.Operation.model_validate(first.json()["operation"])
    expect(again.json()["operation"]["id"] == operation.id, "the same key answers the same operation")
    await probe.done(app, operation)


async def stopping_and_starting_can_be_repeated(probe: Probe) -> None:
    """Stopping a stopped app succeeds, and so does starting an app without a build, which stays new."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    for _ in range(2):
        await probe.done(app, await region.stop_app(app, migration.grant()))
    await probe.done(app, await region.start_app(app, migration.grant()))
    expect((await region.app(app)).status == "new", "an app without a build stays new when started")


async def a_build_comes_from_a_region_only(probe: Probe) -> None:
    """Without a build the answer is 404 build; a source that is no region is refused."""
    migration = probe.migration()
    app, region = await probe.app(migration), probe.region
    answer = await probe.http.get(f"/v1/apps/{app}/build")
    expect(answer.json().get("resource") == "build", "404 with resource build for an app without one")
    elsewhere = model.Build(
        deployment_id="elsewhere", digest="0" * 64, size_bytes=1, url="http://192.0.2.1/build.tar.gz"
    )
    await refused(region.import_build(app, elsewhere, migration.grant()), "refused", "a build from elsewhere")
