"""A part of a long list, in the contract's words."""

from typing import Self

from pydantic import BaseModel


class Pagination(BaseModel):
    """Where a page is among all."""

    prev_page: int | None
    current_page: int
    next_page: int | None
    total_pages: int
    total_count: int

    @classmethod
    def of(cls, page: int, per_page: int, total: int) -> Self:
        """Return the place of a page of a list this long; at least one page there is always."""
        pages = max(1, -(-total // per_page))
        return cls(
            prev_page=page - 1 if page > 1 else None,
            current_page=page,
            next_page=page + 1 if page < pages else None,
            total_pages=pages,
            total_count=total,
        )


class Meta(BaseModel):
    """What is told beside the list."""

    pagination: Pagination
