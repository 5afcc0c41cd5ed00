"""What the console says when it cannot show what was asked for: a page, never JSON."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from services.gateway.errors import ApiError, invalid, record, refused
from services.gateway.web.pages import rendered
from services.gateway.web.session import PATH, end

SIGN_IN = f"{PATH}/sign-in"
UNAUTHORIZED = 401

TITLES = {
    400: "That is not possible now",
    403: "You may not do this",
    404: "There is nothing here",
    405: "That is not possible here",
    413: "That is too much at once",
    422: "Something is not right yet",
    429: "Too many at once",
    503: "storky cannot answer now",
}
UNKNOWN = "Something went wrong"


def install(console: FastAPI) -> None:
    """Make every failure of the console a page."""
    console.add_exception_handler(ApiError, _refused)
    console.add_exception_handler(RequestValidationError, _invalid)
    console.add_exception_handler(HTTPException, _no_such_page)
    console.add_exception_handler(Exception, _internal)


def sentence(error: ApiError) -> str:
    """Return what a refusal says, without the names of fields."""
    said = [error.body["error"]] if "error" in error.body else []
    for messages in error.body.get("errors", {}).values():
        said += messages
    return " ".join(said)


def page(request: Request, error: ApiError) -> Response:
    """Return a refusal as a page, and record it; who is not signed in is asked to."""
    record(request, error)
    if error.status == UNAUTHORIZED:
        return _sign_in(request)
    values = {"status": error.status, "title": TITLES.get(error.status, UNKNOWN), "said": sentence(error)}
    return HTMLResponse(rendered("failure.html", **values), error.status, headers=error.headers)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return page(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = sorted({str(problem["loc"][-1]) for problem in error.errors()})
    return page(request, invalid("form", f"Look at what you have entered for: {', '.join(fields)}."))


async def _no_such_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = f"There is no page for {request.method} at this address."
    return page(request, refused(error.status_code, "no_page", said))


async def _internal(request: Request, _: Exception) -> Response:
    # What it was is logged by the server, which gets the exception after this.
    return page(request, refused(500, "internal", "The gateway failed; its log says why. Try again later."))


def _sign_in(request: Request) -> Response:
    """Ask the user to sign in, and to come back to where this was.

    A strict cookie is not sent along a link on another site: such a request comes a second time from a page
    of our own, before anybody is asked.
    """
    if request.headers.get("sec-fetch-site") == "cross-site" and request.method == "GET":
        return HTMLResponse(rendered("arrival.html", url=str(request.url)))
    back = request.url.path if request.method == "GET" else ""
    answer = RedirectResponse(f"{SIGN_IN}?{urlencode({'next': back})}", 303)
    end(answer)
    return answer
