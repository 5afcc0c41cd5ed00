"""Servers that the environment names, wrongly or in vain."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from local.backing import Broker, Database
from local.errors import LocalError
from local.install import DATABASE_LOGINS, InstallationError, install
from local.layout import Layout
from local.ports import free_port

BROKER = {
    "STORKY_AMQP_URLS": '["amqp://a:hunter2@10.0.0.1/"]',
    "STORKY_AMQP_MANAGEMENT_URL": "http://10.0.0.1:1",
}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"STORKY_DATABASE_URL": "hunter2"}, "STORKY_DATABASE_URL needs"),
        ({"STORKY_AMQP_URLS": BROKER["STORKY_AMQP_URLS"]}, "set both, or none"),
        (BROKER | {"STORKY_AMQP_URLS": "amqp://a:hunter2@10.0.0.1/"}, "must be a JSON list"),
        (BROKER | {"STORKY_AMQP_URLS": "[]"}, "must be a JSON list"),
        (BROKER | {"STORKY_AMQP_URLS": '["hunter2"]'}, "STORKY_AMQP_URLS needs"),
        (BROKER | {"STORKY_AMQP_MANAGEMENT_URL": "hunter2"}, "STORKY_AMQP_MANAGEMENT_URL needs"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(
    tmp_path: Path, given: Mapping[str, str], told: str
) -> None:
    with pytest.raises(LocalError, match=told) as refusal:
        Layout(tmp_path, given)
    assert "hunter2" not in str(refusal.value)


def test_what_the_environment_names_is_used_with_logins_of_its_own(tmp_path: Path) -> None:
    layout = Layout(tmp_path, BROKER | {"STORKY_DATABASE_URL": "postgresql://root:hunter2@10.0.0.2/log"})
    assert layout.postgres is None
    assert layout.rabbitmq is None
    assert layout.database.url("relay", "a/b") == "postgresql://relay:a%2Fb@10.0.0.2/log"
    assert layout.broker.urls("apps", "x") == ["amqp://apps:x@10.0.0.1/"]
    assert layout.broker.admin_login == ("a", "hunter2")


@pytest.mark.anyio
async def test_a_server_that_is_away_is_told_by_what_it_is() -> None:
    database = Database(f"postgresql://postgres:hunter2@127.0.0.1:{free_port()}/postgres")
    broker = Broker(("amqp://a:b@127.0.0.1/",), "http://127.0.0.1:1")
    with pytest.raises(InstallationError, match="The database could not be prepared") as failure:
        await install(database, broker, dict.fromkeys(DATABASE_LOGINS, "x"), {})
    assert "hunter2" not in str(failure.value)
