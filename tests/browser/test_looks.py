"""How the pages look on a phone and on a desk, by day and by night, as far as that can be measured."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import signed_in
from tests.browser.test_console import OWNER, migrated
from tests.gateway.stack import DESTINATION, SOURCE, Stack
from tests.gateway.test_migrations import fresh

pytestmark = pytest.mark.anyio

MEASURE = Path(__file__).with_name("looks.js").read_text()
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"}


@pytest.fixture(scope="module")
def paths(stack: Stack) -> list[str]:
    """Every kind of page, with migrations of every tone on them."""
    done = migrated(stack, fresh("dns"), "preflight", "prepare", "data", "finalize")
    failed = migrated(stack, fresh("unbuildable"), "preflight", "prepare")
    undone = migrated(stack, fresh("dropped"), "preflight", "abort")
    plan = f"/console/new?region={SOURCE}&app=rich-app&destination={DESTINATION}&dst_app_name="
    return [
        "/console/",
        "/console/?text=nothing-is-like-this",
        "/console/new",
        "/console/new?region=nowhere&app=x&destination=y",
        plan,
        done,
        f"{done}?version=20&kind=steps",
        failed,
        f"{failed}/run/abort",
        undone,
        "/console/nothing/here",
        "/console/sign-in",
    ]


@pytest.mark.parametrize("options", [PHONE, DESK], ids=["phone at night", "desk by day"])
async def test_every_page_is_readable_and_fits(
    browser: Browser, stack: Stack, paths: list[str], options: dict[str, Any]
) -> None:
    async with signed_in(browser, stack.url, OWNER, **options) as page:
        for path in paths:
            await page.goto(path)
            assert await page.evaluate(MEASURE) == [], path


async def test_a_keyboard_gets_past_the_menu_and_nothing_moves_unasked(
    browser: Browser, stack: Stack
) -> None:
    async with signed_in(browser, stack.url, OWNER, reduced_motion="reduce") as page:
        await page.get_by_role("heading", name="Migrations").wait_for()
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        await expect(skip).to_be_focused()
        await expect(skip).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        focused = page.locator("main :focus")
        await expect(focused).to_be_visible()
        assert await focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
        assert await page.evaluate("document.getAnimations().length") == 0
