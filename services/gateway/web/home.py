"""The list of the migrations that the user may see."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from events.status import Status
from services.gateway.auth import Authorization
from services.gateway.listing import Wanted, visible
from services.gateway.pages import Pagination
from services.gateway.state import GatewayState
from services.gateway.web.pages import Pages
from services.gateway.web.steps import MigrationView

router = APIRouter()
PER_PAGE = 25


class Asked(BaseModel):
    """What the filters of the list are set to."""

    text: str = Query(default="", max_length=100, pattern=r"^[^\x00]*$")
    status: Status | Literal[""] = ""
    region: str = ""
    page: int = Query(default=1, ge=1, le=10**6)

    @property
    def wanted(self) -> Wanted:
        """The same, as the gateway's own list is asked."""
        statuses = [self.status] if self.status else []
        return Wanted(text=self.text, status=statuses, region=self.region, page=self.page, per_page=PER_PAGE)


@router.get("/")
async def index(
    pages: Pages,
    state: GatewayState,
    asked: Annotated[Asked, Query()],
    authorization: Authorization = "",
) -> HTMLResponse:
    """Show a page of the list, the newest first."""
    found = await visible(state, pages.user, authorization, asked.wanted)
    return pages.show(
        "home.html",
        asked=asked,
        views=[MigrationView(each) for each in found.page.migrations],
        pagination=Pagination.of(asked.page, PER_PAGE, found.page.total_count),
        unreachable=found.unreachable,
        regions=state.settings.regions,
        statuses=list(Status),
    )
