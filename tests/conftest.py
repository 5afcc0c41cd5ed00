import pytest

pytest_plugins = ["tests.servers"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
