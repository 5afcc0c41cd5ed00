"""Who may see and do what: each role and each call, and what is left to whom once the old app is gone."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.gateway import region
from tests.gateway.region import Standing
from tests.gateway.stack import DESTINATION, SOURCE, Stack, user_id
from tests.gateway.test_audit import recorded
from tests.gateway.test_migrations import UNKNOWN, WireClient, fresh

BODY = {"migration": {"destination": DESTINATION, "dst_app_name": ""}}
FINALIZE = {"step": "finalize"}
NOBODY = ("revoked", "expired", "none")
APP, MIGRATION = f"/{SOURCE}/v1/apps/{{app}}", f"/{SOURCE}/v1/apps/{{app}}/region_migrations/{{id}}"
OK, GONE, FORBIDDEN, READ_ONLY = "200", "404 app", "403 not_allowed", "403 read_only"

# A call, and what it answers to: the app's owner and a collaborator, another user, an operator, an auditor.
# Whoever has no valid token is answered 401, always.
MATRIX: list[tuple[tuple[str, str, Any], tuple[str, str, str, str]]] = [
    (("GET", "/v1/users/self", None), (OK, OK, OK, OK)),
    (("GET", "/v1/regions", None), (OK, OK, OK, OK)),
    (("GET", "/v1/storky/migrations", None), (OK, OK, OK, OK)),
    (("GET", "/v1/storky/tokens", None), (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN)),
    (("POST", "/v1/storky/tokens", {}), (FORBIDDEN, FORBIDDEN, "422", FORBIDDEN)),
    (("POST", f"/v1/storky/tokens/{UNKNOWN}/revoke", {}), (FORBIDDEN, FORBIDDEN, "404 token", FORBIDDEN)),
    (("GET", "/v1/storky/webhooks", None), (FORBIDDEN, FORBIDDEN, OK, FORBIDDEN)),
    (("POST", "/v1/storky/webhooks", {}), (FORBIDDEN, FORBIDDEN, "422", FORBIDDEN)),
    *(
        ((method, f"/v1/storky/webhooks/nobody/{call}", {}), (FORBIDDEN, FORBIDDEN, "404 webhook", FORBIDDEN))
        for method, call in (("POST", "remove"), ("POST", "test"), ("GET", "parked"), ("POST", "resend"))
    ),
    (("GET", "/v1/audit/events", None), (FORBIDDEN, FORBIDDEN, OK, OK)),
    (("GET", "/v1/audit/migrations/{id}", None), (FORBIDDEN, FORBIDDEN, OK, OK)),
    (("GET", APP, None), (OK, GONE, OK, OK)),
    (("GET", f"{APP}/migration_plan?destination=nowhere", None), ("422", GONE, "422", "422")),
    (("GET", f"{APP}/region_migrations", None), (OK, GONE, OK, OK)),
    (
        ("POST", f"{APP}/region_migrations", BODY),
        ("400 app_in_migration", GONE, "400 app_in_migration", READ_ONLY),
    ),
    (("GET", MIGRATION, None), (OK, GONE, OK, OK)),
    (("GET", f"{MIGRATION}/tasks", None), (OK, GONE, OK, OK)),
    (("GET", f"{MIGRATION}/evidence", None), (OK, GONE, OK, OK)),
    (("GET", f"{MIGRATION}/events", None), (OK, GONE, OK, OK)),
    (("GET", f"{MIGRATION}/at?version=1", None), (OK, GONE, OK, OK)),
    (("GET", f"{MIGRATION}/follow", None), (OK, GONE, OK, OK)),
    (("POST", f"{MIGRATION}/run", FINALIZE), ("400 wrong_state", GONE, "400 wrong_state", READ_ONLY)),
    (
        ("POST", f"{MIGRATION}/approve", FINALIZE),
        (
            "400 not_awaiting_approval",
            GONE,
            "400 not_awaiting_approval",
            READ_ONLY,
        ),
    ),
]


@dataclass(frozen=True)
class Callers:
    """Everybody who may call, by what they are to the app of one migration."""

    app: str
    migration: str
    clients: dict[str, httpx.Client]

    def __call__(self, who: str, method: str, path: str, body: Any) -> str:
        """Return the status, and the stable word of an error."""
        path = path.format(app=self.app, id=self.migration)
        with self.clients[who].stream(method, path, json=body) as answer:  # a follower's answer has no end
            if answer.is_success:
                return str(answer.status_code)
            answer.read()
            error = answer.json()
        return f"{answer.status_code} {error.get('code') or error.get('resource') or ''}".strip()


@contextmanager
def signed_in(stack: Stack, secret: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=30) as client:
        answer = client.post("/v1/tokens/exchange", auth=("", secret), json={})
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield client


def token(operator: httpx.Client, **more: Any) -> dict[str, Any]:
    """Have a second token of the owner's made."""
    wanted = {"user_id": user_id("owner"), "role": "user", **more}
    answer = operator.post("/v1/storky/tokens", json={"token": wanted})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["token"]
    return made


@pytest.fixture(scope="module")
def callers(stack: Stack) -> Iterator[Callers]:
    app = fresh()
    region.STANDING[SOURCE, app] = shared = Standing(
        f"id-{app}", collaborators=frozenset({user_id("collaborator")})
    )
    assert shared
    with ExitStack() as opened:
        clients = {
            user: opened.enter_context(stack.client(user))
            for user in ("owner", "collaborator", "stranger", "operator", "auditor")
        }
        clients["none"] = opened.enter_context(httpx.Client(base_url=stack.url, trust_env=False))
        soon = datetime.now(UTC) + timedelta(seconds=2)
        ended = {
            "revoked": token(clients["operator"]),
            "expired": token(clients["operator"], expires_at=soon.isoformat()),
        }
        for who, of in ended.items():
            clients[who] = opened.enter_context(signed_in(stack, of["secret"]))
            assert clients[who].get("/v1/users/self").status_code == 200
        clients["operator"].post(f"/v1/storky/tokens/{ended['revoked']['id']}/revoke", json={})
        time.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()))
        yield Callers(app, WireClient(clients["owner"], app).create()["id"], clients)


@pytest.mark.parametrize(("call", "answers"), MATRIX, ids=[f"{call[0]} {call[1]}" for call, _ in MATRIX])
def test_each_call_by_each_role(
    callers: Callers, call: tuple[str, str, Any], answers: tuple[str, str, str, str]
) -> None:
    theirs, stranger, operator, auditor = answers
    expected = {
        **dict.fromkeys(("owner", "collaborator"), theirs),
        "stranger": stranger,
        "operator": operator,
        "auditor": auditor,
        **dict.fromkeys(NOBODY, "401"),
    }
    assert {who: callers(who, *call) for who in expected} == expected


def test_an_ended_token_is_not_exchanged_again(stack: Stack, callers: Callers) -> None:
    operator = callers.clients["operator"]
    made = token(operator)
    assert operator.post(f"/v1/storky/tokens/{made['id']}/revoke", json={}).status_code == 200
    answer = httpx.post(
        f"{stack.url}/v1/tokens/exchange", auth=("", made["secret"]), json={}, trust_env=False
    )
    assert (answer.status_code, answer.json().keys()) == (401, {"error"})
    assert made["secret"] not in operator.get("/v1/storky/tokens").text
    assert made["secret"] not in stack.processes["gateway"].log.read_text()


def test_a_users_first_token_says_who_they_are_and_later_ones_need_not(callers: Callers) -> None:
    operator, wanted = callers.clients["operator"], {"user_id": fresh("us"), "role": "user"}
    answer = operator.post("/v1/storky/tokens", json={"token": wanted})
    assert (answer.status_code, answer.json()["errors"].keys()) == (422, {"username"})
    named = token(operator, **wanted, username="ada", email="ada@example.com")
    again = token(operator, **wanted, label="another")
    assert (again["username"], again["email"], again["label"]) == ("ada", "ada@example.com", "another")
    assert again["id"] != named["id"]


@pytest.mark.anyio
@pytest.mark.parametrize(("who", "code"), [("stranger", "not_visible"), ("auditor", "read_only")])
async def test_a_command_refused_by_rights_is_in_the_log(
    stack: Stack, callers: Callers, who: str, code: str
) -> None:
    app = fresh("refused")
    region.STANDING[SOURCE, app] = Standing(f"id-{app}")
    answer = callers.clients[who].post(f"/{SOURCE}/v1/apps/{app}/region_migrations", json=BODY)
    assert answer.status_code in (403, 404)
    query = (
        "SELECT json_build_object('data', data::json, 'metadata', metadata::json) FROM events WHERE "
        "(type, stream) = ('CommandRejected', 'publisher/storky-gateway') AND data LIKE '%' || $1 || '%'"
    )
    deadline = time.monotonic() + 30
    while (found := await recorded(stack, query, app)) == "None":
        assert time.monotonic() < deadline
    event = json.loads(found)
    assert (event["data"]["command_type"], event["data"]["code"]) == ("CreateMigration", code)
    assert event["data"]["app"] == {"region": SOURCE, "app": app}
    assert event["metadata"]["on_behalf_of"] == user_id(who)


@dataclass(frozen=True)
class Left:
    """A migration, and who still sees it."""

    callers: Callers
    app: str
    migration: str

    def seen_by(self) -> set[str]:
        """Return whom the migration is shown to; the list says the same."""
        path = f"/{SOURCE}/v1/apps/{self.app}/region_migrations"
        seen = set()
        for who in ("owner", "collaborator", "stranger", "operator", "auditor"):
            client = self.callers.clients[who]
            shown = client.get(f"{path}/{self.migration}").status_code == 200
            listed = client.get(path)
            ids = [each["id"] for each in listed.json()] if listed.status_code == 200 else []
            assert (self.migration in ids) == shown, who
            seen |= {who} if shown else set()
        return seen


EVERYBODY = {"owner", "collaborator", "operator", "auditor"}


def started_by(callers: Callers, who: str, *steps: str) -> Left:
    """Have a migration of an app that the owner shares with the collaborator."""
    app = fresh()
    region.STANDING[SOURCE, app] = Standing(f"id-{app}", collaborators=frozenset({user_id("collaborator")}))
    client = WireClient(callers.clients[who], app)
    migration = client.create()["id"]
    for step in steps:
        client.run_to_end(migration, step)
    return Left(callers, app, migration)


def taken_over(app: str) -> Standing:
    """Return the app that somebody else has made now, under the old name."""
    return Standing(f"{app}-2", owner=user_id("stranger"), created_at=datetime.now(UTC).isoformat())


def test_what_is_left_of_a_migration_whose_old_app_is_gone(callers: Callers) -> None:
    left = started_by(callers, "collaborator", "preflight", "prepare")
    assert left.seen_by() == EVERYBODY
    region.STANDING[SOURCE, left.app] = None
    assert left.seen_by() == EVERYBODY  # the new app is the owner's, the collaborator has started it
    region.STANDING[DESTINATION, left.app] = taken_over(left.app)
    assert left.seen_by() == EVERYBODY - {"owner"}
    del region.STANDING[DESTINATION, left.app]
    region.STANDING[SOURCE, left.app] = taken_over(left.app)
    assert left.seen_by() == EVERYBODY
    answer = callers.clients["stranger"].get(f"/{SOURCE}/v1/apps/{left.app}/region_migrations")
    assert (answer.status_code, answer.json()) == (200, [])


def test_a_migration_that_has_not_told_its_apps_id_is_not_the_next_apps(callers: Callers) -> None:
    left = started_by(callers, "owner")
    region.STANDING[SOURCE, left.app] = taken_over(left.app)
    assert left.seen_by() == {"owner", "operator", "auditor"}
    path = f"/{SOURCE}/v1/apps/{left.app}/region_migrations/{left.migration}"
    answer = callers.clients["stranger"].post(f"{path}/run", json={"step": "abort"})
    assert (answer.status_code, answer.json()["resource"]) == (404, "migration")
    assert callers.clients["owner"].post(f"{path}/run", json={"step": "abort"}).status_code == 204


def test_who_works_on_an_app_no_longer_sees_nothing_of_it_any_more(callers: Callers) -> None:
    left = started_by(callers, "collaborator")
    known = region.STANDING[SOURCE, left.app]
    assert known
    region.STANDING[SOURCE, left.app] = replace(known, collaborators=frozenset())
    assert left.seen_by() == EVERYBODY - {"collaborator"}
