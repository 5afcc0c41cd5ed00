from events.inventory import Addon, Inventory
from regions.model import Variable
from services.apps.variables import left_to_addons


def test_a_variable_that_an_addon_provides_is_left_to_the_new_addon() -> None:
    present = [
        Variable(name="DATABASE_URL", value="$SCALINGO_POSTGRESQL_URL"),
        Variable(name="SCALINGO_POSTGRESQL_URL", value="postgres://x"),
        Variable(name="REDIS_URL", value="redis://x", addon_id="ad-2"),
    ]

    addon = Addon(
        id="ad-1",
        provider="postgresql",
        plan="small",
        version="18",
        has_data=True,
        variables=("SCALINGO_POSTGRESQL_URL", "REMOVED_BY_USER"),
    )

    provided = left_to_addons(present, Inventory(app_id="1", status="running", addons=(addon,)))

    assert provided == {"SCALINGO_POSTGRESQL_URL", "REDIS_URL"}
