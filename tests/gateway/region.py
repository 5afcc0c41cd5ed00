"""The other side of the gateway: a region that knows whose apps are whose, and repeats what reaches it."""

import hashlib
import json
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import jwt
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from local.ports import free_port

JWT_KEY = "a key of sixty-four bytes or more, that the gateway and its regions share"
OWNER = "us-owner"
SOURCE = "agora-fr1"

SMALL = {"id": "postgresql-small", "name": "small"}
POSTGRESQL = {"id": "postgresql", "name": "PostgreSQL", "versions": ["18"], "has_data": True}
LOGBOOK = {"id": "logbook", "name": "Logbook"}
VARIABLES = {
    "GREETING": "hello",
    "SELF": "https://rich-app.agora-fr1.example/x",
    "REPLICA": "postgres://u:a-secret@10.0.0.7:5432/database_1",
    "BUCKET": "files-of-agora-fr1",
}
OF_APP: dict[str, Any] = {
    "containers": {"containers": [{"name": "web", "amount": 2, "size": "M"}]},
    "ps": {"containers": [{"type": "web"}, {"type": "one-off"}]},
    "variables": {
        "variables": [
            *({"name": name, "value": value} for name, value in VARIABLES.items()),
            {"name": "DATABASE_URL", "value": VARIABLES["REPLICA"], "addon_id": "ad-1"},
        ]
    },
    "collaborators": {
        "collaborators": [
            {"id": status, "email": f"{status.partition(' ')[0]}@example.com", "status": status}
            for status in ("accepted", "pending", "user account deleted")
        ]
    },
    "domains": {"domains": [{"id": "do-1", "name": "www.example.com", "ssl": True, "canonical": True}]},
    "log_drains": {"drains": [{"url": "tcp+tls://a-secret@drain.example.com"}]},
    "addons/ad-1/log_drains": {"drains": [{"url": "tcp+tls://a-secret@drain.example.com"}]},
    "addons": {
        "addons": [
            {
                "id": "ad-1",
                "status": "running",
                "plan": SMALL,
                "addon_provider": POSTGRESQL,
                "version": "18",
                "has_data": True,
                "variables": ["DATABASE_URL"],
                "size_bytes": 50_000_000,
            },
            {"id": "ad-2", "status": "running", "plan": SMALL, "addon_provider": LOGBOOK},
        ]
    },
    "deployments": {"deployments": [], "meta": {"pagination": {"total_count": 4}}},
}


@dataclass(frozen=True)
class Standing:
    """Whose an app is, and since when."""

    id: str
    owner: str = OWNER
    collaborators: frozenset[str] = frozenset()
    created_at: str = "2026-01-01T00:00:00Z"


NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,46}[a-z0-9]")
# What tests have changed, None for deleted; every other app is the owner's, and always was.
STANDING: dict[tuple[str, str], Standing | None] = {}


def standing(region: str, name: str) -> Standing | None:
    return STANDING.get((region, name), Standing(f"id-{name}"))


def an_app(region: str, name: str) -> dict[str, Any]:
    known = standing(region, name)
    assert known
    return {
        "id": known.id,
        "name": name,
        "created_at": known.created_at,
        "base_url": f"https://{name}.{region}.example",
        "git_url": f"git@{region}.example:{name}.git",
        "status": "running",
        "owner": {"id": known.owner, "username": "owner", "email": "owner@example.com"},
        "sticky_session": True,
    }


api = APIRouter(prefix="/{region}/v1")
everything = APIRouter()
KNOWN: set[str] = set()  # the names of apps that were asked for


def caller_of(request: Request) -> dict[str, Any]:
    """Return the claims of the user whose token it is, none for nobody."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        return jwt.decode(token, JWT_KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return {}


def sees(user: dict[str, Any], app: Standing) -> bool:
    return user["role"] != "user" or user["sub"] in {app.owner, *app.collaborators}


@api.get("/apps")
async def list_apps(region: str, request: Request) -> Response:
    """List the caller's apps: those that were asked for by name."""
    known = sorted(KNOWN) if region == SOURCE and caller_of(request).get("sub") == OWNER else ()
    return JSONResponse({"apps": [an_app(region, name) for name in known]})


@api.get("/apps/{name}")
async def show(region: str, name: str, request: Request) -> Response:
    if not (user := caller_of(request)):
        return JSONResponse({"error": "the region says no"}, 401)
    name = name.removeprefix("id-")
    known = standing(region, name)
    if known is None or name == "missing" or not NAME.fullmatch(name) or not sees(user, known):
        return JSONResponse({"resource": "app", "error": f"no app {name}"}, 404)
    KNOWN.add(name)
    return JSONResponse({"app": an_app(region, name)})


@api.get("/apps/{name}/{of_app:path}")
async def listing(name: str, of_app: str) -> Response:
    """What the app `rich-app` has, and no other."""
    if name != "id-rich-app" or of_app not in OF_APP:
        return JSONResponse({"resource": of_app, "error": "none"}, 404)
    return JSONResponse(OF_APP[of_app])


@api.post("/apps/id-rich-app/addons/ad-1/token")
async def addon_token() -> dict[str, Any]:
    return {"addon": {"token": "of-ad-1"}}


@everything.get(f"/{SOURCE}/api/databases/ad-1/backups")
async def backups(request: Request) -> Response:
    known = request.headers["authorization"] == "Bearer of-ad-1"
    return JSONResponse({"database_backups": [{}, {}, {}]} if known else {}, 200 if known else 401)


@api.get("/addon_providers")
async def providers() -> dict[str, Any]:
    return {"addon_providers": [POSTGRESQL]}


@api.get("/addon_providers/postgresql/plans")
async def plans() -> dict[str, Any]:
    return {"plans": [SMALL]}


@api.post("/moved")
async def moved(region: str, request: Request) -> Response:
    location = str(request.url.replace(path=f"/{region}/v1/operations/7"))
    return Response(status_code=202, headers={"Location": location, "Connection": "X-Hop", "X-Hop": "1"})


@api.get("/slowly")
async def slowly() -> Response:
    async def lines() -> AsyncIterator[bytes]:
        yield b"first\n"
        await anyio.sleep(1)
        yield b"second\n"

    return StreamingResponse(lines())


@api.get("/broken")
async def broken() -> Response:
    async def lines() -> AsyncIterator[bytes]:
        yield b"first\n"
        raise ConnectionResetError

    return StreamingResponse(lines())


@everything.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def repeat(request: Request) -> Response:
    body = await request.body()
    seen = {
        "method": request.method,
        "path": request.scope["raw_path"].decode(),
        "query": request.scope["query_string"].decode(),
        "headers": dict(request.headers),
        "sha256": hashlib.sha256(body).hexdigest(),
        "size": len(body),
    }
    return Response(json.dumps(seen), 201 if request.method == "POST" else 200)


def create_app() -> FastAPI:
    app = FastAPI()
    app.include_router(api)
    app.include_router(everything)
    return app


@contextmanager
def running() -> Iterator[str]:
    """Serve on a thread; yields the base URL."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(), host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
