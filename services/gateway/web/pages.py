"""A page: a template filled in for the signed-in user who asked for it."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from rich.filesize import decimal

from services.common.formats import how_far, moment, span
from services.gateway.auth import Caller
from services.gateway.state import GatewayState
from services.gateway.tokens import User
from services.gateway.web import words
from services.gateway.web.session import form_token, token_of

_environment = Environment(
    loader=PackageLoader("services.gateway.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "moment": moment,
    "span": span,
    "size": decimal,
    "how_far": how_far,
    "query": lambda values: urlencode({name: value for name, value in values.items() if value}),
}
_environment.globals |= {"words": words}


class UserPages:
    """The pages of one user's request."""

    def __init__(self, user: User, form: str) -> None:
        self.user = user
        self._common = {"user": user, "form": form}

    def show(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return the filled-in template as the answer."""
        return HTMLResponse(self.text(template, **values), status)

    def text(self, template: str, **values: Any) -> str:
        """Return the filled-in template."""
        return rendered(template, **self._common, **values)


async def pages(request: Request, user: Caller, state: GatewayState) -> UserPages:
    """Return the pages of the caller; 401 for nobody."""
    return UserPages(user, form_token(token_of(request), state.settings))


Pages = Annotated[UserPages, Depends(pages)]


def rendered(template: str, **values: Any) -> str:
    """Return a template filled in for anybody."""
    return _environment.get_template(template).render(**values)
