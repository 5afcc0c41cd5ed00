import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from local.child import Child
from local.errors import StartError
from local.programs import OneShot, ServiceProcess
from local.supervisor import Supervisor, Unit
from tests.local.processes import parent, using, wait_until_unused

pytestmark = pytest.mark.anyio

# A service as small as can be: it notes when it starts and when it ends.
SERVICE = """
import os, pathlib, signal, sys, time
def note(what):
    with open("notes", "a") as notes:
        notes.write(f"{what} {sys.argv[1]}\\n")
def end(*_):
    note("ended")
    sys.exit()
signal.signal(signal.SIGTERM, end)
note("started")
pathlib.Path(os.environ["STORKY_READY_FILE"]).touch()
while True:
    time.sleep(60)
"""
BROKEN = "print('the reason'); raise SystemExit(3)"


def service(directory: Path, name: str, waits_for: tuple[str, ...] = (), program: str = SERVICE) -> Unit:
    environment = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", program, name]
    return Unit(name, ServiceProcess(name, command, environment, directory), waits_for)


def supervisor(*units: Unit, on_restart: Callable[[], None] = lambda: None) -> Supervisor:
    return Supervisor(units, on_restart=on_restart, tell=lambda _: None)


def notes(directory: Path) -> list[str]:
    return (directory / "log" / "notes").read_text().splitlines()


async def test_each_starts_after_what_it_waits_for_and_all_end_in_reverse(tmp_path: Path) -> None:
    units = [service(tmp_path, "c", ("b",)), service(tmp_path, "b", ("a",)), service(tmp_path, "a")]
    async with supervisor(*units).running():
        assert notes(tmp_path) == ["started a", "started b", "started c"]
    assert notes(tmp_path)[3:] == ["ended c", "ended b", "ended a"]
    assert using(tmp_path) == set()


async def test_what_dies_is_brought_back_under_a_new_process_id(tmp_path: Path) -> None:
    told: list[dict[str, list[int]]] = []
    supervised = supervisor(
        service(tmp_path, "a"), service(tmp_path, "b"), on_restart=lambda: told.append(supervised.pids())
    )
    async with supervised.running():
        before = supervised.pids()
        os.kill(before["a"][0], signal.SIGKILL)
        with anyio.fail_after(30):
            await supervised.unit("a").until_started(2)
            while not told:
                await anyio.sleep(0.01)
        assert told == [supervised.pids()]
        assert told[0]["a"] != before["a"]
        assert told[0]["b"] == before["b"]


async def test_what_dies_again_and_again_is_tried_more_and_more_seldom(tmp_path: Path) -> None:
    said: list[str] = []
    flag = tmp_path / "flag"
    fragile = f"import os\nif os.path.exists({str(flag)!r}): raise SystemExit('no')\n" + SERVICE
    units = [service(tmp_path, "a", program=fragile)]
    supervised = Supervisor(units, on_restart=lambda: None, tell=said.append)
    async with supervised.running():
        flag.touch()
        os.kill(supervised.pids()["a"][0], signal.SIGKILL)
        with anyio.fail_after(30):
            while len([text for text in said if "starting it again" in text]) < 3:
                await anyio.sleep(0.01)
            flag.unlink()
            await supervised.unit("a").until_started(2)
    pauses = [text.split()[-2] for text in said if "starting it again" in text]
    assert pauses[:3] == ["0.2", "0.4", "0.8"]


async def test_a_failed_start_names_the_service_shows_its_log_and_stops_the_rest(tmp_path: Path) -> None:
    units = [service(tmp_path, "a"), service(tmp_path, "b", ("a",), BROKEN)]
    with pytest.raises(StartError, match=r"(?s)service b ended while starting.*the reason"):
        async with supervisor(*units).running():
            pass
    assert notes(tmp_path) == ["started a", "ended a"]
    assert using(tmp_path) == set()


async def test_an_error_of_the_block_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with supervisor(service(tmp_path, "a")).running():
            raise ZeroDivisionError
    assert using(tmp_path) == set()


async def test_work_that_leaves_no_process_is_waited_for(tmp_path: Path) -> None:
    async def work() -> None:
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / "notes").write_text("worked\n")

    units = [service(tmp_path, "a", ("work",)), Unit("work", OneShot(work))]
    async with supervisor(*units).running():
        assert notes(tmp_path) == ["worked", "started a"]


async def test_a_program_that_stands_still_or_will_not_end_is_ended(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    child = Child([sys.executable, "-u", "-c", deaf], env={}, log=tmp_path / "log")

    async def is_deaf() -> bool:
        return bool(child.log_tail())

    await child.until(is_deaf, "deaf")
    child.send(signal.SIGSTOP)
    start = time.monotonic()
    await child.stop(grace=0.2)
    assert not child.running
    assert time.monotonic() - start < 5


async def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program = """
        import sys, anyio
        from pathlib import Path
        from tests.local.test_supervisor import service, supervisor

        async def main():
            async with supervisor(service(Path(sys.argv[1]), "a")).running():
                print("running", flush=True)
                await anyio.sleep_forever()

        anyio.run(main)
    """
    with parent(program, tmp_path):
        pass
    wait_until_unused(tmp_path)
