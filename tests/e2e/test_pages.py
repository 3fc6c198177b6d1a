"""The demo in a browser, as somebody who tries Sendtrail sees it."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import memory, require
from tests.programs import environment, free_port, line_with, started

CHROMIUM = os.environ.get("SENDTRAIL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
require("browser", bool(CHROMIUM), "no chromium, and SENDTRAIL_CHROMIUM names none")

QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def demo() -> Iterator[dict[str, str]]:
    """A running demo: its address, e-mail and password as it prints them."""
    place = Path(tempfile.mkdtemp(prefix="sendtrail-test-", dir=memory()))
    place.chmod(0o711)
    with started("demo", "--port", str(free_port()), environment=environment(place)) as process:
        told = {"address": line_with(process, "Sendtrail is at").split()[-1]}
        told["e-mail"] = line_with(process, "e-mail").split()[-1]
        told["password"] = line_with(process, "password").split()[-1]
        yield told
        process.terminate()
        assert process.wait(30) == 0
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *sandbox])
        yield browser
        browser.close()


@pytest.fixture(params=["with scripts", "without scripts", "on a phone", "in the dark"])
def visit(request: pytest.FixtureRequest, chromium: Browser, demo: dict[str, str]) -> Iterator[BrowserContext]:
    """A new visit that fails the test if any page complains in the console or asks another host for anything."""
    context = chromium.new_context(
        base_url=demo["address"],
        java_script_enabled=request.param != "without scripts",
        viewport={"width": 390 if request.param == "on a phone" else 1280, "height": 900},
        color_scheme="dark" if request.param == "in the dark" else "light",
    )
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("request", lambda asked: None if asked.url.startswith(demo["address"]) else complaints.append(asked.url))
    yield context
    context.close()
    assert complaints == []


def sign_in(page: Page, demo: dict[str, str]) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("E-mail address").fill(demo["e-mail"])
    page.get_by_label("Password").fill(demo["password"])
    page.get_by_role("button", name="Sign in").click()


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    box = page.locator("body").bounding_box()
    tables = [table.bounding_box() for table in page.locator("table, .card").all()]
    assert page.viewport_size
    width = page.viewport_size["width"]
    return all(each and each["x"] >= 0 and each["x"] + each["width"] <= width for each in [box, *tables])


def test_from_sign_in_to_a_sends_trail(visit: BrowserContext, demo: dict[str, str]) -> None:
    page = visit.new_page()
    sign_in(page, demo)
    expect(page).to_have_url(re.compile("/reports$"))
    for category in ("Received", "Producing", "Handed over", "In transit", "Local delivery", "Delivered", "Returned",
                     "Cancelled"):  # fmt: skip
        expect(page.get_by_role("rowheader", name=re.compile(f"^{category}"))).to_be_visible()
    assert fits(page)

    page.get_by_role("link", name="Bulk campaigns").click()
    expect(page).to_have_url(re.compile("sector=bulk"))
    page.get_by_role("link", name="Delivered").click()
    expect(page.get_by_role("heading", name="Sends")).to_be_visible()
    assert fits(page)

    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="Its way")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Delivered")).to_have_attribute("aria-current", "step")
    expect(page.get_by_role("rowheader", name="Received")).to_be_visible()
    expect(page.get_by_text("by USPS").first).to_be_visible()
    assert fits(page)

    page.get_by_role("link", name="Feeds").first.click()
    expect(page.get_by_role("rowheader", name="iv-mtr.json.gz")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="1 rejected lines of iv-mtr.txt.gz").click()
    expect(page.get_by_text("is not a date and time that exists")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/sends")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_dates_and_search_work_by_their_forms(visit: BrowserContext, demo: dict[str, str]) -> None:
    page = visit.new_page()
    sign_in(page, demo)
    page.get_by_label("From", exact=True).fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2020-01-31")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing was sent in these days")).to_be_visible()
    page.get_by_role("link", name="Sends", exact=True).click()
    page.get_by_label("Search").fill("SAMPLE-00001")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_everything_can_be_reached_by_keyboard(chromium: Browser, demo: dict[str, str]) -> None:
    context = chromium.new_context(base_url=demo["address"])
    page = context.new_page()
    page.goto("/login")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(demo["e-mail"])
    page.keyboard.press("Tab")
    page.keyboard.type(demo["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    context.close()
