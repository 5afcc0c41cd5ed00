"""Long steps: leaving them, coming back, and a gateway that restarts meanwhile."""

import os
import pty
import signal
import subprocess
import time

from tests.cli.tool import SECONDS, STORKY, Tool
from tests.gateway.stack import Stack
from tests.gateway.test_migrations import fresh

SLOW_TASK = "… Copy the environment variables"


def until(process: subprocess.Popen[str], wanted: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if line.startswith(wanted):
            return
    raise AssertionError(f"never printed: {wanted}")


def test_ctrl_c_leaves_the_migration_running_and_follow_comes_back_to_it(stack: Stack) -> None:
    storky = Tool(stack, fresh("slow"))
    migration = storky.created()
    with storky.start("migration-run", "--prepare", migration) as process:
        until(process, SLOW_TASK)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=SECONDS)
    follow = f"storky --region agora-fr1 --app {storky.app} migration-follow {migration}"
    assert (process.returncode, rest.splitlines()[-1]) == (130, follow)
    followed = storky("migration-follow", migration)
    assert followed.field("Status") == "prepared"
    assert "✔ Copy the environment variables Done!" in followed.lines
    assert "Check addon versions" not in followed.stdout  # an earlier step


def test_how_far_a_long_task_is_can_be_read_while_it_runs(stack: Stack) -> None:
    storky = Tool(stack, fresh("measured"))
    migration = storky.created()
    with storky.start("migration-run", "--prepare", migration) as process:
        until(process, f"{SLOW_TASK}: 30.0 MB of 90.0 MB, 10,000 rows")
        process.communicate(timeout=SECONDS)
    tasks = storky("--json", "migration-follow", migration).json["tasks"]
    assert {task["progress"] for task in tasks} == {None}  # of what has ended nobody asks


def test_following_survives_a_restart_of_the_gateway(stack: Stack) -> None:
    storky = Tool(stack, fresh("slow"))
    migration = storky.created()
    with storky.start("migration-run", "--prepare", migration) as process:
        until(process, SLOW_TASK)
        stack.processes["gateway"].stop(signal.SIGKILL)
        time.sleep(0.5)
        stack.processes["gateway"].start()
        rest, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, "Status: prepared" in rest) == (0, True)


def on_a_terminal(storky: Tool, answer: str, *arguments: str) -> tuple[int, str]:
    """Run the command on a terminal of its own, and type the answer."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [STORKY, *storky.arguments, *arguments],
        env=storky.environment | {"TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    seen = b""
    while chunk := _read(ours):
        seen += chunk
    os.close(ours)
    return process.wait(SECONDS), seen.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how a terminal ends
        return b""


def test_on_a_terminal_the_tool_asks_before_it_stops_the_app(stack: Stack) -> None:
    storky = Tool(stack, fresh())
    migration = storky.created()
    code, seen = on_a_terminal(storky, "", "migration-run", "--prepare", migration)
    assert (code, "Create the new app Done!" in seen) == (0, True)
    code, seen = on_a_terminal(storky, "n\n", "migration-run", "--data", migration)
    assert (code, "Nothing was done." in seen) == (1, True)
    code, seen = on_a_terminal(storky, "y\n", "migration-run", "--data", migration)
    assert (code, "Data has been migrated" in seen) == (0, True)
    code, seen = on_a_terminal(storky, "", "--yes", "migration-run", "--finalize", migration)
    assert (code, "now available at" in seen) == (0, True)


def test_on_a_narrow_terminal_an_id_can_still_be_copied(stack: Stack) -> None:
    storky = Tool(stack, fresh())
    migration = storky.created()
    storky.environment["COLUMNS"] = "60"
    code, seen = on_a_terminal(storky, "", "migrations")
    assert (code, migration in seen) == (0, True)
