"""The gateway's HTTP API, as the tool uses it."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlencode

import httpx
import stamina
from httpx_sse import ServerSentEvent, connect_sse
from pydantic import TypeAdapter

from services.cli.connection import Connection
from services.cli.errors import CliError, UnavailableError
from services.cli.planned import Plan
from services.cli.refusals import explain
from services.cli.wire import App, Listing, Migration, Snapshot

stamina.instrumentation.set_on_retry_hooks([])  # standard output belongs to the command's result

TIMEOUT = 30  # seconds; the gateway answers a command within 20
PATIENCE = 2.0  # seconds during which a gateway that is away is asked again
SILENCE = 40  # seconds; a gateway that is followed says something every 15
UNAUTHORIZED = 401
NOT_NOW = frozenset({429, 502, 503})

MIGRATIONS = TypeAdapter(list[Migration])


class Search(NamedTuple):
    """Which migrations to find; what is empty stands for all."""

    text: str
    region: str
    statuses: Sequence[str]
    page: int


class _TokenAuth(httpx.Auth):
    """Exchanges the API token for a signed one, and again when that has expired."""

    def __init__(self, connection: Connection) -> None:
        self._exchange = f"{connection.url}/v1/tokens/exchange"
        self._basic = httpx.BasicAuth("", connection.api_token)
        self._signed = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a signed token."""
        if not self._signed:
            yield from self._exchange_token()
        request.headers["Authorization"] = f"Bearer {self._signed}"
        answer = yield request
        if answer.status_code == UNAUTHORIZED:
            yield from self._exchange_token()
            request.headers["Authorization"] = f"Bearer {self._signed}"
            yield request

    def _exchange_token(self) -> Generator[httpx.Request, httpx.Response, None]:
        exchange = httpx.Request("POST", self._exchange, json={})
        answer = yield next(self._basic.auth_flow(exchange))
        answer.read()
        if answer.status_code == UNAUTHORIZED:
            raise CliError("The API token is not accepted: check STORKY_TOKEN, or the folder given by --dir.")
        _check(answer)
        self._signed = answer.json()["token"]


class Gateway:
    """A gateway, asked about one app in one region."""

    def __init__(self, connection: Connection, region: str, app: str) -> None:
        self._connection = connection
        self._region = region
        self._app = app
        self._http = httpx.Client(auth=_TokenAuth(connection), timeout=TIMEOUT, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def create(self, destination: str, new_name: str) -> Migration:
        """Open a migration of the app."""
        body = {"migration": {"destination": destination, "dst_app_name": new_name}}
        return Migration.model_validate(self._post(self._migrations(), body).json())

    def run(self, migration_id: str, step: str) -> None:
        """Start a step; it has started when this returns."""
        self._post(f"{self._migrations(migration_id)}/run", {"step": step})

    def approve(self, migration_id: str, step: str) -> None:
        """Approve a step that somebody else has started."""
        self._post(f"{self._migrations(migration_id)}/approve", {"step": step})

    def snapshot(self, migration_id: str) -> Snapshot:
        """Return the migration and its tasks."""
        return Snapshot.model_validate(self._get(f"{self._migrations(migration_id)}/tasks"))

    def follow(self, migration_id: str, last_event_id: str) -> Iterator[ServerSentEvent]:
        """Yield what the gateway tells of a migration, after that event, until the connection ends."""
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        url = f"{self._connection.url}{self._migrations(migration_id)}/follow"
        timeout = httpx.Timeout(TIMEOUT, read=SILENCE)
        with (
            self._reached(),
            connect_sse(self._http, "GET", url, headers=headers, timeout=timeout) as source,
        ):
            if not source.response.is_success:
                source.response.read()
            _check(source.response)
            yield from source.iter_sse()

    def migrations(self) -> list[Migration]:
        """Return the app's migrations, the newest first."""
        return MIGRATIONS.validate_python(self._get(self._migrations()))

    def search(self, wanted: Search) -> Listing:
        """Return a page of the migrations of all apps that the user may see, the newest first."""
        text, region, statuses, page = wanted
        query = urlencode({"text": text, "region": region, "status": statuses, "page": page}, doseq=True)
        return Listing.model_validate(self._get(f"/v1/storky/migrations?{query}"))

    def plan(self, destination: str, new_name: str) -> Plan:
        """Return what a migration of the app would do."""
        query = urlencode({"destination": destination, "dst_app_name": new_name})
        return Plan.model_validate(self._get(f"{_app_path(self._region, self._app)}/migration_plan?{query}"))

    def evidence(self, migration_id: str) -> dict[str, Any]:
        """Return what the log tells of a migration; the gateway's JSON."""
        evidence: dict[str, Any] = self._get(f"{self._migrations(migration_id)}/evidence")
        return evidence

    def app_in(self, region: str, app: str) -> App:
        """Return an app as another region shows it."""
        return App.model_validate(self._get(_app_path(region, app))["app"])

    def _migrations(self, migration_id: str = "") -> str:
        path = f"{_app_path(self._region, self._app)}/region_migrations"
        return f"{path}/{quote(migration_id, safe='')}" if migration_id else path

    def _get(self, path: str) -> Any:
        passing = (httpx.TransportError, UnavailableError)
        return self._ask(lambda: self._http.get(self._connection.url + path), passing).json()

    def _post(self, path: str, body: Any) -> httpx.Response:
        # Sent twice only if it cannot have arrived: no connection was made.
        url = self._connection.url + path
        return self._ask(lambda: self._http.post(url, json=body), (httpx.ConnectError,))

    def _ask(
        self, call: Callable[[], httpx.Response], passing: tuple[type[Exception], ...]
    ) -> httpx.Response:
        with self._reached():
            for attempt in stamina.retry_context(
                on=passing, attempts=None, timeout=PATIENCE, wait_initial=0.1, wait_max=2
            ):
                with attempt:
                    answer = call()
                    _check(answer)
        return answer

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Say in one sentence that the gateway cannot be reached, or does not speak as one should."""
        try:
            yield
        except httpx.TransportError as error:
            raise UnavailableError(
                f"The gateway {self._connection.url} does not answer ({type(error).__name__}): is it running?"
            ) from None


def _check(answer: httpx.Response) -> None:
    if answer.status_code in NOT_NOW:
        raise UnavailableError(explain(answer))
    if not answer.is_success:
        raise CliError(explain(answer))


def _app_path(region: str, app: str) -> str:
    return f"/{quote(region, safe='')}/v1/apps/{quote(app, safe='')}"
