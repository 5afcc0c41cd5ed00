"""The calls about webhooks: for operators, and an extension of the contract."""

from typing import Annotated

import anyio
import structlog
from fastapi import APIRouter, Depends, Query

from services.common.webhooks import TargetError, Targets
from services.gateway.auth import OperatorOnly
from services.gateway.bodies import SmallBodyRoute
from services.gateway.document import errors
from services.gateway.errors import ApiError, invalid, not_found, refused
from services.gateway.pages import Meta, Pagination
from services.gateway.state import GatewayState
from services.gateway.webhooks.model import (
    AddedWebhook,
    AddedWebhookBody,
    NewWebhookBody,
    ParkedBody,
    ResentBody,
    TrialBody,
    WantedAgain,
    Webhook,
    WebhookBody,
    WebhooksBody,
)

TEST_SECONDS = 25  # to wait for one: another attempt may be under way, and each takes ten at most
LOOK_AGAIN = 0.1  # seconds
PAGE = 100  # parked deliveries

every = APIRouter(prefix="/v1/storky/webhooks", route_class=SmallBodyRoute, responses=errors(403))
one = APIRouter(prefix="/v1/storky/webhooks/{name}", route_class=SmallBodyRoute, responses=errors(403))
log = structlog.get_logger()


async def webhook_named(name: str, state: GatewayState, _: OperatorOnly) -> Webhook:
    """Return the webhook that the path names; 404 for an unknown one."""
    if webhook := await state.webhooks.named(name):
        return webhook
    raise _no_webhook(name)


NamedWebhook = Annotated[Webhook, Depends(webhook_named)]


@every.get("")
async def index(state: GatewayState, _: OperatorOnly) -> WebhooksBody:
    """List all webhooks, by name."""
    return WebhooksBody(webhooks=await state.webhooks.every())


@every.post("")
async def add(body: NewWebhookBody, state: GatewayState, user: OperatorOnly) -> AddedWebhookBody:
    """Add a webhook, or change it. A secret that was made now is in this answer and nowhere else."""
    wanted = body.webhook
    try:
        host = Targets.of(state.settings).host(wanted.url.get_secret_value())
    except TargetError as error:
        raise invalid("url", f"No webhook can go there: {error}.") from None
    secret = await state.webhooks.put(wanted, host)
    log.info("webhook added", action="webhook.add", webhook=wanted.name, host=host, by=user.sub)
    kept = await webhook_named(wanted.name, state, user)
    return AddedWebhookBody(webhook=AddedWebhook(**kept.model_dump(), secret=secret))


@one.post("/remove")
async def remove(webhook: NamedWebhook, state: GatewayState, user: OperatorOnly) -> WebhookBody:
    """Remove a webhook, with all that was still to be told."""
    await state.webhooks.remove(webhook.name)
    log.info("webhook removed", action="webhook.remove", webhook=webhook.name, by=user.sub)
    return WebhookBody(webhook=webhook)


@one.post("/test", responses=errors(400))
async def test(webhook: NamedWebhook, state: GatewayState) -> TrialBody:
    """Send a test, once, and return what came of it."""
    if webhook.paused_at:
        raise refused(400, "paused", f"{webhook.name} is paused, as it has answered 410: add it again first.")
    test_id = await state.webhooks.begin_test(webhook.name)
    with anyio.move_on_after(TEST_SECONDS):
        while not (trial := await state.webhooks.tested(webhook.name, test_id)):
            await anyio.sleep(LOOK_AGAIN)
        await state.webhooks.end_test(webhook.name, test_id)
        return TrialBody(test=trial)
    await state.webhooks.end_test(webhook.name, test_id)
    raise refused(
        503, "not_tried", f"Nothing was sent within {TEST_SECONDS} s: is the webhooks service running?"
    )


@one.get("/parked")
async def parked(
    webhook: NamedWebhook, state: GatewayState, page: Annotated[int, Query(ge=1, le=10**6)] = 1
) -> ParkedBody:
    """List the deliveries that are tried no more, in the order of the log."""
    deliveries = await state.webhooks.parked(webhook.name, PAGE, PAGE * (page - 1))
    pagination = Pagination.of(page, PAGE, webhook.parked)
    return ParkedBody(deliveries=deliveries, meta=Meta(pagination=pagination))


@one.post("/resend")
async def resend(
    body: WantedAgain, webhook: NamedWebhook, state: GatewayState, user: OperatorOnly
) -> ResentBody:
    """Have parked deliveries tried for a day again."""
    resent = await state.webhooks.resend(webhook.name, body.id)
    if body.id and not resent:
        raise not_found("delivery", f"{webhook.name} has no parked delivery {body.id}; list them.")
    log.info("webhooks sent again", action="webhook.resend", webhook=webhook.name, count=resent, by=user.sub)
    return ResentBody(resent=resent)


def _no_webhook(name: str) -> ApiError:
    return not_found("webhook", f"There is no webhook {name}; list them.")
