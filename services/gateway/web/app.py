"""The console as an app of its own, mounted in the gateway: its failures are pages, its identity a cookie."""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import State
from starlette.staticfiles import StaticFiles

from services.gateway.errors import ApiError, respond
from services.gateway.web import actions, failures, home, live, migration, opening, signing
from services.gateway.web.guard import SecureHeaders
from services.gateway.web.session import PATH, Identity, is_console

__all__ = ["PATH", "Identity", "SecureHeaders", "answer", "create_console", "entrance"]

entrance = APIRouter(include_in_schema=False)


@entrance.get("/")
@entrance.get(PATH)
async def enter() -> RedirectResponse:
    """Lead people who come with a browser to the console."""
    return RedirectResponse(f"{PATH}/", 307)


def answer(request: Request, error: ApiError) -> Response:
    """Return a refusal in the form that who asks can read: a page in the console, JSON elsewhere."""
    return failures.page(request, error) if is_console(request.scope) else respond(request, error)


def create_console(shared: State) -> FastAPI:
    """Return the console; `shared` is the state of the gateway that it is mounted in."""
    console = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    console.state = shared
    failures.install(console)
    for page in (home, signing, opening, migration, live, actions):
        console.include_router(page.router)
    console.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return console
