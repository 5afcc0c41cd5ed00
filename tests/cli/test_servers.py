"""Where the operator's commands find the broker of a deployment."""

import pytest

from services.cli.errors import CliError
from services.cli.servers import Administrator, administrator, operator_urls

OPERATOR = "amqps://storky-operator:a-secret@broker.example:5671/storky"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORKY_AMQP_URLS", f'["{OPERATOR}"]')


def test_the_environment_names_the_broker_and_its_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORKY_AMQP_MANAGEMENT_URL", "https://admin:pass%40word@broker.example:15671")
    assert operator_urls(None) == [OPERATOR]
    assert administrator(None) == Administrator(
        "https://broker.example:15671", "admin", "pass@word", "storky"
    )


@pytest.mark.parametrize("url", ["", "https://broker.example:15671", "broker.example"])
def test_without_an_administrator_s_login_it_is_said_how_to_give_one(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORKY_AMQP_MANAGEMENT_URL", url)
    with pytest.raises(CliError, match="https://USER:PASSWORD@HOST:15671"):
        administrator(None)
