"""The other side of the gateway: a region that knows whose apps are whose, and repeats what reaches it."""

import hashlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import jwt
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from local.ports import free_port

JWT_KEY = "a key of sixty-four bytes or more, that the gateway and its regions share"
OWNER = "us-owner"


api = APIRouter(prefix="/{region}/v1")
everything = APIRouter()


@api.get("/apps/{name}")
async def show(region: str, name: str, request: Request) -> Response:
    try:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        claims = jwt.decode(token, JWT_KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        return JSONResponse({"error": "the region says no"}, 401)
    if claims["sub"] != OWNER or name == "missing":
        return JSONResponse({"resource": "app", "error": f"no app {name}"}, 404)
    name = name.removeprefix("id-")
    shown = {"id": f"id-{name}", "name": name, "base_url": f"https://{name}.{region}.example"}
    return JSONResponse({"app": shown})


@api.get("/apps/{name}/domains")
async def domains(name: str) -> dict[str, Any]:
    return {"domains": [{"name": "www.example.com"}] if name.startswith("dns") else []}


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
