"""Take the pictures of docs/images (`make screenshots`) on a system of its own, with an app that moves."""

import tempfile
from pathlib import Path

import anyio
from playwright.async_api import Browser, Page, expect

from local.sample.deploy import Sample, deploy, owner
from local.system import System, running
from tests.browser.chromium import chromium, opened, session, sign_in

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SAMPLE = Sample(region="agora-fr1", name="wanderer", domain="www.wanderer.example", megabytes=60)
PATIENCE = 180_000  # ms for a step
PHONE = {"viewport": {"width": 360, "height": 780}, "device_scale_factor": 2, "color_scheme": "dark"}


async def main() -> None:
    """Start everything, and be the photographer."""
    with tempfile.TemporaryDirectory(prefix="storky-pictures-") as directory:
        async with running(Path(directory)) as system, chromium() as browser:
            await _furnish(system)
            await _visit(browser, system.endpoints.gateway, system.endpoints.tokens["owner"])


async def _furnish(system: System) -> None:
    """Deploy the app that moves, and open migrations of others, for the list."""
    endpoints = system.endpoints
    async with owner(endpoints.gateway, endpoints.tokens["owner"]) as client:
        await deploy(client, SAMPLE, endpoints.regions[SAMPLE.region].front)
        for name, step in (("billing-api", "abort"), ("newsletter", "preflight"), ("shop", None)):
            apps = f"{endpoints.gateway}/{SAMPLE.region}/v1/apps"
            (await client.post(apps, json={"app": {"name": name}})).raise_for_status()
            wanted = {"destination": "osc-fr1", "dst_app_name": ""}
            of_app = f"{apps}/{name}/region_migrations"
            opened = (await client.post(of_app, json={"migration": wanted})).json()["id"]
            if step:
                (await client.post(f"{of_app}/{opened}/run", json={"step": step})).raise_for_status()


async def _visit(browser: Browser, url: str, token: str) -> None:
    async with session(browser, url) as own, opened(own) as page:
        await sign_in(page, token)
        await _open(page)
        await page.get_by_role("button", name="Prepare").click()
        await page.get_by_role("link", name="Move the data").click()
        await page.get_by_role("button", name="Move the data").click()
        await page.locator("progress").first.wait_for()
        await _take(page, "data", height=1400)
        await page.get_by_role("link", name="Finalize").click(timeout=PATIENCE)
        await page.get_by_role("button", name="Finalize").click()
        await expect(page.locator(".badge")).to_have_text("moved", timeout=PATIENCE)
        await _take(page, "moved")
        await page.get_by_role("link", name="Data started").click()
        await _take(page, "then")
        moved = page.url.partition("?")[0]
        await page.get_by_role("link", name="Migrations").first.click()
        await _take(page, "list", height=560)
        await page.get_by_role("link", name="shop").click()
        await page.get_by_role("link", name="Abort").click()
        await _take(page, "abort", height=560)
    async with session(browser, url, **PHONE) as own, opened(own) as page:
        await sign_in(page, token)
        await page.goto(moved)
        await page.screenshot(path=_file("phone"))


async def _open(page: Page) -> None:
    await page.get_by_role("link", name="Move an app").first.click()
    await page.get_by_label("App").fill(SAMPLE.name)
    await page.get_by_label("Move it to").select_option("osc-fr1")
    await page.get_by_role("button", name="Show the plan").click()
    await page.get_by_role("heading", name="What changes").wait_for()
    await _take(page, "plan")
    await page.get_by_role("button", name="Open the migration").click()


async def _take(page: Page, name: str, height: int = 960) -> None:
    await page.set_viewport_size({"width": 1280, "height": height})
    await page.screenshot(path=_file(name), animations="disabled")


def _file(name: str) -> Path:
    return IMAGES / f"console-{name}.png"


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    anyio.run(main)
