"""What came back goes out once more, from the list of what needs attention, on a phone and without scripts."""

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import fits, sign_in


def test_an_address_is_fixed_and_the_send_goes_out_once_more(chromium: Browser, demo: dict[str, str]) -> None:
    context = chromium.new_context(
        base_url=demo["address"], java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    sign_in(page, demo)
    page.goto("/attention?rule=returned")
    entry = page.locator(".entries > li").first
    name = entry.locator(".title a").inner_text()
    entry.get_by_role("link", name="Fix and resend").click()
    page.get_by_label("Address", exact=True).fill("7 Larch Row")
    page.get_by_role("button", name="Send it once more").click()
    expect(page.get_by_role("status").first).to_contain_text("It goes out once more")
    expect(page.get_by_role("region", name="Recipient info")).to_contain_text("7 Larch Row")
    page.get_by_role("link", name="an earlier one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("region", name="Needs attention")).to_contain_text("done")

    page.goto("/attention?rule=held")
    page.get_by_role("checkbox", name="Select").first.check()
    page.get_by_label("Snooze until").first.select_option("For a week")
    page.get_by_role("button", name="Snooze", exact=True).first.click()
    expect(page.get_by_role("status").first).to_have_text("1 entry will come back in a week.")
    assert fits(page)
    context.close()
