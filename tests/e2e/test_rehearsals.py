"""A journey rehearsed, watched in a browser while a real worker plays it."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import fits, sign_in

pytestmark = pytest.mark.xdist_group("browser")
_JOURNEY = 45_000
"""Milliseconds: twice as long as one takes at its quickest pace."""


def test_a_rehearsal_is_watched_from_created_to_delivered_and_taken_back(
    chromium: Browser, demo: dict[str, str]
) -> None:
    context = chromium.new_context(base_url=demo["address"])
    page = context.new_page()
    sign_in(page, demo)
    page.goto("/welcome")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("nothing on this page was really sent")).to_be_visible()
    page.evaluate("window.neverLoadedAgain = true")
    way = page.get_by_role("region", name="Its way")
    for step in (
        "Received",
        "Producing",
        "Handed over",
        "In transit",
        "Local delivery",
        "Delivered",
    ):
        told = way.locator("li.seen", has_text=step).locator("time")
        expect(told).to_be_visible(timeout=_JOURNEY)
    rehearsal = page.locator("#rehearsal")
    expect(rehearsal).to_contain_text("The rehearsal is over", timeout=_JOURNEY)
    expect(page.get_by_role("region", name="Where it stands")).to_contain_text("Delivered")
    expect(page.locator("#updates")).to_contain_text("DELIVERY UNIT")
    assert page.evaluate("window.neverLoadedAgain")
    assert fits(page)
    rehearsal.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("status").filter(has_text="taken back")).to_be_visible()
    expect(page.locator("#updates li")).to_have_count(1)
    page.get_by_role("button", name="Next step").last.click()
    expect(page.get_by_role("region", name="Where it stands")).to_contain_text("PDF sent to print")
    context.close()
