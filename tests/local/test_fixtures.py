import asyncpg
import httpx
import pytest

from tests.servers import Node

pytestmark = pytest.mark.anyio


async def test_every_test_has_an_empty_database_of_its_own(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE mine ()")
    await connection.close()


@pytest.mark.parametrize("again", [1, 2])
async def test_the_next_one_sees_nothing_of_it(database_url: str, again: int) -> None:
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT to_regclass('mine')") is None
    await connection.execute("CREATE TABLE mine ()")
    await connection.close()


def test_every_test_has_a_virtual_host_of_its_own(rabbitmq: Node, vhost: str) -> None:
    answer = httpx.get(
        f"{rabbitmq.management_url}/api/queues/{vhost}", auth=(rabbitmq.admin_user, rabbitmq.admin_password)
    )
    assert answer.json() == []
