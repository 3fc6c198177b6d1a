"""The demo in a browser, as somebody who tries Sendtrail walks through it."""

import re

from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import fits, sign_in


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
    expect(page.locator(".steps li[aria-current='step']")).to_contain_text("Delivered")
    expect(page.get_by_role("heading", name="Received")).to_be_visible()
    expect(page.get_by_text("by USPS").first).to_be_visible()
    assert fits(page)

    page.get_by_role("link", name="Feeds").first.click()
    expect(page.get_by_role("rowheader", name=re.compile("^iv-mtr-")).first).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name=re.compile("^1 rejected line of printer-")).click()
    expect(page.get_by_text("columns, the header").first).to_be_visible()

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
    page.get_by_label("Search").fill("HV-000001")
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
