"""The demo in a browser, as somebody who tries Sendtrail walks through it."""

import re

from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import fits, menu, sign_in

CATEGORIES = (
    "Received", "Producing", "Handed over", "In transit", "Local delivery", "Delivered", "Returned", "Cancelled",
)  # fmt: skip


def test_from_the_report_by_a_campaign_to_a_piece(visit: BrowserContext, demo: dict[str, str]) -> None:
    page = visit.new_page()
    sign_in(page, demo)
    stand = page.get_by_role("region", name="Where they stand")
    for category in CATEGORIES:
        expect(stand.get_by_role("rowheader", name=re.compile(f"^{category}"))).to_be_visible()
    assert fits(page)

    page.get_by_role("link", name="Bulk campaigns", exact=True).click()
    expect(page).to_have_url(re.compile("sector=bulk"))
    sent = page.get_by_role("region", name="What was sent")
    campaign = sent.get_by_role("rowheader").get_by_role("link").first
    name = campaign.inner_text()
    campaign.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    assert fits(page)

    page.get_by_role("link", name="Mail pieces tracking").click()
    page.get_by_role("link", name=re.compile("^Tracking of")).first.click()
    expect(page.get_by_role("heading", name="Its way")).to_be_visible()
    expect(page.get_by_role("heading", name="Recent updates")).to_be_visible()
    expect(page.locator(".steps > li")).to_have_count(len(CATEGORIES))
    assert fits(page)
    page.get_by_label("Where this is").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_a_category_of_the_report_leads_to_its_sends(visit: BrowserContext, demo: dict[str, str]) -> None:
    page = visit.new_page()
    sign_in(page, demo)
    page.get_by_role("region", name="Where they stand").get_by_role("link", name="Delivered").click()
    expect(page).to_have_url(re.compile("/sends.*category=delivered"))
    page.locator("tbody a").first.click()
    expect(page.locator(".steps li[aria-current='step']")).to_have_class(re.compile("s-delivered"))


def test_a_slice_of_the_donut_leads_to_its_sends(chromium: Browser, demo: dict[str, str]) -> None:
    context = chromium.new_context(base_url=demo["address"])
    page = context.new_page()
    sign_in(page, demo)
    donut = page.get_by_role("group", name="Sends by where they stand")
    expect(donut.locator("svg path").first).to_be_visible()
    donut.scroll_into_view_if_needed()
    box = donut.locator("svg").bounding_box()
    assert box
    radius = min(box["width"], box["height"]) / 2 * 0.79
    with page.expect_navigation():  # the largest slice, opposite to where the circle begins
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + radius)
    expect(page).to_have_url(re.compile("/sends.*category="))
    context.close()


def test_what_a_feed_said_wrong_is_shown(visit: BrowserContext, demo: dict[str, str]) -> None:
    page = visit.new_page()
    sign_in(page, demo)
    menu(page)
    page.get_by_role("link", name="Feeds", exact=True).click()
    expect(page.get_by_role("rowheader", name=re.compile("^iv-mtr-")).first).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name=re.compile("^1 rejected line of printer-")).click()
    expect(page.get_by_text("columns, the header").first).to_be_visible()


def test_dates_and_search_work_by_their_forms(visit: BrowserContext, demo: dict[str, str]) -> None:
    page = visit.new_page()
    sign_in(page, demo)
    page.locator("summary").filter(has_text="Last 30 days").click()
    page.get_by_label("From", exact=True).fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2020-01-31")
    page.get_by_role("button", name="Show these days").click()
    expect(page.get_by_role("heading", name="Nothing was sent in these days")).to_be_visible()
    page.goto("/sends")
    page.get_by_label("Search").fill("HV-000001")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_who_signs_out_sees_nothing_any_more(visit: BrowserContext, demo: dict[str, str]) -> None:
    page = visit.new_page()
    sign_in(page, demo)
    menu(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/sends")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


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
