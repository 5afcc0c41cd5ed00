import pytest

from regions.model import Variable
from services.common.mentions import addresses_in, mentions_of_source

HOST = "shop.osc-fr1.example.com"
URL = "postgres://shop_4711:secret@shop-4711.postgresql.example.com:31337/shop_4711"


def variables(**values: str) -> list[Variable]:
    return [Variable(name=name, value=value) for name, value in values.items()]


@pytest.mark.parametrize(
    "value",
    [
        URL,
        "psql -h shop-4711.postgresql.example.com",
        "jdbc:postgresql://shop-4711.postgresql.example.com:31337/other",
        "dbname=shop_4711 sslmode=require",
        f"https://{HOST}/callback",
    ],
)
def test_a_value_that_holds_an_address_of_the_source_is_named(value: str) -> None:
    present = variables(MINE=value, SCALINGO_POSTGRESQL_URL=URL)

    assert mentions_of_source(present, {"SCALINGO_POSTGRESQL_URL"}, HOST) == ["MINE"]


@pytest.mark.parametrize("value", ["", "production", "$SCALINGO_POSTGRESQL_URL", "https://example.com/"])
def test_any_other_value_is_not_named(value: str) -> None:
    present = variables(MINE=value, SCALINGO_POSTGRESQL_URL=URL)

    assert mentions_of_source(present, {"SCALINGO_POSTGRESQL_URL"}, HOST) == []


def test_databases_on_the_machine_itself_are_told_apart_by_their_port() -> None:
    url = "postgres://u:p@127.0.0.1:5432/db"

    assert list(addresses_in(url)) == ["127.0.0.1:5432"]


@pytest.mark.parametrize(
    "value", ["", "plain", "http://[broken", "http://host:port-is-no-number/", "$OTHER", "a:b"]
)
def test_values_that_are_no_urls_are_harmless(value: str) -> None:
    assert all("broken" not in address for address in addresses_in(value))
