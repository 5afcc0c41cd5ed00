"""The console as people use it: with a mouse, with a keyboard, with and without JavaScript."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import opened, session, sign_in
from tests.gateway.stack import DESTINATION, SOURCE, Stack, api_token
from tests.gateway.test_migrations import WireClient, fresh

pytestmark = pytest.mark.anyio
OWNER = api_token("owner")


def migrated(stack: Stack, app: str, *steps: str) -> str:
    """Return the path of the page of a migration that has gone through these steps."""
    with stack.client() as http:
        client = WireClient(http, app)
        migration = client.create()["id"]
        for step in steps:
            client.run_to_end(migration, step)
    return f"/console/migrations/{SOURCE}/{app}/{migration}"


async def test_who_signs_in_sees_what_is_theirs_until_they_sign_out(browser: Browser, stack: Stack) -> None:
    app = fresh("signed")
    address = migrated(stack, app)
    async with session(browser, stack.url) as own, opened(own) as page:
        await page.goto(address)
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.get_by_label("API token").fill(OWNER)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=app)).to_be_visible()
        (cookie,) = await own.cookies()
        assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == ("/console", True, "Strict")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert await own.cookies() == []


async def test_an_app_is_moved_from_its_plan_to_its_new_region(page: Page) -> None:
    app = fresh("dns")
    await page.get_by_role("link", name="Move an app").first.click()
    await page.get_by_label("App").fill(app)
    await page.get_by_label("Move it to").select_option(DESTINATION)
    await page.get_by_label("New name").fill(f"new-{app}")
    await page.get_by_role("button", name="Show the plan").click()
    await expect(page.get_by_role("heading", name="What changes")).to_be_visible()
    await page.get_by_role("button", name="Open the migration").click()
    # From here on nothing is loaded again: what the page shows comes to it by itself.
    await page.get_by_role("button", name="Prepare the new app").click()
    await expect(page.get_by_text("These variables of the new app still speak")).to_be_visible()
    await page.get_by_role("link", name="Move the data").click()
    await page.get_by_role("button", name="Move the data").click()
    await page.get_by_role("link", name="Finalize").click()
    await page.get_by_role("button", name="Finalize the move").click()
    await expect(page.locator(".badge")).to_have_text("moved")
    await expect(page.get_by_role("row", name="example.com A 192.0.2.1")).to_contain_text("192.0.2.9")
    await expect(page.locator("#next")).to_be_hidden()
    await expect(page.locator(".entry").first).to_contain_text("The app has moved")
    await expect(page.get_by_text("DNS records to change")).to_be_visible()
    await expect(page.get_by_text("Until 2030-01-31 12:00:00 UTC the old region")).to_be_visible()
    await page.get_by_role("link", name="failures").click()
    await expect(page.get_by_text("There is no such event yet")).to_be_visible()


async def test_what_others_do_shows_by_itself_also_after_a_restart(page: Page, stack: Stack) -> None:
    app = fresh("slow")
    address = migrated(stack, app, "preflight")
    await page.goto(address)
    with stack.client() as http:
        WireClient(http, app).run(address.rpartition("/")[2], "prepare")
        await expect(page.locator(".badge")).to_have_text("running")
        await expect(page.locator("progress")).to_be_visible()
        await expect(page.get_by_text("30.0 MB of 90.0 MB, 10,000 rows")).to_be_visible()
        await expect(page.get_by_role("status").first).to_contain_text("The prepare step is running")
    await expect(page.locator(".badge")).to_have_text("prepared")
    await expect(page.get_by_role("status").first).to_have_text("The migration is prepared.")
    await expect(page.locator(".entry").first).to_contain_text("Prepare succeeded")
    await expect(page.locator("#moment")).to_contain_text("Prepare succeeded")
    stack.processes["gateway"].stop()
    stack.processes["gateway"].start()
    with stack.client() as http:
        WireClient(http, app).run(address.rpartition("/")[2], "data")
    await expect(page.locator(".entry").first).to_contain_text("Data succeeded")
    await expect(page.locator(".badge")).to_have_text("data moved")
    assert await page.locator(".entry").count() == int(await page.get_by_role("slider").input_value())


async def test_an_abort_wants_the_name_of_the_app(page: Page, stack: Stack) -> None:
    app = fresh("unbuildable")
    await page.goto(migrated(stack, app, "preflight", "prepare"))
    await expect(page.locator(".badge")).to_have_text("failed")
    await expect(page.get_by_role("button", name="Prepare the new app again")).to_be_visible()
    await page.get_by_role("link", name="Abort").click()
    await page.get_by_label("to confirm").fill("another")
    await page.get_by_role("button", name="Abort").click()
    await expect(page.get_by_role("alert")).to_contain_text(f"Nothing was done. Type {app}")
    await page.get_by_label("to confirm").fill(app)
    await page.keyboard.press("Enter")
    await expect(page.locator(".badge")).to_have_text("undone")
    await expect(page.get_by_text("Abort: Delete new app", exact=True)).to_be_visible()


async def test_the_slider_goes_through_time_by_keyboard(page: Page, stack: Stack) -> None:
    await page.goto(migrated(stack, fresh("past"), "preflight", "prepare"))
    slider = page.get_by_role("slider")
    last = await slider.input_value()
    await slider.focus()
    await page.keyboard.press("Home")
    await expect(page.locator(".badge")).to_have_text("opened")
    await expect(page.get_by_text("No step has been run yet")).to_be_visible()
    await expect(page.locator("#next")).to_be_hidden()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".badge")).to_have_text("running")
    await expect(page.locator("#moment")).to_contain_text(f"2 of {last}")
    await expect(page.locator(".entry[aria-current]")).to_contain_text("Preflight started")
    await expect(slider).to_be_focused()
    await page.reload()
    await expect(page.locator("#moment")).to_contain_text("As it was")
    await page.get_by_role("slider").press("End")
    await expect(page.locator(".badge")).to_have_text("prepared")
    await expect(page.locator("#moment")).to_contain_text("As it is now")
    await expect(page.locator("#next")).to_be_visible()


async def test_everything_works_without_javascript(browser: Browser, stack: Stack) -> None:
    app = fresh("plain")
    address = migrated(stack, app)
    async with session(browser, stack.url, java_script_enabled=False) as own, opened(own) as page:
        await sign_in(page, OWNER)
        await page.goto(address)
        await page.get_by_role("button", name="Run the checks").click()
        await page.get_by_label("The state after event").fill("1")
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator(".badge")).to_have_text("opened")
        await page.get_by_role("link", name="Back to now").click()
        await expect(page.locator(".badge")).not_to_have_text("opened")
        await page.get_by_role("link", name="Abort").click()
        await page.get_by_label("to confirm").fill(app)
        await page.get_by_role("button", name="Abort").click()
        assert page.url.endswith(address)


async def test_the_list_is_searched_and_filtered(page: Page, stack: Stack) -> None:
    word = fresh("find")
    migrated(stack, f"{word}-a", "preflight")
    migrated(stack, f"{word}-b")
    await page.get_by_role("searchbox").fill(word)
    await page.keyboard.press("Enter")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(2)
    await page.get_by_label("Status").select_option("opened")
    await page.get_by_role("button", name="Find").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text(f"{word}-b")
    await page.get_by_label("Region").select_option("down-fr1")
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_text("No migration is like that")).to_be_visible()


async def test_a_stranger_finds_nothing_of_others(browser: Browser, stack: Stack) -> None:
    app = fresh("hidden")
    address = migrated(stack, app)
    async with session(browser, stack.url) as own, opened(own) as page:
        await sign_in(page, api_token("stranger"))
        await expect(page.get_by_text("No app of yours has been moved yet")).to_be_visible()
        for path in ("", "/live", "/evidence", "/run/abort"):
            answer = await own.request.get(address + path)
            assert (answer.status, app in await answer.text()) == (404, False)
