"""Debian's chromium, driven through the console."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    async_playwright,
    expect,
)

MISSING = (
    "There is no chromium on PATH: type `apt-get install chromium` as root, or set STORKY_CHROMIUM to one."
)
FLAGS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AS_ROOT = ("--no-sandbox",)  # it refuses to make its sandbox then
DEADLINE = 30_000  # ms, for whatever is waited for
expect.set_options(timeout=DEADLINE)


def program() -> str:
    """Return the path of the browser; raises RuntimeError where there is none."""
    found = os.environ.get("STORKY_CHROMIUM") or shutil.which("chromium")
    if not found:
        raise RuntimeError(MISSING)
    return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Yield a browser with a fresh profile, on no screen."""
    flags = [*FLAGS, *(AS_ROOT if os.geteuid() == 0 else ())]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=flags)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def session(browser: Browser, url: str, **options: Any) -> AsyncIterator[BrowserContext]:
    """Yield what one person has open, with cookies of its own; `options` are of the context."""
    own = await browser.new_context(base_url=url, **options)
    own.set_default_timeout(DEADLINE)
    try:
        yield own
    finally:
        await own.close()


@asynccontextmanager
async def opened(own: BrowserContext) -> AsyncIterator[Page]:
    """Yield a new page. Fails in the end if anything on it has complained."""
    page = await own.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda answer: complaints.append(answer.url) if _is_missing(answer) else None)
    yield page
    await page.close()
    assert not complaints


def _is_complaint(said: ConsoleMessage) -> bool:
    # A violation of the content security policy is an error, too. Which answers are none is said below.
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def _is_missing(answer: Response) -> bool:
    return answer.status >= 400 and answer.request.resource_type != "document"  # a page may say no


async def sign_in(page: Page, token: str) -> None:
    """Sign in from the form, to the list of migrations."""
    await page.goto("/console/sign-in")
    await page.get_by_label("API token").fill(token)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/console/")
