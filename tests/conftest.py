import pytest
from hypothesis import HealthCheck, settings

# A loaded machine is no failure: of time there are the limits that the tests set themselves.
settings.register_profile("storky", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("storky")

pytest_plugins = ["tests.servers", "tests.distribution", "tests.gateway.stack"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
