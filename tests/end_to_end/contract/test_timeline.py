"""Row: timeline."""

import pytest

from tests.contract.client import apps
from tests.contract.client.timeline import timeline
from tests.contract.client.wire import Api
from tests.end_to_end.contract.conftest import Shop

pytestmark = pytest.mark.anyio

SECRETS = ("secret-value", "hunter2")  # of a variable, and of a log drain


async def test_timeline(source: Api, shop: Shop) -> None:
    await apps.restart(source, shop.name)
    await apps.env_set(source, shop.name, {"TIMELINE": "secret-value"})
    first = await timeline(source, shop.name, page=1, per_page=100)
    assert {"new_app", "new_addon", "new_domain", "deployment", "restart"} <= {e.type for e in first.events}
    for event in first.events:
        assert event.told is not None
        assert (event.app_id, event.app_name) == (shop.id, shop.name)
        assert not any(secret in str(event.type_data) for secret in SECRETS)
    page = await timeline(source, shop.name, page=2, per_page=2)
    assert page.events == first.events[2:4]
    assert (page.meta.pagination.prev_page, page.meta.pagination.current_page) == (1, 2)
