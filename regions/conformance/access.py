"""Who may call, and by which rules calls are repeated."""

# ruff: noqa: D401 - a check's docstring is the requirement

from uuid import uuid4

from regions.conformance.probe import TEMPLATE, Probe, expect, refused

UNAUTHORIZED, BAD_REQUEST, UNPROCESSABLE = 401, 400, 422


async def a_call_needs_a_credential(probe: Probe) -> None:
    """Without a credential, or with a wrong one, the answer is 401."""
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}):
        answer = await probe.http.get("/v1/apps", headers=headers)
        expect(answer.status_code == UNAUTHORIZED, f"401 for a bad credential, not {answer.status_code}")


async def a_change_needs_the_headers_of_a_migration(probe: Probe) -> None:
    """A mutating service call without them is 400 headers_missing, and changes nothing."""
    name = probe.name()
    answer = await probe.http.post("/v1/apps", json={"app": {"name": name}})
    expect(answer.status_code == BAD_REQUEST, f"400 without the headers, not {answer.status_code}")
    expect(answer.json().get("code") == "headers_missing", "code headers_missing without the headers")
    await refused(probe.region.app(name), "not_found", "an app that was not allowed")


async def a_key_has_one_effect(probe: Probe) -> None:
    """The same key and request answers the same; with another request it is 422."""
    migration, name = probe.migration(), probe.name()
    grant = migration.grant(f"{uuid4()}/create/")
    body = {"app": {"name": name}, "migration": {"source_region": "elsewhere", "source_app": name}}
    first = await probe.send("POST", "/v1/apps", grant, body)
    again = await probe.send("POST", "/v1/apps", grant, body)
    expect(again.status_code == first.status_code, "the same key answers the remembered status")
    expect(again.content == first.content, "the same key answers the remembered body")
    other = await probe.send("POST", "/v1/apps", grant, {**body, "app": {"name": probe.name()}})
    expect(other.status_code == UNPROCESSABLE, f"422 for a used key, not {other.status_code}")
    expect("Idempotency-Key" in other.json().get("errors", {}), "the error names the field Idempotency-Key")


async def only_successes_are_remembered(probe: Probe) -> None:
    """A key whose call was refused is free for the same call once it can succeed."""
    migration, other = probe.migration(), probe.migration()
    name, grant = await probe.app(other), migration.grant()
    await refused(probe.create(name, grant), "refused", "a name that is taken")
    await probe.region.delete_app(name, other.grant())
    created = await probe.create(name, grant)
    expect(created.migration_id == migration.id, "an app carries the id of the migration that made it")


async def making_twice_makes_one(probe: Probe) -> None:
    """What the migration has made already is answered; to another migration it is a conflict."""
    migration, name = probe.migration(), probe.name()
    first = await probe.create(name, migration.grant())
    again = await probe.create(name, migration.grant())
    expect(again.id == first.id, "creating an app twice in one migration answers the same app")
    await refused(probe.create(name, probe.migration().grant()), "refused", "a name that is taken")


async def an_app_keeps_the_owner_it_had(probe: Probe) -> None:
    """The owner comes along from the source region."""
    created = await probe.create(probe.name(), probe.migration().grant())
    expect(created.owner.id == TEMPLATE.owner.id, "the new app belongs to the owner of the old one")
