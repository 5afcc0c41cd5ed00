import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from local.ports import free_port
from services.region.machinery.app_logs import AppLogs
from services.region.machinery.processes import ContainerSpec, ContainerSupervisor

ENVIRONMENT = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "SECRET": "not-to-be-logged"}
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} \+0000 UTC \[[a-z]+-\d+\] (.*)")


def container(cwd: Path, command: str, kind: str = "worker", port: int | None = None) -> ContainerSpec:
    return ContainerSpec(
        id=uuid4().hex,
        app_id="app-1",
        type=kind,
        index=1,
        command=command,
        cwd=cwd,
        env=ENVIRONMENT,
        port=port,
    )


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[ContainerSupervisor]:
    async with ContainerSupervisor(tmp_path / "logs") as supervisor:
        yield supervisor


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not condition():
            await anyio.sleep(0.02)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def texts(supervisor: ContainerSupervisor) -> list[str]:
    matches = [LINE.fullmatch(line) for line in supervisor.logs.tail("app-1", 1000)]
    assert all(matches)
    return [match[1] for match in matches if match]


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.anyio
async def test_a_container_runs_in_its_folder_with_its_environment_and_port(
    supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    (tmp_path / "greeting").write_text("hello")
    spec = container(tmp_path, 'cat greeting && echo " $PORT" >&2; sleep 60', port=4321)
    await supervisor.start(spec)
    await until(lambda: "hello 4321" in texts(supervisor))
    [state] = supervisor.states("app-1")
    assert (state.id, state.type, state.index, state.restarts) == (spec.id, "worker", 1, 0)
    assert state.state in ("starting", "running")
    assert "not-to-be-logged" not in repr(spec)


@pytest.mark.anyio
async def test_a_crashed_container_is_started_again_after_a_growing_delay(
    supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    await supervisor.start(container(tmp_path, "echo once more; exit 3"))
    await until(lambda: supervisor.states("app-1")[0].restarts >= 2)
    ends = [text for text in texts(supervisor) if text.startswith("ended")]
    assert ends[:2] == [
        "ended with code 3; starting again in 0.2 s",
        "ended with code 3; starting again in 0.4 s",
    ]
    await until(lambda: supervisor.states("app-1")[0].state == "crashed")


@pytest.mark.anyio
async def test_a_missing_folder_is_a_crash_that_the_log_explains(
    supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    await supervisor.start(container(tmp_path / "missing", "true"))
    await until(lambda: any("cannot enter the build's folder" in text for text in texts(supervisor)))


@pytest.mark.anyio
async def test_stopping_asks_first_and_waits_for_the_whole_container(
    supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    script = "trap 'sleep 0.2; echo cleaned up; exit' TERM; echo ready; while :; do sleep 0.05; done"
    (tmp_path / "child.sh").write_text(script)
    spec = container(tmp_path, "sh child.sh & wait")
    await supervisor.start(spec)
    await until(lambda: "ready" in texts(supervisor))
    await supervisor.stop(spec.id)
    assert texts(supervisor)[-1] == "cleaned up"
    assert supervisor.states("app-1") == []
    await supervisor.stop(spec.id)


@pytest.mark.anyio
async def test_a_container_that_does_not_listen_is_killed_with_all_its_processes(tmp_path: Path) -> None:
    deaf = "trap '' TERM; sh -c 'echo $$; exec sleep 60' & echo $$; sleep 60"
    async with ContainerSupervisor(tmp_path / "logs", grace_seconds=1) as supervisor:
        for _ in range(2):
            await supervisor.start(container(tmp_path, deaf))
        await until(lambda: len(texts(supervisor)) == 4)
        with anyio.fail_after(30):
            await supervisor.stop_app("app-1")
        # What was killed with it dies a moment later: only the container itself is waited for.
        await until(lambda: not any(is_alive(int(pid)) for pid in texts(supervisor)))


@pytest.mark.anyio
async def test_what_a_crashed_container_left_running_is_killed(
    supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    await supervisor.start(container(tmp_path, "sleep 60 & echo $!; exit 1"))
    await until(lambda: supervisor.states("app-1")[0].state == "crashed")
    await until(lambda: not is_alive(int(texts(supervisor)[0])))


@pytest.mark.anyio
async def test_starting_a_running_container_changes_nothing(
    supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    spec = container(tmp_path, "sleep 60")
    await supervisor.start(spec)
    before = supervisor.states("app-1")[0].pid
    await supervisor.start(spec)
    assert [state.pid for state in supervisor.states("app-1")] == [before]


@pytest.mark.anyio
async def test_a_container_can_be_started_while_it_is_being_stopped(
    supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    spec = container(tmp_path, "trap 'sleep 1; exit' TERM; echo ready; while :; do sleep 0.05; done")
    await supervisor.start(spec)
    await until(lambda: "ready" in texts(supervisor))
    before = supervisor.states("app-1")[0].pid
    async with anyio.create_task_group() as group:
        group.start_soon(supervisor.stop, spec.id)
        await until(lambda: supervisor.states("app-1")[0].state == "stopped")
        await supervisor.start(spec)
    [after] = supervisor.states("app-1")
    assert after.pid not in (None, before)


@pytest.mark.anyio
async def test_endless_lines_are_cut_and_odd_bytes_survive(
    supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    await supervisor.start(
        container(tmp_path, r"printf 'a\377b\rc\r\n'; head -c 1000000 /dev/zero; echo; sleep 60")
    )
    await until(lambda: sum(len(text) for text in texts(supervisor)) > 1_000_000)
    assert texts(supervisor)[0] == "a\ufffdb\rc"
    assert max(len(text) for text in texts(supervisor)) < 100_000


SUPERVISOR = """
from pathlib import Path
import anyio
from services.region.machinery.processes import ContainerSpec, ContainerSupervisor
async def main():
    folder = Path({folder!r})
    command = "trap '' TERM; sleep 60 & echo $$ > pids; sleep 60; exit 0"
    async with ContainerSupervisor(folder / "logs") as supervisor:
        await supervisor.start(ContainerSpec("c", "app-1", "web", 1, command, folder, {environment!r}))
        await anyio.sleep_forever()
anyio.run(main)
"""


def test_containers_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    program = SUPERVISOR.format(folder=str(tmp_path), environment=ENVIRONMENT)
    process = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    try:
        file = tmp_path / "pids"
        wait_until(lambda: file.exists() and file.read_text() != "")
        shell = int(file.read_text())
        wait_until(lambda: len(Path(f"/proc/{shell}/task/{shell}/children").read_text().split()) == 2)
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in (shell, *map(int, children))))


WEB = """
import http.server, os, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[1]))
        self.end_headers()
time.sleep(0.3)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "healthy"), [(200, True), (404, True), (302, True), (500, False)])
async def test_a_web_container_is_healthy_when_it_answers_below_500(
    supervisor: ContainerSupervisor, tmp_path: Path, status: int, healthy: bool
) -> None:
    (tmp_path / "web.py").write_text(WEB)
    ports = [free_port(), free_port()]
    for port in ports:
        await supervisor.start(container(tmp_path, f"python web.py {status}", "web", port))
    assert await supervisor.wait_healthy("app-1", ports, timeout_seconds=15 if healthy else 1.5) is healthy


@pytest.mark.anyio
async def test_all_web_containers_have_to_answer(supervisor: ContainerSupervisor, tmp_path: Path) -> None:
    (tmp_path / "web.py").write_text(WEB)
    ports = [free_port(), free_port()]
    await supervisor.start(container(tmp_path, "python web.py 200", "web", ports[0]))
    assert not await supervisor.wait_healthy("app-1", ports, timeout_seconds=1.5)


@pytest.mark.anyio
@pytest.mark.parametrize(("command", "healthy"), [("sleep 60", True), ("sleep 0.2; exit 1", False)])
async def test_without_web_every_process_has_to_stay_up(
    supervisor: ContainerSupervisor, tmp_path: Path, command: str, healthy: bool
) -> None:
    await supervisor.start(container(tmp_path, "sleep 60"))
    await supervisor.start(container(tmp_path, command))
    settle = 1 if healthy else 30  # a process that ends is noticed before
    assert await supervisor.wait_healthy("app-1", [], settle_seconds=settle) is healthy


@pytest.mark.anyio
async def test_an_app_without_containers_is_healthy_at_once(supervisor: ContainerSupervisor) -> None:
    with anyio.fail_after(10):
        assert await supervisor.wait_healthy("app-1", [])


def test_the_log_of_an_app_has_a_bounded_size(tmp_path: Path) -> None:
    logs = AppLogs(tmp_path, rotate_at=1000)
    for number in range(200):
        logs.write("app-1", "web-1", f"line {number}")
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 2200
    assert [line.partition("] ")[2] for line in logs.tail("app-1", 3)] == ["line 197", "line 198", "line 199"]
    logs.remove("app-1")
    assert logs.tail("app-1", 3) == []
    assert list(tmp_path.iterdir()) == []
