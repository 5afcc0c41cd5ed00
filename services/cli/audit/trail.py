"""The audit trail, as the gateway serves it to auditors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from projections.status import MigrationStatus
from projections.status.difference import Difference
from services.cli import connection
from services.cli.client import Gateway
from services.cli.errors import CliError
from services.cli.options import Options
from services.cli.refusals import explain

EVENTS = "/v1/audit/events"
LINES = {"Accept": "application/x-ndjson"}

Event = dict[str, Any]


class Trail(Gateway):
    """A gateway, asked about what happened to any app."""

    def __init__(self, options: Options) -> None:
        """Ask as the auditor of a folder of `storky up`, else with the token of the environment."""
        found = connection.find(options.directory, options.url, options.api_token, user="auditor")
        super().__init__(found, options.region, options.app)

    def status(self, migration_id: str, moment: Mapping[str, str]) -> MigrationStatus:
        """Return a migration as it was; the moment is `at` a time, or a `version`, or nothing for now."""
        return MigrationStatus.model_validate(self._get(f"{_path(migration_id)}?{urlencode(moment)}"))

    def difference(self, migration_id: str, first: str, second: str) -> Difference:
        """Return what changed in a migration between two moments, each a time or a version."""
        moments = urlencode({"from": first, "to": second})
        return Difference.model_validate(self._get(f"{_path(migration_id)}/diff?{moments}"))

    def page(self, wanted: Mapping[str, str]) -> Any:
        """Return a page of events as the gateway's JSON."""
        return self._get(f"{EVENTS}?{urlencode(wanted)}")

    @contextmanager
    def lines(self, wanted: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """Yield all events as they arrive, each a line of JSON; raises UnavailableError if they break off."""
        url = f"{self._connection.url}{EVENTS}?{urlencode(wanted)}"
        with self._reached(), self._http.stream("GET", url, headers=LINES) as answer:
            if not answer.is_success:
                answer.read()
                raise CliError(explain(answer))
            yield answer.iter_lines()


def _path(migration_id: str) -> str:
    return f"/v1/audit/migrations/{quote(migration_id, safe='')}"
