"""How fast the audit trail is here: `python benchmarks/audit.py [EVENTS]` (1,000,000).

Fills the log of a private PostgreSQL with a sound chain, then runs the commands of auditors, and a gateway
for them, as processes; prints events a second, and the most memory that each process took.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import anyio
import asyncpg

from events.store.chain import GENESIS, Row, link
from events.store.schema import upgrade
from local.ports import free_port
from local.postgres import PostgresServer

EVENTS = 1_000_000
OF_MIGRATION = 100  # events of each
COPIED = 20_000  # rows at a time
TOKEN = "tk-us-benchmark"  # noqa: S105 - of this script's own gateway
STORKY = Path(sys.executable).with_name("storky")
SAYS = '{"%s": "%s", "source": {"region": "agora-fr1", "app": "app-%d"}, "note": "' + "x" * 250 + '"}'
METADATA = json.dumps(
    {
        "actor": "storky-apps",
        "on_behalf_of": None,
        "correlation_id": str(uuid4()),
        "causation_id": str(uuid4()),
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
)


async def main(count: int) -> None:
    """Measure filling, verifying, searching and exporting."""
    with tempfile.TemporaryDirectory() as directory:
        server = PostgresServer(Path(directory, "postgres"))
        await server.start()
        try:
            await upgrade(server.url())
            started = time.perf_counter()
            await fill(server.url(), count)
            report("filled", count, started)
            await anyio.to_thread.run_sync(measure, server.url(), Path(directory), count)
        finally:
            await server.stop()


async def fill(url: str, count: int) -> None:
    """Write a chain of so many events."""
    connection = await asyncpg.connect(url)
    rows = chain()
    for written in range(0, count, COPIED):
        records = [next(rows) for _ in range(min(COPIED, count - written))]
        await connection.copy_records_to_table("events", records=records, columns=Row._fields)
    await connection.execute("VACUUM ANALYZE events")
    await connection.close()


def chain() -> Iterator[Row]:
    """Yield the events of one migration after the other, for ever."""
    position, previous, at = 0, GENESIS, datetime.now(UTC) - timedelta(days=365)
    while True:
        migration = uuid4()
        for version in range(1, OF_MIGRATION + 1):
            position += 1
            columns = (
                *(position, f"migration/{migration}", version, uuid4(), "TaskSucceeded", 1),
                *(SAYS % ("migration_id", migration, position % 1000), METADATA),
                at + timedelta(milliseconds=position),
            )
            previous = link(previous, columns)
            yield Row(*columns, previous)


def measure(url: str, directory: Path, count: int) -> None:
    """Run the commands on the log, and print a line for each."""
    database = {"STORKY_DATABASE_URL": url}
    run("verify", database, count)
    with gateway(url, directory) as (address, process):
        reached = {"STORKY_URL": address, "STORKY_TOKEN": TOKEN}
        for form in ("jsonl", "csv", "parquet"):
            run("export", reached, count, "--format", form, "--output", str(directory / form))
        run("log", reached, count, "--text", "nowhere")
        print(f"{'':>12}  {peak(process.pid):>5.0f} MB  the gateway")


def run(command: str, environment: Mapping[str, str], count: int, *arguments: str) -> None:
    """Run `storky audit`, and print how fast it was and what it took."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [STORKY, "audit", command, *arguments], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"storky audit {command} ended with {process.returncode}")
    report(" ".join([command, *arguments[:2]]), count, started, usage.ru_maxrss / 1024)


def report(what: str, count: int, started: float, megabytes: float | None = None) -> None:
    """Print one measure."""
    memory = "" if megabytes is None else f"{megabytes:.0f} MB"
    print(f"{count / (time.perf_counter() - started):>9,.0f} /s  {memory:>8}  {what}", flush=True)


def peak(pid: int) -> float:
    """Return the most memory that a process has had so far, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def gateway(url: str, directory: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a gateway without a broker: reading needs none."""
    port, ready = free_port(), directory / "gateway.ready"
    address = f"http://127.0.0.1:{port}"
    auditor = {"id": "us-1", "username": "auditor", "email": "auditor@example.com", "role": "auditor"}
    region = {"api": "http://127.0.0.1:1", "front": "http://127.0.0.1:1", "domain": "example.com"}
    settings = {
        "STORKY_DATABASE_URL": url,
        "STORKY_AMQP_URLS": json.dumps([f"amqp://127.0.0.1:{free_port()}"]),
        "STORKY_LISTEN": f"127.0.0.1:{port}",
        "STORKY_PUBLIC_URL": address,
        "STORKY_REGIONS": json.dumps({"agora-fr1": region}),
        "STORKY_JWT_KEY": uuid4().hex * 2,
        "STORKY_WEBHOOK_KEY": uuid4().hex * 2,
        "STORKY_API_TOKENS": json.dumps([{"sha256": hashlib.sha256(TOKEN.encode()).hexdigest(), **auditor}]),
        "STORKY_READY_FILE": str(ready),
    }
    with Path(directory, "gateway.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.gateway"], env={**os.environ, **settings}, stdout=log, stderr=log
        )
    try:
        while not ready.exists():
            if process.poll() is not None:
                sys.exit(Path(directory, "gateway.log").read_text())
            time.sleep(0.05)
        yield address, process
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    anyio.run(main, int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
