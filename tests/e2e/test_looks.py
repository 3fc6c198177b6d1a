"""What no single page is responsible for: accessibility, weight, and that nothing moves once it is drawn."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import require
from tests.e2e.conftest import fits, sign_in
from tests.e2e.test_tracker import made

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
require("node", AXE.is_file(), "axe-core is not installed: run `make assets`")

PAGES = (
    "/reports",
    "/reports?sector=single",
    "/reports?start=2020-01-01&end=2020-01-31",
    "/reports?start=never",
    "/campaigns",
    "/campaigns?state=archived",
    "/campaigns/new",
    "/campaigns/{campaign}",
    "/campaigns/{campaign}/edit",
    "/campaigns/{campaign}/delete",
    "/campaigns/compare?campaign={campaign}",
    "/sends",
    "/sends?q=nobody-at-all",
    "/sends?mode=both&words=postgrid&kind=gift",
    "/sends?status=lost",
    "/sends/views",
    "/links",
    "/links?q=nobody-at-all",
    "/links/{link}",
    "/campaigns/{campaign}/recipients",
    "/recipients/{send}",
    "/sends/{send}",
    "/sends/{send}/cancel",
    "/sends/{fresh}/cancel",
    "/sends/{fresh}/edit",
    "/sends/{fresh}/events",
    "/sends/{fresh}/resend",
    "/attention",
    "/attention?rule=held",
    "/attention?state=done",
    "/feeds",
    "/feeds/unmatched",
    "/hooks",
    "/hooks/new",
    "/hooks/{told}",
    "/hooks/{told}/deliveries/{delivery}",
    "/hooks/{hook}/receiver",
    "/settings",
    "/settings/account",
    "/settings/links",
    "/settings/teams",
    "/settings/thresholds",
    "/settings/worker",
    "/welcome",
    "/help/statuses",
    "/nowhere",
)
DRAWN = """document.fonts.ready
    .then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
    .then(() => new Promise((idle) => requestIdleCallback(idle)))
    .then(() => window.moved)"""
"""How far things moved until a page with its letters and charts stood there: scripts have run when it is loaded."""
HEAVIEST = 350_000
"""Bytes of a first visit, as they cross the line."""


@pytest.fixture(scope="module")
def addresses(chromium: Browser, demo: dict[str, str]) -> dict[str, str]:
    """A campaign, a send of it, a link and hooks, by the way of whoever clicks; a send that can still be changed."""
    context = chromium.new_context(base_url=demo["address"])
    page = context.new_page()
    sign_in(page, demo)
    page.goto("/campaigns")
    campaign = page.locator("tbody a[href^='/campaigns/']").first.get_attribute("href") or ""
    page.goto(campaign)
    send = page.locator("tbody a[href^='/sends/']").first.get_attribute("href") or ""
    page.goto("/links")
    link = page.locator("tbody a[href^='/links/']").first.get_attribute("href") or ""
    page.goto("/hooks")
    told = page.locator("tbody a[href^='/hooks/']").first.get_attribute("href") or ""
    page.goto(told)
    delivery = page.locator("#deliveries a").first.get_attribute("href") or ""
    page.goto("/hooks/new")
    page.get_by_role("textbox", name="Address").fill("https://8.8.8.8/")  # nothing that it hears of happens here
    page.get_by_label("Returned", exact=True).check()
    page.get_by_role("button", name="Make the hook").click()
    hook = page.url.partition("/receiver")[0]
    context.close()
    (fresh,) = made(demo, "Fresh")
    named = {"campaign": campaign, "send": send, "link": link, "told": told, "delivery": delivery, "hook": hook}
    return {name: address.rpartition("/")[2] for name, address in named.items()} | {"fresh": fresh}


@pytest.fixture(params=["light", "dark", "phone"])
def looker(request: pytest.FixtureRequest, chromium: Browser, demo: dict[str, str]) -> Iterator[Page]:
    """Somebody signed in, by day, by night or on a phone."""
    context: BrowserContext = chromium.new_context(
        base_url=demo["address"],
        viewport={"width": 390 if request.param == "phone" else 1280, "height": 900},
        color_scheme="dark" if request.param == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    sign_in(page, demo)
    yield page
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds wrong: the rule and where."""
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def test_no_page_has_an_obstacle_for_anybody(looker: Page, addresses: dict[str, str]) -> None:
    found = {}
    looker.add_init_script(AXE.read_text(encoding="utf-8"))
    for address in PAGES:
        looker.goto(address.format(**addresses))
        if wrong := violations(looker):
            found[address] = wrong
        if not fits(looker):
            found[address] = [*wrong, "scrolls sideways"]
    assert found == {}


@pytest.mark.parametrize("looker", ["light", "phone"], indirect=True)
def test_a_long_name_breaks_and_not_the_page(looker: Page, addresses: dict[str, str]) -> None:
    named = {
        "/reports": "section:has(#sent) tbody th a",
        "/campaigns": ".campaigns tbody th a",
        "/campaigns/{campaign}": "h1, .list tbody th a",
        "/sends": "tbody th a",
        "/sends?campaign={campaign}": ".heading p a, .chosen .pill, tbody th a",
        "/sends/{send}": "h1, .crumbs a",
    }
    broken = []
    for address, names in named.items():
        looker.goto(address.format(**addresses))
        looker.locator(names).evaluate_all("all => all.forEach(each => { each.textContent = 'n'.repeat(200); })")
        if not fits(looker):
            broken.append(address)
    assert broken == []


@pytest.mark.parametrize("looker", ["phone"], indirect=True)
def test_every_page_fits_the_narrowest_phone(looker: Page, addresses: dict[str, str]) -> None:
    looker.set_viewport_size({"width": 320, "height": 700})
    wide = []
    for address in PAGES:
        looker.goto(address.format(**addresses))
        if not fits(looker):
            wide.append(address)
    assert wide == []


@pytest.mark.parametrize("looker", ["light"], indirect=True)
def test_campaigns_side_by_side_fit_every_window(looker: Page) -> None:
    looker.goto("/campaigns")
    for each in looker.locator(".pick input").all()[:4]:
        each.check()
    looker.get_by_role("button", name="Compare").click()
    expect(looker.get_by_role("heading", name="Compare campaigns")).to_be_visible()
    for width in (720, 1024, 1280):
        looker.set_viewport_size({"width": width, "height": 900})
        assert fits(looker), width


def test_what_a_status_means_shows_by_keyboard_and_by_tap(looker: Page, addresses: dict[str, str]) -> None:
    for address in ("/sends", "/reports?sector=single", "/campaigns/{campaign}"):
        looker.goto(address.format(**addresses))
        row = looker.locator(".list tbody tr:has(a[aria-describedby])").nth(3)
        tip = row.locator(".tip")
        row.locator("a").first.focus()
        looker.keyboard.press("Shift+Tab")
        expect(tip).to_be_hidden()
        looker.keyboard.press("Tab")
        expect(tip).to_be_visible()
        looker.keyboard.press("Shift+Tab")
        row.locator(".status").focus()
        expect(tip).to_be_visible()


@pytest.mark.parametrize("looker", ["light", "phone"], indirect=True)
def test_nothing_moves_once_it_is_drawn(looker: Page, addresses: dict[str, str]) -> None:
    looker.add_init_script(
        """window.moved = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((shift) => { window.moved += shift.value; }))
            .observe({type: "layout-shift", buffered: true});"""
    )
    moved = {}
    for address in PAGES:
        looker.goto(address.format(**addresses))
        moved[address] = looker.evaluate(DRAWN)
    assert max(moved.values()) < 0.01, moved


def test_a_first_visit_is_light(chromium: Browser, demo: dict[str, str]) -> None:
    context = chromium.new_context(base_url=demo["address"])
    page = context.new_page()
    sign_in(page, demo)
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate(
        """[performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource")]
            .map((each) => [each.name, each.encodedBodySize])"""
    )
    context.close()
    assert any("charts" in name for name, _ in sizes)
    assert sum(size for _, size in sizes) < HEAVIEST, sizes
