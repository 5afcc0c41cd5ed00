"""An app with everything that the migration guide names, made through the gateway by those who work on it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from redis.asyncio import Redis

from regions.model import Certificate
from tests.certificates import certificate
from tests.end_to_end import echo
from tests.end_to_end.world import SOURCE, World
from tests.region.harness import deploy, ended
from tests.workers.owner import Owner

EVENTS = ("crash", "deployment")
DRAIN = "https://logs.example.com/app?token=hunter2"
DRAIN_OF_ADDON = "https://logs.example.com/database?token=hunter2"
FORMATION = (
    {"name": "web", "amount": 2, "size": "S", "command": ""},
    {"name": "clock", "amount": 1, "size": "M", "command": "exec sleep 200000"},
)
SETTINGS = {"force_https": True, "sticky_session": True, "router_logs": True}
LIMITS = {"max_image_bytes": 50_000_000}
LINK = {
    "source": "https://github.com/example/shop",
    "branch": "production",
    "auto_deploy_enabled": True,
    "delete_stale_enabled": True,
    "hours_before_delete_stale": 72,
}
ALERT = {
    "container_type": "web",
    "metric": "memory",
    "limit": 0.8,
    "duration_before_trigger": 10**10,
    "remind_every": "5m30s",
}
SCALER = {
    "container_type": "web",
    "metric": "cpu",
    "target": 0.5,
    "min_containers": 2,
    "max_containers": 3,
}
ROWS = """
CREATE TABLE orders (id serial PRIMARY KEY, note text);
INSERT INTO orders (note) SELECT 'order ' || n FROM generate_series(1, 500) AS n;
CREATE SEQUENCE tickets START 4711;
SELECT nextval('tickets'), nextval('tickets');
SELECT lo_from_bytea(12345, 'a large object');
"""
READ = """
SELECT (SELECT count(*) FROM orders), (SELECT md5(string_agg(note, ',' ORDER BY id)) FROM orders),
       (SELECT last_value FROM orders_id_seq), (SELECT last_value FROM tickets), lo_get(12345)
"""


@dataclass(frozen=True)
class WholeApp:
    """What a test has to know of it; its own name is `name`."""

    name: str
    secured: Certificate  # of `canonical`

    @property
    def domain(self) -> str:
        """The domain with a certificate of Let's Encrypt."""
        return f"{self.name}.example.com"

    @property
    def canonical(self) -> str:
        """The domain with a certificate of its owner's."""
        return f"www.{self.name}.example.com"


async def make(world: World, name: str) -> WholeApp:
    """Make the app; it runs the first of its two builds."""
    secured = certificate([f"www.{name}.example.com"], datetime.now(UTC) + timedelta(days=90))
    app = WholeApp(name, secured)
    async with world.working(SOURCE) as user, world.working(SOURCE, "operator") as colleague:
        await user.create(name)
        await _deploy(user, name)
        await _add_addons(user, name)
        await _set_variables(user, app)
        await _scale(user, name)
        await user.call("PUT", f"/apps/{name}", SETTINGS)
        await colleague.call("PUT", f"/apps/{name}/limits", {"limits": LIMITS})
        await _add_domains(user, app)
        await _invite(user, colleague, name)
        await user.call("POST", f"/apps/{name}/scm_repo_link", {"scm_repo_link": LINK})
        await _notify(user, name)
        await user.call("POST", f"/apps/{name}/autoscalers", {"autoscaler": SCALER})
    return app


async def fill(user: Owner, name: str) -> None:
    """Put something of each kind into the databases."""
    variables = await user.variables(name)
    connection = await asyncpg.connect(variables["SCALINGO_POSTGRESQL_URL"])
    await connection.execute(ROWS)
    await connection.close()
    async with Redis.from_url(variables["SCALINGO_REDIS_URL"]) as redis:
        await redis.set("greeting", "hello")
        await redis.hset("prices", mapping={"apple": "1", "pear": "2"})
        await redis.rpush("queue", "first", "second", "third")


async def contents(user: Owner, name: str) -> Any:
    """Return what the databases hold, as the app itself would read it."""
    variables = await user.variables(name)
    connection = await asyncpg.connect(variables["SCALINGO_POSTGRESQL_URL"])
    rows = tuple(await connection.fetchrow(READ) or ())
    await connection.close()
    async with Redis.from_url(variables["SCALINGO_REDIS_URL"]) as redis:
        keys = await redis.get("greeting"), await redis.hgetall("prices"), await redis.lrange("queue", 0, -1)
    return rows, keys


async def _deploy(user: Owner, name: str) -> None:
    """Deploy twice, and roll back to the first build."""
    first, second = [await deploy(user.http, name, echo.files(build)) for build in ("first", "second")]
    assert (first["status"], second["status"]) == ("success", "success")
    answer = await user.http.post(f"/v1/apps/{name}/deployments/{first['id']}/rollback", json={})
    assert (await ended(user.http, answer))["status"] == "done"


async def _add_addons(user: Owner, name: str) -> None:
    database = await user.add("postgresql", "postgresql-starter-512", name)
    await user.add("redis", "redis-starter-256", name)
    await user.add("logbook", "logbook-free", name)
    await fill(user, name)
    for path, url in (("", DRAIN), (f"/addons/{database}", DRAIN_OF_ADDON)):
        await user.call("POST", f"/apps/{name}{path}/log_drains", {"drain": {"type": "elk", "url": url}})


async def _set_variables(user: Owner, app: WholeApp) -> None:
    database = (await user.variables(app.name))["SCALINGO_POSTGRESQL_URL"].partition("@")[2]
    await user.set(
        app.name,
        GREETING="hello",
        ALIAS="$GREETING",
        OLD_DATABASE=f"jdbc:postgresql://{database}",
        OLD_ADDRESS=f"https://{app.name}.{SOURCE}.localhost/api",
    )


async def _scale(user: Owner, name: str) -> None:
    answer = await user.http.post(f"/v1/apps/{name}/scale", json={"containers": FORMATION})
    assert (await ended(user.http, answer))["status"] == "done"


async def _add_domains(user: Owner, app: WholeApp) -> None:
    pair = {"tlscert": app.secured.tlscert, "tlskey": app.secured.tlskey}
    for domain in ({"name": app.domain}, {"name": app.canonical, "canonical": True, **pair}):
        await user.call("POST", f"/apps/{app.name}/domains", {"domain": domain})


async def _invite(user: Owner, colleague: Owner, name: str) -> None:
    """Invite two people, of whom one accepts."""
    path = f"/apps/{name}/collaborators"
    for email in ("pending@example.com", "operator@example.com"):
        invited = await user.call("POST", path, {"collaborator": {"email": email}})
    await colleague.call("POST", f"{path}/{invited['collaborator']['id']}/accept", {})


async def _notify(user: Owner, name: str) -> None:
    """Add a webhook for some events, an e-mail for all, and an alert that refers to both."""
    types = (await user.call("GET", "/event_types"))["event_types"]
    told = [
        {
            "name": "the webhook",
            "platform_id": await _platform(user, "webhook"),
            "selected_event_ids": [each["id"] for each in types if each["name"] in EVENTS],
            "type_data": {"webhook_url": "https://example.com/hook?token=hunter2"},
        },
        {
            "name": "the e-mail",
            "platform_id": await _platform(user, "email"),
            "send_all_events": True,
            "type_data": {"emails": ["someone@example.com"]},
        },
    ]
    path = f"/apps/{name}"
    ids = [(await user.call("POST", f"{path}/notifiers", {"notifier": n}))["notifier"]["id"] for n in told]
    await user.call("POST", f"{path}/alerts", {"alert": {**ALERT, "notifiers": ids}})


async def _platform(user: Owner, name: str) -> str:
    found = await user.call("GET", f"/notification_platforms/search?name={name}")
    return str(found["notification_platforms"][0]["id"])
