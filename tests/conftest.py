import pytest

pytest_plugins = ["tests.servers", "tests.distribution"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
