"""The commands about what an app has beside its code. Each takes the region's API."""

from tests.contract.client.session import Session
from tests.contract.client.surroundings import (
    Addon,
    Alert,
    Autoscaler,
    Collaborator,
    Drain,
    EventType,
    NotificationPlatform,
    Notifier,
    Plan,
    Provider,
    Provisioned,
    RepoLink,
)
from tests.contract.client.wire import Api, Params

# What people may call an addon's provider; else it is the provider's name, in whichever case.
ALIASES = {"psql": "postgresql", "pgsql": "postgresql", "postgres": "postgresql"}
ZERO_TIME = "0001-01-01T00:00:00Z"  # what the client sends for a time that it does not know


async def addon_providers(region: Api) -> list[Provider]:
    return await region.get("/addon_providers", list[Provider], "addon_providers", anonymous=True)


async def plans(region: Api, provider: str) -> list[Plan]:
    return await region.get(f"/addon_providers/{provider}/plans", list[Plan], "plans", anonymous=True)


async def addons(region: Api, app: str) -> list[Addon]:
    return await region.get(f"/apps/{app}/addons", list[Addon], "addons")


async def addons_info(region: Api, app: str, addon: str) -> Addon:
    return await region.get(f"/apps/{app}/addons/{addon}", Addon, "addon")


async def addon_of_type(region: Api, app: str, kind: str) -> str:
    """`--addon postgresql`: the client looks the id up by the provider's name."""
    name = ALIASES.get(kind, kind).casefold()
    found = await addons(region, app)
    return next(addon.id for addon in found if addon.addon_provider.name.casefold() == name)


async def addons_add(
    region: Api, app: str, provider: str, plan: str, options: dict[str, str] | None = None
) -> Provisioned:
    """The client looks the plan's id up by its name."""
    plan_id = await _plan(region, provider, plan)
    order = {"addon_provider_id": provider, "plan_id": plan_id, "options": options}
    return await region.add(f"/apps/{app}/addons", Provisioned, "", {"addon": order})


async def addons_upgrade(region: Api, app: str, addon: str, plan: str) -> Addon:
    provider = (await addons_info(region, app, addon)).addon_provider.id
    body = {"addon": {"plan_id": await _plan(region, provider, plan)}}
    return await region.change(f"/apps/{app}/addons/{addon}", Addon, "addon", body)


async def addons_remove(region: Api, app: str, addon: str) -> None:
    await region.delete(f"/apps/{app}/addons/{addon}")


async def collaborators(region: Api, app: str) -> list[Collaborator]:
    return await region.get(f"/apps/{app}/collaborators", list[Collaborator], "collaborators")


async def collaborators_add(region: Api, app: str, email: str) -> Collaborator:
    body = {"collaborator": {"email": email}}
    return await region.add(f"/apps/{app}/collaborators", Collaborator, "collaborator", body)


async def collaborators_remove(region: Api, app: str, email: str) -> None:
    found = next(each for each in await collaborators(region, app) if each.email == email)
    await region.delete(f"/apps/{app}/collaborators/{found.id}")


async def log_drains(region: Api, app: str, addon: str = "") -> list[Drain]:
    return await region.get(_drains(app, addon), list[Drain], "drains")


async def log_drains_add(region: Api, app: str, addon: str = "", **given: str) -> Drain:
    """The client sends all six, empty where nothing was given; the port too is a string."""
    empty = dict.fromkeys(("type", "url", "port", "host", "token", "drain_region"), "")
    return await region.add(_drains(app, addon), Drain, "drain", {"drain": {**empty, **given}})


async def log_drains_remove(region: Api, app: str, url: str, addon: str = "") -> None:
    await region.delete(_drains(app, addon), {"url": url})


async def event_types(region: Api) -> list[EventType]:
    return await region.get_map("/event_types", list[EventType], "event_types")


async def platforms(region: Api, name: str) -> list[NotificationPlatform]:
    path = "/notification_platforms/search"
    return await region.get(
        path, list[NotificationPlatform], "notification_platforms", {"name": name}, anonymous=True
    )


async def notifiers(region: Api, app: str) -> list[Notifier]:
    return await region.get(f"/apps/{app}/notifiers", list[Notifier], "notifiers")


async def notifiers_details(region: Api, app: str, notifier: str) -> Notifier:
    return await region.get(f"/apps/{app}/notifiers/{notifier}", Notifier, "notifier")


async def notifiers_add(region: Api, app: str, platform: str, type_data: Params, **terms: object) -> Notifier:
    """The client looks the platform up by its name, and says no type."""
    (found,) = await platforms(region, platform)
    body = {"notifier": {**_unknown_notifier(found.id), "type_data": type_data, **terms}}
    return await region.add(f"/apps/{app}/notifiers", Notifier, "notifier", body)


async def notifiers_update(region: Api, app: str, notifier: str, **terms: object) -> Notifier:
    body = {"notifier": {**_unknown_notifier(""), "type_data": {}, **terms}}
    return await region.change(f"/apps/{app}/notifiers/{notifier}", Notifier, "notifier", body)


async def notifiers_remove(region: Api, app: str, notifier: str) -> None:
    await region.delete(f"/apps/{app}/notifiers/{notifier}")


async def alerts(region: Api, app: str) -> list[Alert]:
    return await region.get(f"/apps/{app}/alerts", list[Alert], "alerts")


async def alerts_add(
    region: Api, app: str, container: str, metric: str, limit: float, **terms: object
) -> Alert:
    """The client sends the whole of an alert, zeros and nulls included."""
    zeros: Params = {
        "id": "",
        "app_id": "",
        "disabled": False,
        "send_when_below": False,
        "duration_before_trigger": 0,
        "remind_every": "0s",
        "created_at": ZERO_TIME,
        "updated_at": ZERO_TIME,
        "metadata": None,
        "notifiers": None,
    }
    alert = {**zeros, "container_type": container, "metric": metric, "limit": limit, **terms}
    return await region.add(f"/apps/{app}/alerts", Alert, "alert", {"alert": alert})


async def alerts_update(region: Api, app: str, alert: str, **terms: object) -> Alert:
    return await region.change(f"/apps/{app}/alerts/{alert}", Alert, "alert", terms)


async def alerts_remove(region: Api, app: str, alert: str) -> None:
    await region.delete(f"/apps/{app}/alerts/{alert}")


async def autoscalers(region: Api, app: str) -> list[Autoscaler]:
    return await region.get(f"/apps/{app}/autoscalers", list[Autoscaler], "autoscalers")


async def autoscalers_add(region: Api, app: str, **terms: object) -> Autoscaler:
    body = {"autoscaler": {"id": "", "app_id": "", "disabled": False, **terms}}
    return await region.add(f"/apps/{app}/autoscalers", Autoscaler, "autoscaler", body)


async def autoscalers_update(region: Api, app: str, autoscaler: str, **terms: object) -> Autoscaler:
    return await region.change(f"/apps/{app}/autoscalers/{autoscaler}", Autoscaler, "autoscaler", terms)


async def autoscalers_remove(region: Api, app: str, autoscaler: str) -> None:
    await region.delete(f"/apps/{app}/autoscalers/{autoscaler}")


async def integration_link(region: Api, app: str) -> RepoLink:
    return await region.get(f"/apps/{app}/scm_repo_link", RepoLink, "scm_repo_link")


async def integration_link_create(
    session: Session, region: Api, app: str, repository: str, **terms: object
) -> RepoLink:
    """The client looks the integration up, and sends whatever can be said of a link."""
    integration = await session.integration_with(repository)
    zeros: Params = {
        "branch": "",
        "auto_deploy_enabled": False,
        "deploy_review_apps_enabled": False,
        "delete_on_close_enabled": False,
        "hours_before_delete_on_close": 0,
        "delete_stale_enabled": False,
        "hours_before_delete_stale": 0,
        "automatic_creation_from_forks_allowed": False,
    }
    link = {**zeros, "source": repository, "auth_integration_uuid": integration.id, **terms}
    return await region.add(f"/apps/{app}/scm_repo_link", RepoLink, "scm_repo_link", {"scm_repo_link": link})


async def integration_link_update(region: Api, app: str, terms: Params) -> RepoLink:
    body = {"scm_repo_link": terms}
    return await region.change(f"/apps/{app}/scm_repo_link", RepoLink, "scm_repo_link", body)


async def integration_link_delete(region: Api, app: str) -> None:
    await region.delete(f"/apps/{app}/scm_repo_link")


async def _plan(region: Api, provider: str, name: str) -> str:
    return next(plan.id for plan in await plans(region, provider) if plan.name == name)


def _drains(app: str, addon: str) -> str:
    return f"/apps/{app}/addons/{addon}/log_drains" if addon else f"/apps/{app}/log_drains"


def _unknown_notifier(platform: str) -> Params:
    return {
        "id": "",
        "app_id": "",
        "type": "",
        "platform_id": platform,
        "created_at": ZERO_TIME,
        "updated_at": ZERO_TIME,
    }
