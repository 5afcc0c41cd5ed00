"""Apps to migrate: one with everything that an app can have, one that is stopped, one that is new."""

from datetime import UTC, datetime, timedelta

import asyncpg
from redis.asyncio import Redis

from tests.certificates import certificate
from tests.region.harness import Client, Place, deploy, ended
from tests.workers.owner import Owner
from tests.workers.whole_app import add_notifier

# Answers in a millisecond of processor time, and starts in few: that happens again and again.
SERVER = """
import os, socket
listening = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    visitor, _ = listening.accept()
    try:
        visitor.recv(65536)
        visitor.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n")
    except OSError:
        pass
    visitor.close()
"""
FILES = {
    "Procfile": "web: exec python -IS server.py\nclock: exec sleep 100000\nrare: exec sleep 100000\n",
    "server.py": SERVER,
}
ROWS = """
create table items (id serial primary key, name text);
insert into items (name) select 'item ' || n from generate_series(1, 20) as n;
select lo_from_bytea(0, 'large');
"""
SETTINGS = {"force_https": True, "sticky_session": True, "router_logs": True}
LINK = {"source": "https://github.com/ada/shop", "branch": "main", "auto_deploy_enabled": True}
ALERT = {"container_type": "web", "metric": "memory", "limit": 0.8, "duration_before_trigger": 10**10}
SCALER = {"container_type": "web", "metric": "cpu", "target": 0.7, "min_containers": 1, "max_containers": 3}
DRAIN = "https://logs.example.com/app?token=hunter2"


def hosts(app: str, region: str) -> tuple[str, str, str]:
    """Return the names under which an app is visited; the last one is the custom domain of every app."""
    return f"{app}.{region}.localhost", f"www.{app}.example.com", f"{app}.example.com"


async def running_with_everything(place: Place, app: str) -> None:
    """Make an app that runs an earlier one of its builds, with data, and with each kind of resource.

    An addon without data is the stopped app's: each addon more is a few boundaries more.
    """
    async with place.user("ada") as http, place.user("bob") as bob, place.user("eve", "operator") as eve:
        ada = await _new(http, app)
        await _deploy(ada, app, FILES)
        await _add_addons(ada, app)
        await _deploy(ada, app, FILES | {"more": "more"})
        await _roll_back(ada, app)
        await _scale(ada, app, clock=1)
        await ada.call("PUT", f"/apps/{app}", SETTINGS)
        await Owner(eve).call("PUT", f"/apps/{app}/limits", {"limits": {"max_image_bytes": 10**8}})
        await _secure(ada, hosts(app, place.name)[1], app)
        await _surround(ada, Owner(bob), app)


async def stopped(place: Place, app: str) -> None:
    """Make an app with a build, an addon without data, and no running container."""
    async with place.user("ada") as http:
        ada = await _new(http, app)
        await ada.add("logbook", "logbook-free", app)
        await _deploy(ada, app, FILES)
        await _scale(ada, app, web=0)


async def new(place: Place, app: str) -> None:
    """Make an app that was never deployed."""
    async with place.user("ada") as http:
        await _new(http, app)


async def _new(http: Client, app: str) -> Owner:
    ada = Owner(http)
    await ada.create(app)
    await ada.call("POST", f"/apps/{app}/domains", {"domain": {"name": f"{app}.example.com"}})
    await ada.set(app, GREETING="hello", ALIAS="$GREETING")
    return ada


async def _deploy(ada: Owner, app: str, files: dict[str, str]) -> None:
    deployment = await deploy(ada.http, app, files)
    assert deployment["status"] == "success", deployment


async def _roll_back(ada: Owner, app: str) -> None:
    """Take up the build before the last again."""
    _, first = (await ada.call("GET", f"/apps/{app}/deployments"))["deployments"]
    answer = await ada.http.post(f"/v1/apps/{app}/deployments/{first['id']}/rollback", json={})
    assert (await ended(ada.http, answer))["status"] == "done"


async def _scale(ada: Owner, app: str, **amounts: int) -> None:
    wanted = [{"name": name, "amount": amount} for name, amount in amounts.items()]
    answer = await ada.http.post(f"/v1/apps/{app}/scale", json={"containers": wanted})
    assert (await ended(ada.http, answer))["status"] == "done"


async def _add_addons(ada: Owner, app: str) -> None:
    """Add one addon of each kind that has data, with something in it, and a log drain."""
    database = await ada.add("postgresql", "postgresql-starter-512", app)
    await ada.add("redis", "redis-starter-256", app)
    variables = await ada.variables(app)
    connection = await asyncpg.connect(variables["SCALINGO_POSTGRESQL_URL"])
    await connection.execute(ROWS)
    await connection.close()
    async with Redis.from_url(variables["SCALINGO_REDIS_URL"]) as redis:
        await redis.set("greeting", "hello")
        await redis.rpush("queue", "first", "second")
    drain = {"type": "elk", "url": f"{DRAIN}-of-the-database"}
    await ada.call("POST", f"/apps/{app}/addons/{database}/log_drains", {"drain": drain})


async def _secure(ada: Owner, domain: str, app: str) -> None:
    """Add a canonical domain with a certificate of the owner's."""
    secured = certificate([domain], datetime.now(UTC) + timedelta(days=90))
    pair = {"tlscert": secured.tlscert, "tlskey": secured.tlskey}
    await ada.call("POST", f"/apps/{app}/domains", {"domain": {"name": domain, "canonical": True, **pair}})


async def _surround(ada: Owner, bob: Owner, app: str) -> None:
    """Invite two, of whom one accepts; link a repository; have somebody told, and containers scaled."""
    path = f"/apps/{app}/collaborators"
    for email in ("carol@example.com", "bob@example.com"):
        invited = (await ada.call("POST", path, {"collaborator": {"email": email}}))["collaborator"]
    await bob.call("POST", f"{path}/{invited['id']}/accept", {})
    await ada.call("POST", f"/apps/{app}/scm_repo_link", {"scm_repo_link": LINK})
    notifier = await add_notifier(ada, app)
    await ada.call("POST", f"/apps/{app}/alerts", {"alert": ALERT | {"notifiers": [notifier]}})
    await ada.call("POST", f"/apps/{app}/autoscalers", {"autoscaler": SCALER})
    await ada.call("POST", f"/apps/{app}/log_drains", {"drain": {"type": "elk", "url": DRAIN}})
