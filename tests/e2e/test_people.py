"""People in browsers: an admin invites, a sender joins and sees their own."""

import re
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.conftest import fits, menu, sign_in

SECTIONS = {
    "/settings/account": "Your account",
    "/settings/password": "Password",
    "/settings/codes": "Sign-in codes",
    "/settings": "General",
    "/settings/money": "Money",
    "/settings/clients": "Clients",
    "/settings/audit": "Audit",
    "/settings/members": "Members",
    "/settings/teams": "Teams",
    "/settings/roles": "Roles",
    "/settings/mailer-ids": "Mailer IDs",
    "/settings/feeds": "Push feeds",
    "/settings/keys": "API keys",
}


def test_somebody_is_invited_and_sees_only_what_a_sender_may(
    visit: BrowserContext, chromium: Browser, demo: dict[str, str]
) -> None:
    admin = visit.new_page()
    sign_in(admin, demo)
    email = f"{uuid4().hex[:8]}@example.com"
    admin.goto("/settings/members")
    admin.get_by_label("E-mail address").fill(email)
    admin.get_by_label("Role", exact=True).last.select_option("sender")
    admin.get_by_role("button", name="Invite").click()
    expect(admin.get_by_role("status")).to_contain_text("The invitation is on its way")
    admin.goto("/outbox")
    link = admin.get_by_role("link", name=re.compile("invite")).first.get_attribute("href")
    assert link

    other = chromium.new_context(base_url=demo["address"])
    sender = other.new_page()
    sender.goto(link)
    sender.get_by_label("Your name").fill("Nia")
    sender.get_by_label("A password").fill("long enough")
    sender.get_by_role("button", name="Join").click()
    expect(sender).to_have_url(re.compile("/sends$"))
    expect(sender.get_by_role("heading", name="No sends yet")).to_be_visible()
    expect(sender.get_by_role("link", name="Feeds")).to_have_count(0)
    sender.goto("/settings/keys")
    expect(sender.get_by_role("heading", name="Not allowed")).to_be_visible()
    other.close()

    admin.goto("/settings/audit")
    expect(admin.locator("tr", has_text=email).filter(has_text="joined")).to_be_visible()


def test_the_pages_of_the_settings_fit_and_lead_to_each_other(visit: BrowserContext, demo: dict[str, str]) -> None:
    page = visit.new_page()
    sign_in(page, demo)
    menu(page)
    page.get_by_role("link", name="Settings").click()
    for address, title in SECTIONS.items():
        toggle = page.get_by_label("Show all settings")
        if toggle.is_visible():
            toggle.check()
        page.get_by_label("Settings", exact=True).get_by_role("link", name=title, exact=True).click()
        expect(page).to_have_url(re.compile(f"{address}$"))
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        assert fits(page), address
