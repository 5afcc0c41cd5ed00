"""A migration, command by command, as the guide tells it."""

from uuid import UUID

from tests.cli.tool import Tool
from tests.gateway.stack import Stack
from tests.gateway.test_migrations import fresh
from tests.gateway.workers import RECORDS


def test_a_migration_from_create_to_finalize(stack: Stack) -> None:
    app = fresh("dns")
    storky = Tool(stack, app)
    call = f"storky --region agora-fr1 --app {app}"

    created = storky("migration-create", "--to", "osc-fr1")
    migration = created.field("Migration ID")
    assert UUID(migration)
    assert created.field("Migrating app") == app
    assert created.field("Destination") == "osc-fr1"
    assert created.field("New app ID") == "N/A"
    assert created.field("Status") == "preflight-success"
    assert {line for line in created.lines if line.startswith("✔")} == {
        "✔ Check addon versions Done!",
        "✔ Check certificate validity Done!",
        "✔ Check addons compatibility Done!",
        "✔ Check the app's state Done!",
        "✔ Check the destination Done!",
        "✔ Preflight checks Done!",
    }
    words = f"""
Your app can be migrated to the osc-fr1 zone.
To start the migration launch:

{call} migration-run --prepare {migration}
"""
    plan = storky("migration-plan", "--to", "osc-fr1").stdout
    assert plan.startswith(f"What a migration of '{app}' copies to '{app}' in osc-fr1:\n - app: 1 ({app})\n")
    assert "\nWhat is not moved:\n - scheduled tasks under way: " in plan
    assert f"\n - URL: https://{app}.agora-fr1.example -> http://{app}.osc-fr1.example:2. " in plan
    assert "\nThe app will be stopped for about " in plan
    assert created.stdout.endswith(f"{words}\n{plan}")

    prepared = storky("migration-run", "--prepare", migration)
    assert (prepared.field("Status"), prepared.field("New app ID")) == ("prepared", f"id-{app}")
    assert "✔ Create the new app Done!" in prepared.lines
    assert "✔ Copy the SCM integration Done! (nothing to do)" in prepared.lines
    assert "or its databases: SEARCH_URL\nChange them there" in prepared.stdout
    assert "2 collaborators have not accepted the invitation yet" in prepared.stdout
    assert prepared.stdout.endswith(f"""
Application on region 'osc-fr1' has been prepared, you can now:
- Let us migrate your data to 'osc-fr1' newly created databases with:
{call} migration-run --data {migration}
- Handle data migration manually, then finalizing the migration with:
{call} migration-run --finalize {migration}
""")

    data = storky("migration-run", "--data", migration)
    assert data.stdout.startswith("""\
The following operations will be achieved:
 - Stop your old app
 - Create addons on the 'osc-fr1' region
 - Import addons data
""")
    assert data.stdout.endswith(f"""
Data has been migrated to the 'osc-fr1' region
You can finalize the migration with:
{call} migration-run --finalize {migration}
""")

    done = storky("migration-run", "--finalize", migration)
    assert done.stdout.startswith(f"""\
The following operations will be achieved:
 - Start the new app
 - Redirect the traffic coming to '{app}' on the old region to '{app}' on 'osc-fr1'
""")
    assert done.field("Status") == "done"
    assert done.stdout.endswith(f"""
Your application is now available at: https://{app}.osc-fr1.example

-----> You need to make the following changes to your DNS records:

       - CNAME record of www.example.com should be changed to new.osc-fr1.example
       - A record of example.com should be changed from 192.0.2.1 to 192.0.2.9
       - AAAA record of example.com should be removed: it is 2001:db8::1

Until 2030-01-31 12:00:00 UTC the old region sends the app's visitors on. Then it stops.

Warning: the old app has addons that the new one lacks: redis (tiny)
""")


def test_a_failed_preflight_says_why_and_offers_no_abort(stack: Stack) -> None:
    app = fresh("uncheckable")
    storky = Tool(stack, app)
    refused = storky("migration-create", "--to", "osc-fr1", "--new-name", f"new-{app}", code=1)
    assert refused.field("Status") == "preflight-error"
    check, second_reason, verdict = refused.lines[9:12]
    assert check.startswith("✘ Check the destination The name")
    assert second_reason.startswith("osc-fr1 has no room")
    assert verdict.startswith("✘ Preflight checks Checks that failed: Check the destination.")
    assert "✔ Check addon versions Done!" in refused.lines
    assert "migration-abort" not in refused.stdout
    call = f"storky --region agora-fr1 --app {app}"
    assert refused.stdout.endswith(f"{call} migration-create --to osc-fr1 --new-name new-{app}\n")

    shown = storky("migrations").lines
    assert len([line for line in shown if "osc-fr1" in line and "preflight-error" in line]) == 1
    listed = storky("migrations", "--json").json
    assert [migration["status"] for migration in listed["migrations"]] == ["preflight-error"]


def test_a_failed_step_can_be_run_again_or_undone(stack: Stack) -> None:
    app = fresh("unbuildable")
    storky = Tool(stack, app)
    call = f"storky --region agora-fr1 --app {app}"
    migration = storky.created()
    failed = storky("migration-run", "--prepare", migration, code=1)
    assert failed.field("Status") == "error"
    assert any(line.startswith("✘ Import the running build ") for line in failed.lines)
    assert f"{call} migration-run --prepare {migration}" in failed.lines
    assert f"{call} migration-abort {migration}" in failed.lines
    again = storky("migration-run", "--prepare", migration, code=1)
    assert "✔ Create the new app Done!" not in again.lines  # done the first time

    aborted = storky("migration-abort", migration)
    assert aborted.lines[:3] == [
        f"Migration ID: {migration}",
        f"Migrating app: {app}",
        "Destination: osc-fr1",
    ]
    assert "✔ Abort: Delete new app Done!" in aborted.lines
    assert aborted.stdout.endswith(f"""
The migration '{migration}' has been aborted
You can retry it with:
{call} migration-create --to osc-fr1
""")


def test_the_result_for_programs_is_one_object(stack: Stack) -> None:
    storky = Tool(stack, fresh("dns"))
    created = storky("migration-create", "--to", "osc-fr1", "--json").json
    assert (created["ok"], created["migration"]["status"]) == (True, "preflight-success")
    migration = created["migration"]["id"]
    assert {task["state"] for task in created["tasks"]} == {"done"}
    planned = storky("--json", "migration-plan", "--to", "osc-fr1").json
    assert planned == {"ok": True, **created["plan"]}
    storky("--json", "migration-run", "--prepare", migration)
    finalized = storky("--json", "--yes", "migration-run", "--finalize", migration)
    assert " - Stop your old app" in finalized.stderr  # there was no data step
    done = finalized.json
    assert "you should have: postgresql (small)" in finalized.stderr
    assert done["arrival"] == {
        "url": f"https://{storky.app}.osc-fr1.example",
        "records": RECORDS,
        "redirected_until": "2030-01-31T12:00:00Z",
    }
    refused = storky("--json", "migration-run", "--data", migration, code=1).json
    assert refused.keys() == {"ok", "error"}
