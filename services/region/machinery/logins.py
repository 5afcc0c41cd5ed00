"""How a program reaches a database."""

from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True)
class Login:
    """The address of a database, and who connects to it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    @property
    def url(self) -> str:
        """The same as a URL."""
        user, password, database = (
            quote(part, safe="") for part in (self.user, self.password, self.database)
        )
        return f"postgresql://{user}:{password}@{self.host}:{self.port}/{database}"

    @property
    def environment(self) -> dict[str, str]:
        """The same as libpq's variables: a command line can be read by every user of the machine."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.database,
            "PGOPTIONS": "-c client_connection_check_interval=1s",  # ends the session of a killed program
        }
