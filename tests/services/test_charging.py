"""Who pays for a send, and what is refused: sources, prices, budgets."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from sendtrail.domain.budgets import Period, span
from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound, SendtrailError, Unaffordable
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import SendChange
from sendtrail.services import budgets, campaigns, cancelling, editing, funds, money, reports, sends
from sendtrail.services.context import Context
from sendtrail.services.views import View
from tests.people import DAY, world
from tests.services.organizations import organization

ANN = Address(name="Ann", postal_code="60601")


def letter(cents: int | None = 100, **fields: str) -> NewSend:
    return msgspec.structs.replace(NewSend("letter", ANN, cost_cents=cents, send_date=DAY), **fields)


def kept(results: list[View | SendtrailError]) -> list[View]:
    return [each for each in results if isinstance(each, dict)]


async def test_the_most_specific_price_counts(context: Context) -> None:
    scope = await organization(context)
    for cents, mailing_class, service in (
        (100, "", ""),
        (90, "marketing", ""),
        (500, "", "certified"),
        (480, "first_class", "certified"),
    ):
        await money.set_price(context, scope, "letter", cents, mailing_class, service)
    made = await sends.create(
        context,
        scope,
        [
            letter(None),
            letter(None, mailing_class="marketing"),
            letter(None, mailing_class="marketing", extra_service="certified"),
            letter(None, extra_service="certified"),
            letter(None, extra_service="registered"),
            letter(7, extra_service="certified"),
        ],
    )
    assert [each["cost_cents"] for each in kept(made)] == [100, 90, 500, 480, 100, 7]
    await money.remove_price(context, scope, "letter", "", "certified")
    with pytest.raises(NotFound):
        await money.remove_price(context, scope, "letter", "", "certified")
    with pytest.raises(Invalid, match="extra_service must be empty or one of certified"):
        await money.set_price(context, scope, "letter", 1, "", "express")


async def test_the_nearest_source_pays_and_gets_its_money_back(context: Context) -> None:
    made = await world(context)
    ann, sam, tom, zoe = (made.scopes[name] for name in ("ann", "sam", "tom", "zoe"))
    await funds.add_fund(context, ann, "East", team="East")
    await funds.add_fund(context, ann, "Sam's", owner="sam@example.com")
    await funds.add_fund(context, ann, "Brand")
    await campaigns.add_campaign(context, ann, "Launch", "bulk", funding_source="Brand")

    async def payer(scope: Scope, **fields: str) -> str:
        (sent,) = await sends.create(context, scope, [letter(100, **fields)])
        assert isinstance(sent, dict), sent
        await cancelling.cancel(context, ann, sent["id"])
        return str(sent["funding_source"]["name"])

    assert await payer(sam) == "Sam's"
    assert await payer(tom) == "East"
    assert await payer(zoe) == "Main account"
    assert await payer(ann, campaign="Launch") == "Brand"
    assert await payer(tom, funding_source="brand") == "Brand"
    assert await payer(ann, campaign="Launch", funding_source="East") == "East"
    for scope, name in ((zoe, "East"), (tom, "Sam's"), (ann, "Nowhere")):
        (refusal,) = await sends.create(context, scope, [letter(funding_source=name)])
        assert isinstance(refusal, Invalid)
        assert refusal.param == "funding_source"

    known = {fund.name: fund for fund in await funds.list_funds(context, ann)}
    assert [known[name].balance for name in ("East", "Sam's", "Brand")] == [0, 0, 0]
    await funds.close_fund(context, ann, known["Sam's"].id)
    await funds.close_fund(context, ann, known["Brand"].id)
    assert await payer(sam) == "East"
    assert await payer(ann, campaign="Launch") == "Main account"
    (refusal,) = await sends.create(context, ann, [letter(funding_source="Brand")])
    assert isinstance(refusal, Invalid)
    with pytest.raises(Conflict, match="closed"):
        await money.deposit(context, ann, 1, fund=known["Brand"].id)

    seen = {name: {each.name for each in await funds.list_funds(context, made.scopes[name])} for name in made.scopes}
    assert seen["ann"] == seen["gus"] == {"Main account", "East", "Sam's", "Brand"}
    assert (seen["mia"], seen["sam"], seen["zoe"], seen["fay"]) == (
        {"East"},
        {"Sam's"},
        set(),
        {"Main account"},
    )
    assert (await money.balances(context, tom)).balance is None


async def test_what_a_source_cannot_pay_for_is_refused_one_by_one(context: Context) -> None:
    scope = await organization(context)
    (main,) = await funds.list_funds(context, scope)
    await funds.change_fund(context, scope, main.id, never_below_zero=True)
    await money.deposit(context, scope, 250)
    made = await sends.create(context, scope, [letter(100), letter(200), letter(0), letter(100), letter(51)])
    assert [each["cost_cents"] if isinstance(each, dict) else each.type for each in made] == [
        100,
        "insufficient_funds",
        0,
        100,
        "insufficient_funds",
    ]
    refusal = made[1]
    assert isinstance(refusal, Unaffordable)
    assert (refusal.param, refusal.index) == ("funding_source", 1)
    assert refusal.message == "funding source 'Main account' has 1.50 USD left, and this costs 2.00 USD"
    with pytest.raises(Unaffordable):
        await money.deposit(context, scope, -51)
    test = await sends.create(context, replace(scope, live=False), [letter(900)])
    assert len(kept(test)) == 1
    await cancelling.cancel(context, scope, kept(made)[0]["id"])
    assert len(kept(await sends.create(context, scope, [letter(150)]))) == 1
    assert (await money.balance(context, scope)).balance == 0


async def test_of_sends_accepted_at_once_no_more_get_through_than_there_is_money_for(context: Context) -> None:
    scope = await organization(context)
    await budgets.set_budget(context, scope, "month", 1_000, strict=True)
    results = await asyncio.gather(*(sends.create(context, scope, [letter(100)] * 3) for _ in range(8)))
    accepted = [each for some in results for each in kept(some)]
    assert len(accepted) == 10
    assert (await reports.summary(context, scope, DAY, DAY)).spent == 1_000


async def test_a_budget_counts_its_own_sends_in_its_own_period(context: Context) -> None:
    made = await world(context)
    ann, tom = made.scopes["ann"], made.scopes["tom"]
    today = datetime.now(UTC).astimezone(ZoneInfo("America/New_York")).date()
    await budgets.set_budget(context, ann, "month", 450, team="East", strict=True)
    await budgets.set_budget(context, ann, "all", 10_000, campaign="By ann.")
    spent = sum(row.spent or 0 for row in await reports.team_rows(context, ann, DAY, DAY) if row.name == "East")

    def new(day: date, team: str = "East") -> NewSend:
        return NewSend("letter", ANN, cost_cents=200, send_date=day, team=team)

    (early,) = await sends.create(context, tom, [new(DAY)])
    assert isinstance(early, Unaffordable), spent
    assert early.message.startswith("the budget of team 'East' for 2026-03-01 to 2026-03-31 has 0.00 USD left")
    assert early.param == "team"
    later = await sends.create(context, tom, [new(today)] * 3)
    assert [isinstance(each, dict) for each in later] == [True, True, False]
    assert len(kept(await sends.create(context, made.scopes["zoe"], [new(today, "")]))) == 1

    east, of_ann = await budgets.list_budgets(context, ann)
    assert (east.spent, east.left, east.strict) == (400, 50, True)
    assert (of_ann.start, of_ann.strict, of_ann.spent) == (None, False, 100)
    assert [each.id for each in await budgets.list_budgets(context, made.scopes["mia"])] == [east.id]
    assert await budgets.list_budgets(context, tom) == []
    changed = await budgets.set_budget(context, ann, "month", 600, team="East", strict=True)
    assert (changed.id, changed.left) == (east.id, 200)
    assert len(kept(await sends.create(context, tom, [new(today)]))) == 1
    for team, campaign, param in (("West", "", "team"), ("", "None", "campaign")):
        with pytest.raises(Invalid) as refusal:
            await budgets.set_budget(context, ann, "month", 1, team=team, campaign=campaign)
        assert refusal.value.param == param
    with pytest.raises(Forbidden):
        await budgets.set_budget(context, tom, "month", 1)


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        ("month", date(2026, 2, 10), date(2026, 2, 1), date(2026, 2, 28)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 5, 1), date(2026, 4, 1), date(2026, 6, 30)),
        ("year", date(2028, 2, 29), date(2028, 1, 1), date(2028, 12, 31)),
        ("all", date(2026, 5, 1), date.min, date.max),
    ],
)
def test_a_period_holds_its_first_and_its_last_day(period: Period, day: date, first: date, last: date) -> None:
    assert span(period, day) == (first, last)
    assert first <= day <= last
    assert period == "all" or span(period, last + timedelta(1))[0] == last + timedelta(1)


async def test_no_send_comes_by_its_date_into_a_budget_that_is_used_up(context: Context) -> None:
    scope = await organization(context)
    await budgets.set_budget(context, scope, "month", 150, strict=True)
    (here,) = kept(await sends.create(context, scope, [letter(100)]))
    later = DAY + timedelta(days=60)
    (there,) = kept(await sends.create(context, scope, [letter(100, send_date=later)]))  # type: ignore[arg-type]
    with pytest.raises(Unaffordable, match=r"0\.50 USD left"):
        await editing.edit(context, scope, there["id"], SendChange(send_date=DAY))
    assert (await sends.get(context, scope, there["id"]))["send_date"] == later
    await editing.edit(context, scope, here["id"], SendChange(send_date=DAY + timedelta(days=1)))
    await editing.edit(context, scope, here["id"], SendChange(send_date=later + timedelta(days=60)))
    await editing.edit(context, scope, there["id"], SendChange(send_date=DAY))
