"""What an admin changes in the settings, and everybody's own password."""

import re
from html import unescape

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, budgets, funds, mailer_ids, money, people, sessions
from sendtrail.services.context import Context
from tests.web.conftest import EMAIL, PASSWORD, Browser
from tests.web.test_pages import words

SECTIONS = ("/settings", "/settings/mailer-ids", "/settings/feeds", "/settings/money", "/settings/password")
FORMS = (
    "/settings",
    "/settings/mailer-ids",
    "/settings/feeds",
    "/settings/feeds/feed_0/revoke",
    "/settings/money/prices",
    "/settings/money/prices/remove",
    "/settings/money/deposits",
)


async def demote(context: Context) -> None:
    async with context.database.transaction() as connection:
        await connection.execute("update membership set role = 'viewer'")


def wrong(page: str) -> dict[str, str]:
    """What stands beside each field that is wrong."""
    found = re.findall(r'<span class="wrong" id="(\w+)-wrong">(.*?)</span>', page)
    for name, _ in found:
        assert f'aria-invalid="true" aria-describedby="{name}-wrong"' in page
    return {name: unescape(said) for name, said in found}


class TestWhoMay:
    @pytest.mark.parametrize("address", SECTIONS)
    async def test_each_section_names_itself_and_leads_to_the_others(self, ann: Browser, address: str) -> None:
        page = (await ann.look(address)).text
        assert f'href="{address}" aria-current="page"' in page
        assert all(f'href="{each}"' in page for each in SECTIONS)

    async def test_others_than_admins_see_a_page_that_says_so(self, ann: Browser, context: Context) -> None:
        await demote(context)
        for address in SECTIONS[:-1]:
            page = await ann.look(address)
            assert page.status_code == 403
            assert "This takes a permission that you do not have: " in page.text
        for address in FORMS:
            assert (await ann.post(address, name="Mine now", price="1", amount="1", kind="letter")).status_code == 403
        own = (await ann.look("/settings/password")).text
        assert 'href="/settings/money"' not in own
        assert "A new password" in own

    @pytest.mark.parametrize("address", [*SECTIONS, "/welcome"])
    async def test_a_stranger_is_sent_to_sign_in(self, stranger: Browser, address: str) -> None:
        assert (await stranger.look(address)).headers["Location"].startswith("/login?next=")

    @pytest.mark.parametrize("address", [*FORMS, "/settings/password"])
    async def test_a_form_without_the_browsers_token_is_refused(self, ann: Browser, address: str) -> None:
        await ann.look("/settings")
        assert (await ann.client.post(address, data={"csrf": "x" * 43, "name": "Evil"})).status_code == 403


class TestOrganization:
    async def test_what_is_saved_is_shown_and_used(self, ann: Browser) -> None:
        saved = await ann.post(
            "/settings", name="Acme Mail", time_zone="Pacific/Honolulu", support_contact="617-555-0142", currency="CAD"
        )
        assert (saved.status_code, saved.headers["Location"]) == (303, "/settings?done=saved")
        page = (await ann.look("/settings?done=saved")).text
        assert 'role="status">Saved.' in page
        assert 'value="Acme Mail"' in page
        assert 'value="Pacific/Honolulu"' in page
        assert 'value="617-555-0142"' in page
        assert '<option value="CAD" selected>' in page
        assert "Acme Mail" in (await ann.look("/reports")).text

    async def test_what_cannot_be_taken_is_said_at_its_field_and_kept(self, ann: Browser) -> None:
        refused = await ann.post("/settings", name="New", time_zone="Mars", support_contact="the <desk>")
        assert refused.status_code == 400
        assert wrong(refused.text) == {"time_zone": "Time zone must be an IANA name such as America/Chicago."}
        assert 'value="the &lt;desk&gt;"' in refused.text
        assert 'value="New"' in refused.text
        assert "Acme" in (await ann.look("/settings")).text

    async def test_what_another_tab_changed_meanwhile_stays(self, ann: Browser) -> None:
        shown = dict(re.findall(r'name="(was_\w+)" value="([^"]*)"', (await ann.look("/settings")).text))
        left = {name.removeprefix("was_"): value for name, value in shown.items()}
        assert left.keys() == {"name", "time_zone", "support_contact", "currency"}
        await ann.post("/settings", **shown, **(left | {"support_contact": "617-555-0142"}))
        await ann.post("/settings", **shown, **(left | {"time_zone": "America/Denver"}))
        page = (await ann.look("/settings")).text
        assert 'value="617-555-0142"' in page
        assert 'value="America/Denver"' in page

    async def test_the_currency_is_fixed_once_money_is_counted(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        await money.deposit(context, acme, 100)
        assert 'name="currency"' not in (await ann.look("/settings")).text
        saved = await ann.post("/settings", name="Acme", time_zone="UTC", support_contact="")
        assert saved.status_code == 303

    async def test_only_our_own_words_can_be_put_on_the_page(self, ann: Browser) -> None:
        page = (await ann.look("/settings?done=You+have+won")).text
        assert "You have won" not in page
        assert 'role="status"' not in page


class TestMailerIds:
    async def test_a_mistyped_one_can_be_removed(self, ann: Browser) -> None:
        await ann.post("/settings/mailer-ids", mid="123456")
        page = (await ann.look("/settings/mailer-ids")).text
        action = re.search(r'action="(/settings/mailer-ids/mailer_id_\w+/remove)"', page)
        assert action
        removed = await ann.post(action[1])
        assert removed.headers["Location"] == "/settings/mailer-ids?done=removed"
        assert "No Mailer ID yet" in (await ann.look("/settings/mailer-ids")).text

    async def test_ranges_are_listed_with_what_is_left(self, ann: Browser) -> None:
        added = await ann.post("/settings/mailer-ids", mid=" 912345 678", first_serial="1,000", last_serial="1,999")
        assert added.headers["Location"] == "/settings/mailer-ids?done=added"
        page = words((await ann.look("/settings/mailer-ids")).text)
        assert re.search(r"912345678 since .*? 1000 1999 1000 0 1,000", page)

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"mid": "12345"}, {"mid": "Mailer ID must be 6 digits, or 9 digits if it begins with 9."}),
            (
                {"mid": "912345678", "first_serial": "1000000"},
                {"first_serial": "First serial number must lie between 0 and 999999 for this Mailer ID."},
            ),
            (
                {"mid": "123456", "first_serial": "some"},
                {"first_serial": "First serial number must be a whole number of up to 9 digits."},
            ),
        ],
    )
    async def test_a_wrong_field_is_named(
        self, ann: Browser, context: Context, acme: Scope, fields: dict[str, str], said: dict[str, str]
    ) -> None:
        refused = await ann.post("/settings/mailer-ids", **fields)
        assert refused.status_code == 400
        assert wrong(refused.text) == said
        assert f'value="{fields["mid"]}"' in refused.text
        assert await mailer_ids.list_mailer_ids(context, acme) == []

    async def test_the_same_form_sent_twice_adds_once_and_says_no_word_of_it(self, ann: Browser) -> None:
        for _ in range(2):
            assert (await ann.post("/settings/mailer-ids", mid="123456", nonce="n")).status_code == 303
        assert (await ann.post("/settings/mailer-ids", mid="123456", nonce="m")).status_code == 400


class TestPushFeeds:
    async def test_credentials_are_shown_once_with_all_that_has_to_be_entered(
        self, ann: Browser, context: Context
    ) -> None:
        await ann.look("/login")
        ann.client.headers["X-Forwarded-Proto"] = "https"
        made = await ann.post("/settings/feeds", name="Mail house", nonce="n")
        page = words(made.text)
        found = re.search(r"Address (\S+) User name (\S+) Password (\S+) ", page)
        assert found
        address, user, password = found.groups()
        assert address == "https://sendtrail.test/feeds/iv-mtr"
        assert f"curl -u '{user}:{password}'" in page
        assert await accounts.scope_of_feed(context, user, password)
        assert made.headers["Cache-Control"] == "no-store"
        again = await ann.post("/settings/feeds", name="Mail house", nonce="n")
        assert password not in again.text
        assert user in again.text
        assert "cannot be shown again" in again.text
        assert password not in (await ann.look("/settings/feeds")).text

    async def test_the_line_to_try_them_is_answered(self, ann: Browser) -> None:
        made = words((await ann.post("/settings/feeds", name="Mail house")).text)
        found = re.search(
            r"curl -u '([^:]+):([^']+)' -H '([^:]+): ([^']+)' -d '([^']+)' http://sendtrail.test(\S+)", made
        )
        assert found
        user, password, header, value, body, path = found.groups()
        answer = await ann.client.post(path, content=body, headers={header: value}, auth=(user, password))
        assert answer.status_code == 200
        assert answer.json()["rejected"] == 0

    async def test_revoked_credentials_open_nothing_any_more(self, ann: Browser, context: Context, acme: Scope) -> None:
        feed = await accounts.add_feed(context, acme, "Mail house")
        revoked = await ann.post(f"/settings/feeds/{feed.id}/revoke")
        assert revoked.headers["Location"] == "/settings/feeds?done=revoked"
        assert await accounts.scope_of_feed(context, feed.username, feed.password or "") is None
        assert "revoked" in words((await ann.look("/settings/feeds")).text)

    async def test_another_organizations_credentials_cannot_be_revoked(self, ann: Browser, context: Context) -> None:
        other = await accounts.add_user(context, "bob@example.com", "admin", "Bolt", "long enough")
        scope = Scope(other.memberships[0].organization_id, True, "test")
        feed = await accounts.add_feed(context, scope, "Secret")
        assert (await ann.post(f"/settings/feeds/{feed.id}/revoke")).status_code == 404
        assert await accounts.scope_of_feed(context, feed.username, feed.password or "")
        assert "Secret" not in (await ann.look("/settings/feeds")).text

    async def test_credentials_without_a_name_are_refused_at_the_field(self, ann: Browser) -> None:
        assert wrong((await ann.post("/settings/feeds", name=" ")).text).keys() == {"name"}


class TestMoney:
    async def test_prices_are_set_changed_and_removed(self, ann: Browser, context: Context, acme: Scope) -> None:
        for price in ("0.78", "$0.80"):
            assert (await ann.post("/settings/money/prices", kind="letter", price=price)).status_code == 303
        await ann.post("/settings/money/prices", kind="letter", mailing_class="marketing", price=".5")
        assert await money.list_prices(context, acme) == [
            money.Price("letter", "", 80),
            money.Price("letter", "marketing", 50),
        ]
        assert "Letter Any class Any service $0.80" in words((await ann.look("/settings/money")).text)
        removed = await ann.post("/settings/money/prices/remove", kind="letter", mailing_class="")
        assert removed.headers["Location"] == "/settings/money?done=removed"
        assert [price.mailing_class for price in await money.list_prices(context, acme)] == ["marketing"]
        assert (await ann.post("/settings/money/prices/remove", kind="letter", mailing_class="")).status_code == 404

    @pytest.mark.parametrize("price", ["", "cheap", "0,78", "-1", "1000000.01"])
    async def test_a_price_that_cannot_be_is_said_at_its_field(self, ann: Browser, price: str) -> None:
        refused = await ann.post("/settings/money/prices", kind="postcard", mailing_class="marketing", price=price)
        assert refused.status_code == 400
        assert wrong(refused.text).keys() == {"price"}
        assert f'value="{price}"' in refused.text
        assert '<option value="postcard" selected>' in refused.text

    async def test_a_deposit_sent_twice_by_mistake_counts_once(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        for nonce in ("a", "a", "b"):
            await ann.post("/settings/money/deposits", amount="1,250.00", nonce=nonce)
        assert (await money.balance(context, acme)).deposited == 250_000
        assert "Paid in $2,500.00 Spent $0.00" in words((await ann.look("/settings/money")).text)

    @pytest.mark.parametrize("amount", ["0", "much", "99999999999999"])
    async def test_a_deposit_that_cannot_be_is_said_at_its_field(self, ann: Browser, amount: str) -> None:
        refused = await ann.post("/settings/money/deposits", amount=amount)
        assert wrong(refused.text).keys() == {"amount"}

    async def test_an_adjustment_says_why_and_stands_in_the_statement(self, ann: Browser, acme: Scope) -> None:
        refused = await ann.post("/settings/money/deposits", type="adjustment", amount="-2.50")
        assert wrong(refused.text).keys() == {"note"}
        await ann.post("/settings/money/deposits", type="adjustment", amount="-2.50", note="Bank fee")
        await ann.post("/settings/money/deposits", type="deposit", amount="100", note="Transfer 1")
        told = words((await ann.look("/statement")).text)
        assert "Adjustment Bank fee · ann@example.com Main account" in told
        assert "Opening balance $0.00" in told
        assert "Closing balance $97.50" in told

    async def test_sources_and_budgets_are_kept_by_forms(self, ann: Browser, context: Context, acme: Scope) -> None:
        await people.add_team(context, acme, "East")
        (team,) = await people.list_teams(context, acme)
        for nonce in ("a", "a"):
            await ann.post("/settings/funds", name="East's money", whose=team.id, nonce=nonce)
        main, east = await funds.list_funds(context, acme)
        assert (east.whose, east.never_below_zero) == ("team", False)
        assert wrong((await ann.post("/settings/funds", name="East's money")).text).keys() == {"name"}
        await ann.post(f"/settings/funds/{east.id}", name="Eastern", never_below_zero="yes")
        await ann.post("/settings/budgets", of=team.id, period="month", amount="50", strict="yes")
        assert wrong((await ann.post("/settings/budgets", of="", period="month", amount="-1")).text).keys() == {
            "amount"
        }
        told = words((await ann.look("/settings/funds")).text)
        assert "Eastern Never below zero Team East" in told
        assert "more is refused $0.00 $50.00" in told
        await ann.post(f"/settings/funds/{east.id}", do="close")
        assert (await funds.list_funds(context, acme))[-1].closed_at
        assert "main funding source" in (await ann.post(f"/settings/funds/{main.id}", do="close")).text
        (budget,) = await budgets.list_budgets(context, acme)
        await ann.post(f"/settings/budgets/{budget.id}/remove")
        assert await budgets.list_budgets(context, acme) == []

    async def test_test_mode_has_no_money(self, ann: Browser) -> None:
        await ann.post("/mode", mode="test")
        assert "Test mode has no money" in (await ann.look("/settings/money")).text
        assert (await ann.post("/settings/money/prices/remove", kind="letter")).status_code == 403


class TestPassword:
    async def test_a_new_one_keeps_this_browser_in_and_no_other(self, ann: Browser, context: Context) -> None:
        before = ann.client.cookies["sendtrail_session"]
        changed = await ann.post("/settings/password", old_password=PASSWORD, password="another phrase")
        assert changed.headers["Location"] == "/settings/password?done=password"
        assert "is changed" in (await ann.look(changed.headers["Location"])).text
        assert ann.client.cookies["sendtrail_session"] != before
        assert await sessions.find(context, before) is None
        assert await accounts.sign_in(context, EMAIL, "another phrase")

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("guess", "another phrase", {"old_password": "This is not your password."}),
            (PASSWORD, "short", {"password": "Password must be 8 to 1024 characters."}),
        ],
    )
    async def test_what_is_wrong_is_said_and_no_password_is_shown(
        self, ann: Browser, old: str, new: str, said: dict[str, str]
    ) -> None:
        refused = await ann.post("/settings/password", old_password=old, password=new)
        assert refused.status_code == 400
        assert wrong(refused.text) == said
        assert f'value="{old}"' not in refused.text
        assert f'value="{new}"' not in refused.text
