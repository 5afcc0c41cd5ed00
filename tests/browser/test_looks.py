"""How the pages look on a phone and on a desk, by day and by night, as far as that can be measured."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_console import migrated
from tests.gateway.stack import DESTINATION, SOURCE, Stack
from tests.gateway.test_migrations import fresh

pytestmark = pytest.mark.anyio

MEASURE = Path(__file__).with_name("looks.js").read_text()


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


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
async def test_every_page_is_readable_and_fits(
    page: Page, paths: list[str], width: int, scheme: Literal["dark", "light"]
) -> None:
    await page.set_viewport_size({"width": width, "height": 740})
    await page.emulate_media(color_scheme=scheme)
    for path in paths:
        await page.goto(path)
        assert await page.evaluate(MEASURE) == [], path


async def test_a_keyboard_gets_past_the_menu_and_nothing_moves_unasked(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
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
