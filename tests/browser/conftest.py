from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.chromium import chromium, opened, session, sign_in
from tests.gateway.stack import Stack, api_token


@pytest.fixture(scope="package")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """One browser for all tests."""
    async with chromium() as running:
        yield running


@pytest.fixture(scope="package")
async def owner(browser: Browser, stack: Stack) -> AsyncIterator[BrowserContext]:
    """What the owner has open, who has signed in."""
    async with session(browser, stack.url) as own, opened(own) as page:
        await sign_in(page, api_token("owner"))
        yield own


@pytest.fixture
async def page(owner: BrowserContext) -> AsyncIterator[Page]:
    """A new page of the owner's, on the list of migrations."""
    async with opened(owner) as page:
        await page.goto("/console/")
        yield page
