"""Each item of the migration guide: in the new region it is what it was in the old one, as its owner sees it.

One app that has everything moves once, under a new name; each test looks at one thing. The last one, which
takes the app back, ends the journey.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from local.postgres import BIN
from tests.cli.tool import Output
from tests.end_to_end.journey import CHANGES, NAME, NEW_NAME, READS, Journey, attempt, ids, travel
from tests.end_to_end.secrecy import kept_secrets, lines, logs, told, values
from tests.end_to_end.visitor import Secure, says, send, talk
from tests.end_to_end.whole_app import DRAIN, DRAIN_OF_ADDON, EVENTS, LIMITS, SETTINGS, contents
from tests.end_to_end.world import DESTINATION, SOURCE, World
from tests.workers.owner import Owner

pytestmark = pytest.mark.anyio

OWN_HOST, NEW_OWN_HOST = f"{NAME}.{SOURCE}.localhost", f"{NEW_NAME}.{DESTINATION}.localhost"


@pytest.fixture(scope="module")
async def moved(world: World) -> Journey:
    return await travel(world)


@pytest.fixture
async def there(world: World) -> AsyncIterator[Owner]:
    async with world.working(DESTINATION) as owner:
        yield owner


async def test_the_commands_print_what_the_guide_shows(moved: Journey) -> None:
    created, prepared, data, finalized = moved.printed.values()
    call = f"storky --dir {moved.world.directory} --region {SOURCE} --app {NAME} migration-run"
    assert {
        name: created.field(name) for name in ("Migrating app", "Destination", "New app ID", "Status")
    } == {
        "Migrating app": NAME,
        "Destination": DESTINATION,
        "New app ID": "N/A",
        "Status": "preflight-success",
    }
    for check in ("Check addon versions", "Check certificate validity", "Check addons compatibility"):
        assert f"✔ {check} Done!" in created.lines
    assert "Your app can be migrated to the osc-fr1 zone." in created.lines
    assert f"{call} --prepare {moved.migration}" in created.lines
    assert "Application on region 'osc-fr1' has been prepared, you can now:" in prepared.lines
    assert f"{call} --data {moved.migration}" in prepared.lines
    assert data.lines[:4] == [
        "The following operations will be achieved:",
        " - Stop your old app",
        " - Create addons on the 'osc-fr1' region",
        " - Import addons data",
    ]
    assert data.lines[-1] == f"{call} --finalize {moved.migration}"
    assert (
        f" - Redirect the traffic coming to '{NAME}' on the old region to '{NEW_NAME}' on 'osc-fr1'"
        in finalized.lines
    )
    assert f"Your application is now available at: {moved.new['app']['base_url']}" in finalized.lines
    was = f"(it is {OWN_HOST})"
    assert f"       - CNAME record of {moved.app.canonical} should be changed to {NEW_OWN_HOST} {was}" in (
        finalized.lines
    )
    assert f"       - A record of {moved.app.domain} should be changed from 192.0.2.7 to 127.0.0.1" in (
        finalized.lines
    )
    for output in moved.printed.values():
        assert [line for line in output.lines if line.startswith("✘")] == []


async def test_each_item_is_a_line_of_its_own(moved: Journey) -> None:
    done = {line for output in moved.printed.values() for line in output.lines if line.startswith("✔")}
    wanted = (
        "Create the new app",
        "Copy the settings",
        "Copy the soft limits",
        "Import the running build",
        "Copy the container formation",
        "Copy the environment variables",
        "Copy the collaborators",
        "Copy the SCM integration",
        "Copy the domains and certificates",
        "Copy the notifiers",
        "Copy the alerts",
        "Copy the log drains",
        "Copy the autoscalers",
        "Stop the source app",
        "Start the new app",
        "Redirect the traffic",
    )
    assert {f"✔ {item} Done!" for item in wanted} <= done


async def test_the_container_formation(moved: Journey) -> None:
    assert less(moved.new["containers"], "app_id") == less(moved.old["containers"], "app_id")
    running = [sorted(each["label"] for each in side["ps"]) for side in (moved.old, moved.new)]
    assert running == [["clock-1", "web-1", "web-2"]] * 2


async def test_settings_and_soft_limits(moved: Journey) -> None:
    copied = {*SETTINGS, "limits", "stack_id", "owner"}
    assert {name: moved.new["app"][name] for name in copied} == {
        name: moved.old["app"][name] for name in copied
    }
    assert (SETTINGS | {"limits": LIMITS}).items() <= moved.new["app"].items()


async def test_the_build_that_ran_which_is_not_the_latest(moved: Journey) -> None:
    (build,) = moved.new["deployments"]
    assert (build["status"], build["git_ref"]) == ("success", "v1")
    answer, _ = await secure(moved, DESTINATION).get(moved.app.canonical)
    assert (await says(answer))["build"] == "first"


async def test_variables_less_those_of_the_addons(moved: Journey, there: Owner) -> None:
    old, new = ({each["name"]: each for each in side["variables"]} for side in (moved.old, moved.new))
    assert new.keys() == old.keys()
    provided = {name for name, each in old.items() if each["addon_id"]}
    assert {name for name, each in new.items() if each["addon_id"]} == provided
    for name in old.keys() - provided:
        assert new[name]["value"] == old[name]["value"]
    for name in provided - {"DATABASE_URL", "REDIS_URL"}:  # which are aliases
        assert new[name]["value"] != old[name]["value"]
    resolved = (await there.call("GET", f"/apps/{NEW_NAME}/variables?aliases=true"))["variables"]
    assert {each["value"] for each in resolved if each["name"] in ("ALIAS", "GREETING")} == {"hello"}
    assert "or its databases: OLD_ADDRESS, OLD_DATABASE\n" in moved.printed["prepare"].stdout


async def test_collaborators_who_have_accepted(moved: Journey) -> None:
    assert {each["status"] for each in moved.old["collaborators"]} == {"accepted", "pending"}
    accepted = [each for each in moved.old["collaborators"] if each["status"] == "accepted"]
    assert less(moved.new["collaborators"], "id", "app_id") == less(accepted, "id", "app_id")
    assert "1 collaborator has not accepted the invitation yet" in moved.printed["prepare"].stdout


async def test_the_scm_integration(moved: Journey) -> None:
    own = ("id", "app_id", "created_at", "updated_at")
    assert less([moved.new["scm_repo_link"]], *own) == less([moved.old["scm_repo_link"]], *own)


async def test_domains_with_the_canonical_one(moved: Journey) -> None:
    assert less(moved.new["domains"], "id", "app_id") == less(moved.old["domains"], "id", "app_id")
    assert [each["name"] for each in moved.new["domains"] if each["canonical"]] == [moved.app.canonical]


async def test_notifiers_and_the_alerts_that_tell_them(moved: Journey) -> None:
    old, new = moved.old["notifiers"], moved.new["notifiers"]
    ids_here = ("id", "app_id", "platform_id", "selected_event_ids", "created_at", "updated_at")
    assert less(new, *ids_here) == less(old, *ids_here)
    new_names = {each["id"]: each["name"] for each in new}
    own = ("id", "app_id", "notifiers", "created_at", "updated_at")
    assert less(moved.new["alerts"], *own) == less(moved.old["alerts"], *own)
    (alert,) = moved.new["alerts"]
    assert {new_names[each] for each in alert["notifiers"]} == {"the webhook", "the e-mail"}


async def test_a_notifier_selects_the_same_events_by_the_new_region_s_ids(
    moved: Journey, there: Owner
) -> None:
    types = {each["id"]: each["name"] for each in (await there.call("GET", "/event_types"))["event_types"]}
    selected = {each["name"]: each["selected_event_ids"] for each in moved.new["notifiers"]}
    assert {types[each] for each in selected["the webhook"]} == set(EVENTS)


async def test_log_drains_of_the_app_and_of_an_addon(moved: Journey, there: Owner) -> None:
    for key in ("log_drains", "addons/{addon}/log_drains"):
        assert less(moved.new[key], "app_id") == less(moved.old[key], "app_id")
    addon = ids(moved.new)["addon"]
    for path, url in (("", DRAIN), (f"/addons/{addon}", DRAIN_OF_ADDON)):
        # Its token is shown to nobody; but the same drain, with the same token, cannot be added twice.
        order = {"drain": {"type": "elk", "url": url}}
        again = await there.http.post(f"/v1/apps/{NEW_NAME}{path}/log_drains", json=order)
        assert (again.status_code, list(again.json()["errors"])) == (422, ["url"])


async def test_autoscalers(moved: Journey) -> None:
    assert less(moved.new["autoscalers"], "id", "app_id") == less(moved.old["autoscalers"], "id", "app_id")


async def test_addons_of_the_same_plan_and_version_with_their_data(moved: Journey, there: Owner) -> None:
    old, new = (
        {
            (each["addon_provider"]["id"], each["plan"]["name"], each["version"], each["status"])
            for each in side["addons"]
        }
        for side in (moved.old, moved.new)
    )
    assert new == old
    assert len(new) == 3
    assert await contents(there, NEW_NAME) == moved.contents


async def test_everything_is_read_only_from_prepare_on(moved: Journey) -> None:
    assert len(moved.while_frozen) == len(CHANGES) + 1
    for call, status, code, error in moved.while_frozen:
        assert (status, code) == (403, "app_migrating"), (call, error)
        assert f"migration {moved.migration}" in error
        assert "abort" in error


async def test_the_old_app_stays_read_only_when_all_is_done(moved: Journey) -> None:
    async with moved.world.working(SOURCE) as owner:
        assert (await owner.status(NAME)) == "migrated"
        for change in CHANGES:
            call, status, code, error = await attempt(owner, moved.old, change)
            assert (status, code) == (403, "app_migrated"), (call, error)
            assert f"{DESTINATION}/{NEW_NAME}" in error
        for path in READS:
            await owner.call("GET", f"/apps/{NAME}{path.format(**ids(moved.old))}")


async def test_no_secret_and_no_address_is_in_an_event_a_message_a_trace_or_a_log(moved: Journey) -> None:
    directory = moved.world.directory
    secrets = [*kept_secrets(directory), *secrets_of(moved)]
    assert len(secrets) > 30
    for file in logs(directory):
        assert told(file.read_bytes(), secrets) == [], file
    assert b"traceparent" in moved.overheard[0]
    for message in moved.overheard:
        assert told(message, secrets) == []
    database = await anyio.run_process(
        [BIN / "pg_dump", "--schema=public", "--schema=projections*", moved.world.system.endpoints.database]
    )
    assert f'"migration_id":"{moved.migration}"'.encode() in database.stdout
    assert told(database.stdout, secrets) == []


def secrets_of(moved: Journey) -> Iterator[bytes]:
    """Yield all by which the app's data, variables, certificates, tokens and people would be seen."""
    for shown in (moved.old, moved.new):
        yield from values({each["name"]: each["value"] for each in shown["variables"]})
    yield from lines(moved.app.secured.tlskey)
    yield from lines(moved.app.secured.tlscert)
    yield from (b"hunter2", b"order 499", b"a large object", b"@example.com")


async def test_certificates_are_served_by_both_fronts(moved: Journey) -> None:
    uploaded = ssl.PEM_cert_to_DER_cert(moved.app.secured.tlscert)
    shown = [await secure(moved, region).get(moved.app.canonical) for region in (SOURCE, DESTINATION)]
    assert [certificate for _, certificate in shown] == [uploaded, uploaded]
    issued = [await secure(moved, region).get(moved.app.domain) for region in (SOURCE, DESTINATION)]
    assert issued[0][1] == issued[1][1]  # Let's Encrypt's has moved too: it is that of the old region


async def test_the_new_region_keeps_the_rules_for_visitors(moved: Journey) -> None:
    """Whether they are met depends on how the visitor came, to the old front or to the new one."""
    for region in (SOURCE, DESTINATION):
        plain = await moved.world.visit(region, moved.app.canonical, "/a?b")
        assert (plain.status_code, host_of(plain)) == (308, moved.app.canonical)
        other, _ = await secure(moved, region).get(moved.app.domain, "/a?b")
        assert (other.status_code, host_of(other)) == (302, moved.app.canonical)
        told = await says((await secure(moved, region).get(moved.app.canonical))[0])
        assert told["region"] == DESTINATION
        assert (told["headers"]["host"], told["headers"]["x-forwarded-proto"]) == (
            moved.app.canonical,
            "https",
        )
        challenge = await moved.world.visit(region, moved.app.domain, "/.well-known/acme-challenge/x")
        assert (await says(challenge))["path"] == "/.well-known/acme-challenge/x"
    own, _ = await secure(moved, SOURCE).get(OWN_HOST)
    assert (own.status_code, host_of(own)) == (302, moved.app.canonical)


async def test_all_that_visitors_send_passes_the_old_front(moved: Journey, there: Owner) -> None:
    await without_redirects(moved, there)
    front = moved.world.front(SOURCE)
    for host, seen in ((moved.app.domain, moved.app.domain), (OWN_HOST, NEW_OWN_HOST)):
        told = [await says(await moved.world.visit(SOURCE, host, "/a?b"))]
        told += [await says((await secure(moved, SOURCE).get(host, "/a?b"))[0])]
        assert [(each["region"], each["path"]) for each in told] == [(DESTINATION, "/a?b")] * 2
        assert [each["headers"]["host"] for each in told] == [seen, seen]
        assert [each["headers"]["x-forwarded-proto"] for each in told] == ["http", "https"]
        assert await talk(front, host, "are you there?") == "are you there?"
    assert await send(front, moved.app.domain, megabytes=50)


async def test_the_old_app_may_be_deleted_and_the_new_one_moves_back_under_its_old_name(
    moved: Journey, there: Owner
) -> None:
    await without_redirects(moved, there)
    async with moved.world.working(SOURCE) as here:
        await here.call("DELETE", f"/apps/{NAME}?current_name={NAME}")
        assert await here.status(NAME) is None
        assert await answered_by(moved) == {DESTINATION}  # the hand-over outlives the app
        created = await back(moved, "migration-create", "--to", SOURCE, "--new-name", NAME)
        migration = created.field("Migration ID")
        await back(moved, "migration-run", "--prepare", migration)
        assert await answered_by(moved) == {DESTINATION}
        await back(moved, "migration-run", "--data", migration)
        assert await answered_by(moved) == {503}
        await back(moved, "migration-run", "--finalize", migration)
        assert await answered_by(moved) == {SOURCE}
        assert await contents(here, NAME) == moved.contents
        assert await here.status(NAME) == "running"
    assert await there.status(NEW_NAME) == "migrated"


async def back(moved: Journey, *words: str) -> Output:
    return await moved.world.command(NEW_NAME, *words, region=DESTINATION)


async def answered_by(moved: Journey) -> set[str | int]:
    """Return the regions that answer, under all of the app's names and at both fronts; or the status."""
    hosts = {SOURCE: OWN_HOST, DESTINATION: NEW_OWN_HOST}
    answers = [
        await moved.world.visit(front, host)
        for front, own in hosts.items()
        for host in (own, moved.app.domain, moved.app.canonical)
    ]
    return {answer.json()["region"] if answer.is_success else answer.status_code for answer in answers}


async def without_redirects(moved: Journey, there: Owner) -> None:
    """Take back the rules by which the app sends visitors elsewhere: it is its owner's to change again."""
    canonical = next(each["id"] for each in moved.new["domains"] if each["canonical"])
    await there.call("PATCH", f"/apps/{NEW_NAME}/domains/{canonical}", {"domain": {"canonical": False}})
    await there.call("PUT", f"/apps/{NEW_NAME}", {"force_https": False})


def less(things: list[dict[str, Any]], *own: str) -> list[dict[str, Any]]:
    """Leave out what each region has of its own, and the order."""
    return sorted(
        ({key: value for key, value in each.items() if key not in own} for each in things),
        key=lambda each: str(sorted(each.items(), key=str)),
    )


def host_of(answer: Any) -> str:
    return str(answer.next_request.url.host)


def secure(moved: Journey, region: str) -> Secure:
    """Return a visitor who trusts the app's own certificate and the authority of the old region."""
    authority = Path(moved.world.directory) / SOURCE / "region" / "authority.pem"
    trust = ssl.create_default_context(cafile=str(authority))
    trust.load_verify_locations(cadata=moved.app.secured.tlscert)
    return Secure(moved.world.system.endpoints.regions[region], trust)
