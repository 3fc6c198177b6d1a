"""The statement: what was booked, for whom it is, and that its numbers agree."""

import csv
import io
import re

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import budgets, campaigns, cancelling, money, statements
from sendtrail.services.context import Context
from sendtrail.services.statements import Wanted
from tests.web.conftest import Browser
from tests.web.test_pages import made, words


async def furnish(context: Context, acme: Scope) -> list[str]:
    """Ninety letters of a campaign, three gifts, of which one is cancelled, and two deposits; the gifts' ids."""
    await campaigns.add_campaign(context, acme, "Spring", "bulk")
    letter = NewSend("letter", Address(name="Ann"), campaign="Spring", cost_cents=70)
    await made(context, acme, *[letter] * 90)
    gifts = await made(context, acme, *[NewSend("gift", Address(name="=Bo"), cost_cents=4_000)] * 3)
    await cancelling.cancel(context, acme, gifts[0]["id"], "Sent twice")
    for cents in (50_000, -1_000):
        await money.deposit(context, acme, cents, note="Transfer 1")
    return [gift["id"] for gift in gifts]


async def test_many_charges_are_one_line_that_leads_to_each_of_them(
    ann: Browser, context: Context, acme: Scope
) -> None:
    gifts = await furnish(context, acme)
    page = (await ann.look("/statement")).text
    told = words(page)
    assert "Opening balance $0.00" in told
    assert "Charges −$183.00 93 bookings Refunds +$40.00 1 booking" in told
    assert "Closing balance $347.00" in told
    assert "90 charges Spring Main account" in told
    assert "3 charges No campaign" in told
    assert "Deposit Transfer 1 · ann@example.com" in told or "Deposit Transfer 1" in told
    (refunds,) = re.findall(r'<a href="([^"]+)">1 refund</a>', page)
    single = (await ann.look(refunds.replace("&amp;", "&"))).text
    assert f'href="/sends/{gifts[0]}"' in single
    assert "=Bo Refund: Cancelled" in words(single)
    (letters,) = re.findall(r'<a href="([^"]+)">90 charges</a>', page)
    first = (await ann.look(letters.replace("&amp;", "&"))).text
    (older,) = re.findall(r'<a class="button second" href="([^"]+)" rel="next">', first)
    rest = (await ann.look(older.replace("&amp;", "&"))).text
    assert (first.count("−$0.70"), rest.count("−$0.70")) == (50, 40)
    assert 'rel="next"' not in rest


async def test_a_send_says_what_was_charged_and_given_back(ann: Browser, context: Context, acme: Scope) -> None:
    cancelled, kept, _ = await furnish(context, acme)
    told = words((await ann.look(f"/sends/{cancelled}")).text)
    assert "Cost $40.00 given back" in told
    assert re.search(r"Money Charge Main account · .* −\$40\.00 Refund: cancelled Main account · .* \+\$40\.00", told)
    assert "given back" not in words((await ann.look(f"/sends/{kept}")).text)


async def test_the_file_has_every_entry_and_nothing_that_a_spreadsheet_runs(
    ann: Browser, context: Context, acme: Scope
) -> None:
    await furnish(context, acme)
    text = (await ann.look("/statement.csv")).text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 90 + 3 + 1 + 2
    assert tuple(rows[0]) == statements.COLUMNS
    assert sum(round(float(row["amount"]) * 100) for row in rows) == (await money.balance(context, acme)).balance
    assert {row["recipient"] for row in rows} == {"Ann", "'=Bo", ""}
    assert len(list(csv.DictReader(io.StringIO((await ann.look("/statement.csv?type=refund")).text)))) == 1


async def test_pages_of_lines_hold_each_line_once(context: Context, acme: Scope) -> None:
    await furnish(context, acme)
    whole, _ = await statements.lines(context, acme, Wanted())
    pieces: list[statements.Line] = []
    after: str | None = None
    for _ in whole:
        some, after = await statements.lines(context, acme, Wanted(), after, 1)
        pieces += some
    assert pieces == whole
    assert after is None
    summary = await statements.summary(context, acme, Wanted())
    assert sum(line.cents for line in whole) == summary.closing
    assert summary.closing == (await money.balance(context, acme)).balance


async def test_a_part_has_no_balance_and_what_cannot_be_is_said(ann: Browser, context: Context, acme: Scope) -> None:
    await furnish(context, acme)
    assert "Closing balance" not in words((await ann.look("/statement?type=charge")).text)
    assert "Closing balance" in words((await ann.look("/statement?funding_source=Main+account")).text)
    assert "90 charges" not in words((await ann.look("/statement?campaign=none")).text)
    for query in ("type=gift", "campaign=Winter", "funding_source=x", "after=x", "show=all", "start=2026-13-01"):
        answer = await ann.look(f"/statement?{query}")
        assert answer.status_code == 400, query
        assert 'role="alert"' in answer.text, query
    assert "Nothing was booked" in (await ann.look("/statement?start=2026-01-01&end=2026-01-31")).text


async def test_budgets_show_how_much_of_them_is_used(ann: Browser, context: Context, acme: Scope) -> None:
    await furnish(context, acme)
    await budgets.set_budget(context, acme, "year", 10_000)
    await budgets.set_budget(context, acme, "all", 20_000, campaign="Spring")
    told = words((await ann.look("/statement")).text)
    assert "more is only shown Beyond $143.00 $100.00 −$43.00" in told
    assert "Spring in all, more is only shown $63.00 $200.00 $137.00" in told


async def test_test_mode_has_no_statement(ann: Browser, context: Context, acme: Scope) -> None:
    await furnish(context, acme)
    await ann.post("/mode", mode="test")
    assert "Test mode has no money" in (await ann.look("/statement")).text
    assert len((await ann.look("/statement.csv")).text.splitlines()) == 1
