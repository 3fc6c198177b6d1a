"""What people do with one send in browsers: correct it, copy its number, and lose nothing when their session ends."""

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import fits, sign_in
from tests.e2e.test_tracker import made


def test_a_recipient_is_corrected_from_the_menu_of_a_row(visit: BrowserContext, demo: dict[str, str]) -> None:
    name = f"Rook{uuid4().hex[:8]}"
    made(demo, name)
    page = visit.new_page()
    sign_in(page, demo)
    page.goto(f"/sends?q={name}")
    page.locator("table.sends .dots summary").click()
    assert fits(page)
    page.get_by_role("link", name="Edit recipient or date").click()
    page.get_by_label("City").fill("Salem")
    page.get_by_label("Send date").fill("2030-05-17")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Your changes are saved.")
    expect(page.get_by_role("region", name="Recipient info")).to_contain_text("city empty → Salem")
    expect(page.get_by_role("region", name="Where it stands")).to_contain_text("17 May 2030")
    assert fits(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_outlives_its_session(chromium: Browser, demo: dict[str, str], scripts: bool) -> None:
    (send,) = made(demo, f"Wren{uuid4().hex[:8]}")
    context = chromium.new_context(base_url=demo["address"], java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, demo)
    page.goto(f"/sends/{send}/events")
    page.get_by_label("What happened").select_option("Held")
    page.get_by_label("Note").fill("Waits for the\nnew address")
    context.clear_cookies(name="sendtrail_session")
    page.get_by_role("button", name="Add it to the trail").click()
    expect(page.get_by_role("status")).to_contain_text("nothing of it is lost")
    page.get_by_label("E-mail address").fill(demo["e-mail"])
    page.get_by_label("Password").fill(demo["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="You are signed in again")).to_be_visible()
    expect(page.locator("main")).to_contain_text("new address")
    page.get_by_role("button", name="Send it now").click()
    trail = page.get_by_role("region", name="Recent updates")
    expect(trail).to_contain_text("Waits for the new address")
    expect(trail).to_contain_text(f"reported by {demo['e-mail']}")
    context.close()


def test_a_tracking_number_is_copied_and_the_menu_works_by_keyboard(chromium: Browser, demo: dict[str, str]) -> None:
    number = "9400109104250532908587"
    (send,) = made(demo, f"Lark{uuid4().hex[:8]}", kind="gift", tracking_number=number)
    context = chromium.new_context(base_url=demo["address"], permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    sign_in(page, demo)
    page.goto(f"/sends/{send}")
    page.get_by_role("button", name="Copy the tracking number").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == number
    dots = page.locator("main .dots summary")
    dots.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Copy tracking link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(2)
    assert number in page.evaluate("navigator.clipboard.readText()")
    assert page.evaluate("navigator.clipboard.readText()").startswith("https://")
    page.keyboard.press("Escape")
    expect(dots).to_be_focused()
    expect(page.get_by_role("link", name="Cancel", exact=True)).to_be_hidden()
    context.close()
