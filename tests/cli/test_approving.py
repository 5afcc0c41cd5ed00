"""A step that waits for a second person: who runs it is told what to do, and who approves lets it go on."""

from tests.cli.test_watching import until
from tests.cli.tool import SECONDS, Tool
from tests.gateway.stack import Stack, api_token
from tests.gateway.test_approval import approvals
from tests.gateway.test_migrations import fresh


def test_a_step_goes_on_when_somebody_else_approves_it(stack: Stack) -> None:
    storky = Tool(stack, fresh())
    operator = Tool(stack, storky.app, api_token("operator"))
    migration = storky.created()
    storky("migration-run", "--prepare", migration)
    refused = operator("migration-approve", migration, code=1)
    assert "No step waits for an approval; the migration is prepared." in refused.stderr
    approve = f"storky --region agora-fr1 --app {storky.app} migration-approve {migration}"
    with approvals(stack), storky.start("migration-run", "--finalize", migration) as process:
        until(process, approve)
        assert "Who ran the step cannot approve it" in storky("migration-approve", migration, code=1).stderr
        told = operator("migration-approve", migration).stdout
        assert told.splitlines()[0] == "The finalize step goes on. Follow it with:"
        rest, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, "now available at" in rest) == (0, True)
