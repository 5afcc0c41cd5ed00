"""The examples of platforms, in whatever language: they are run as they stand, against the whole system."""

import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import pytest

from tests.cli.tool import Output
from tests.end_to_end.world import DESTINATION, SOURCE, World

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = {"python": [sys.executable, str(EXAMPLES / "migrate.py")], "shell": [str(EXAMPLES / "migrate.sh")]}
POLICY = (
    *("--may", "create,run", "--apps", "by-example-*", "--regions", f"{SOURCE},{DESTINATION}"),
    *("--subscribe", "MigrationCreated.#", "--subscribe", "CommandRejected.#"),
    *("--subscribe", "StepStarted.#", "--subscribe", "StepSucceeded.#", "--subscribe", "StepFailed.#"),
)

Example = Callable[..., Awaitable[Output]]


@pytest.fixture(scope="module")
async def environment(world: World) -> AsyncIterator[dict[str, str]]:
    """All that the examples are told: where the broker is, and who they are there."""
    password = (await world.storky("platform", "add", "shop", *POLICY))["password"]
    admin = urlsplit(world.system.endpoints.amqp[0])
    yield {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "AMQP_URL": f"amqp://shop:{password}@{admin.hostname}:{admin.port}{admin.path}",
        "AMQP_HOST": str(admin.hostname),
        "AMQP_PORT": str(admin.port),
        "AMQP_USER": "shop",
        "AMQP_PASSWORD": password,
    }
    await world.storky("platform", "remove", "shop")


@pytest.fixture
def migrate(environment: dict[str, str]) -> Example:
    async def run(language: str, app: str, *steps: str, migration: str, code: int = 0) -> Output:
        words = [*PROGRAMS[language], f"{SOURCE}/{app}", f"{DESTINATION}/{app}", *steps]
        told = environment | {"MIGRATION": migration}
        with anyio.fail_after(60):
            done = await anyio.run_process(words, env=told, check=False)
        output = Output(done.stdout.decode(), done.stderr.decode())
        assert done.returncode == code, (output.stdout, output.stderr)
        return output

    return run


@pytest.fixture(params=PROGRAMS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_an_example_migrates_an_app_and_hears_how_each_step_ends(
    world: World, migrate: Example, language: str
) -> None:
    app, migration = f"by-example-{language}", str(uuid4())
    await world.client.post(f"/{SOURCE}/v1/apps", json={"app": {"name": app}})
    steps = ("preflight", "prepare", "data", "finalize")
    created, *others = (await migrate(language, app, *steps, migration=migration)).lines
    assert created == f"CreateMigration accepted: migration/{migration}, version 1"
    assert [re.sub(r"version \d+", "version N", line) for line in others] == [
        f"RunStep accepted: migration/{migration}, version N",
        "heard storky.StepSucceeded",
    ] * len(steps)
    assert (await world.migration(app, migration))["status"] == "done"


async def test_an_example_ends_with_the_step_that_fails(migrate: Example, language: str) -> None:
    steps = ("preflight", "prepare")
    failed = await migrate(language, f"by-example-no-{language}", *steps, migration=str(uuid4()), code=1)
    assert failed.lines[-1] == "heard storky.StepFailed"


async def test_an_example_says_why_its_command_was_rejected(migrate: Example, language: str) -> None:
    refused = await migrate(language, "portal", "preflight", migration=str(uuid4()), code=1)
    assert refused.stdout == ""
    assert refused.stderr.splitlines() == [
        "CreateMigration rejected: not_permitted: The policy of shop lacks: the app portal."
    ]


async def test_a_command_that_an_example_sends_again_gets_the_same_reply(migrate: Example) -> None:
    migration = str(uuid4())
    first = await migrate("python", "by-example-again", migration=migration)
    assert first.lines == [f"CreateMigration accepted: migration/{migration}, version 1"]
    assert (await migrate("python", "by-example-again", migration=migration)).lines == first.lines
