"""Campaigns in browsers: begun, given another name, archived, deleted, found again."""

import re
from uuid import uuid4

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import fits, sign_in


def choose(page: Page, choice: str) -> None:
    """Something of the menu behind the three dots."""
    page.get_by_label("More about this campaign").click()
    page.locator(".menu .choices").get_by_text(choice).click()


def test_a_campaign_from_its_beginning_to_its_end_and_back(visit: BrowserContext, demo: dict[str, str]) -> None:
    page, name = visit.new_page(), f"Drop {uuid4().hex[:8]}"
    sign_in(page, demo)
    page.goto("/campaigns")
    assert fits(page)
    page.get_by_role("link", name="New campaign").click()
    assert fits(page)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Triggered").check()
    page.get_by_role("button", name="Begin the campaign").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("The campaign is begun")

    choose(page, "Change")
    name = f"{name} renamed"
    page.get_by_label("Name", exact=True).fill(name)
    assert fits(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()

    choose(page, "Archive")
    expect(page.get_by_text("This campaign is archived")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Restore it").click()
    expect(page.get_by_text("This campaign is archived")).to_have_count(0)

    choose(page, "Delete")
    expect(page.get_by_role("heading", name="What stays")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Delete the campaign").click()
    expect(page.get_by_role("status")).to_contain_text("Deleted.")
    expect(page.get_by_role("rowheader", name=re.compile(name))).to_have_count(0)
    page.get_by_label("State").get_by_role("link", name=re.compile("^Deleted")).click()
    assert fits(page)
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_text("This campaign was deleted")).to_be_visible()
