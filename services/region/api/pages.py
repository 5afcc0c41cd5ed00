"""Long lists are asked for, and answered, a page at a time."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from typing_extensions import TypedDict

HIGHEST = 1_000_000
MOST_PER_PAGE = 100


class Pagination(TypedDict):
    """Where a page is in its list."""

    prev_page: int | None
    current_page: int
    next_page: int | None
    total_pages: int
    total_count: int


class Meta(TypedDict):
    """What an answer says of itself."""

    pagination: Pagination


@dataclass(frozen=True)
class Page:
    """Which part of a list: its number from 1, and how many items a page has."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many items come before it."""
        return (self.number - 1) * self.size

    def meta(self, total: int) -> Meta:
        """Return what an answer says of its place in a list of so many items."""
        pages = max(1, -(-total // self.size))
        return {
            "pagination": {
                "prev_page": self.number - 1 if self.number > 1 else None,
                "current_page": self.number,
                "next_page": self.number + 1 if self.number < pages else None,
                "total_pages": pages,
                "total_count": total,
            }
        }


def _page(
    page: Annotated[int, Query(ge=1, le=HIGHEST)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 20,
) -> Page:
    return Page(page, per_page)


AskedPage = Annotated[Page, Depends(_page)]
