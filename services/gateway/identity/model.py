"""An API token, as everybody may know it who may know of it: without its secret."""

from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.gateway.settings import Role
from services.gateway.tokens import User, expiry


class Token(BaseModel):
    """An API token: whose it is, what it may do, and how long."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    user_id: str
    username: str
    email: str
    role: Role
    label: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def valid(self) -> bool:
        """Tell whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or datetime.now(UTC) < self.expires_at)

    def stands_for(self, user: User) -> bool:
        """Tell whether a JWT of this user is still backed by this token."""
        return self.valid and (self.user_id, self.role) == (user.sub, user.role)

    def as_user(self) -> User:
        """Return whom a JWT speaks for that is signed now."""
        return User(
            sub=self.user_id,
            username=self.username,
            email=self.email,
            role=self.role,
            tid=self.id,
            exp=expiry(self.expires_at),
        )
