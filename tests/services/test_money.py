"""What sends cost, what was paid in, what is left."""

from dataclasses import replace

import pytest

from sendtrail.domain.problems import Forbidden, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import money, sends
from sendtrail.services.context import Context
from sendtrail.services.money import Balance, Price
from sendtrail.services.sends import NewEvent
from tests.services.organizations import organization

LETTER = NewSend(kind="letter", to=Address(name="Ann"))
MARKETING = NewSend(kind="letter", to=Address(name="Ann"), mailing_class="marketing")
GIFT = NewSend(kind="gift", to=Address(name="Ann"), cost_cents=5_000)


async def test_a_new_organization_has_no_prices_and_a_send_costs_nothing(context: Context) -> None:
    scope = await organization(context)

    (sent,) = await sends.create(context, scope, [LETTER])

    assert isinstance(sent, dict)
    assert sent["cost_cents"] == 0
    assert await money.list_prices(context, scope) == []
    assert await money.balance(context, scope) == Balance(0, 0, 0, "USD")


async def test_the_exact_class_wins_over_any_and_the_send_s_own_cost_over_both(context: Context) -> None:
    scope = await organization(context)
    await money.set_price(context, scope, "letter", 99)
    await money.set_price(context, scope, "letter", 50, "marketing")
    await money.set_price(context, scope, "letter", 100)

    sent = await sends.create(context, scope, [LETTER, MARKETING, GIFT])

    assert [each["cost_cents"] for each in sent if isinstance(each, dict)] == [100, 50, 5_000]
    assert await money.list_prices(context, scope) == [Price("letter", "", 100), Price("letter", "marketing", 50)]


@pytest.mark.parametrize(
    ("kind", "cents", "mailing_class", "param"),
    [
        ("boat", 1, "", "kind"),
        ("letter", -1, "", "cents"),
        ("letter", 10**9, "", "cents"),
        ("letter", 1, "x" * 501, "mailing_class"),
        ("letter", 1, "\0", "mailing_class"),
    ],
)
async def test_what_is_no_price_is_refused_by_field(
    context: Context, kind: str, cents: int, mailing_class: str, param: str
) -> None:
    scope = await organization(context)

    with pytest.raises(Invalid) as refusal:
        await money.set_price(context, scope, kind, cents, mailing_class)

    assert refusal.value.param == param


async def test_the_balance_is_what_was_paid_in_less_what_is_not_cancelled(context: Context) -> None:
    scope, other = await organization(context), await organization(context, "Other")
    await money.deposit(context, scope, 10_000)
    await money.deposit(context, scope, -1_000)
    await money.deposit(context, other, 77)
    priced = [NewSend(kind="letter", to=Address(name="Ann"), cost_cents=cents) for cents in (100, 250)]
    kept, cancelled = await sends.create(context, scope, priced)
    assert isinstance(kept, dict)
    assert isinstance(cancelled, dict)
    assert await money.balance(context, scope) == Balance(8_650, 9_000, 350, "USD")

    await sends.record_events(context, scope, cancelled["id"], [NewEvent(code="cancelled")])
    await sends.record_events(context, scope, kept["id"], [NewEvent(code="printed")])

    assert await money.balance(context, scope) == Balance(8_900, 9_000, 100, "USD")


async def test_test_mode_has_no_money(context: Context) -> None:
    live = await organization(context)
    test = replace(live, live=False)
    await money.deposit(context, live, 500)
    await sends.create(context, test, [GIFT])

    with pytest.raises(Forbidden):
        await money.deposit(context, test, 500)

    assert await money.balance(context, test) == Balance(0, 0, 0, "USD")
    assert await money.balance(context, live) == Balance(500, 500, 0, "USD")


async def test_prices_are_of_live_mode_only(context: Context) -> None:
    scope = await organization(context)
    test = Scope(scope.organization_id, False, "test")

    with pytest.raises(Forbidden):
        await money.set_price(context, test, "letter", 99)

    assert await money.list_prices(context, scope) == []


@pytest.mark.parametrize("cents", [0, 10**15 + 1, -(10**15) - 1])
async def test_a_deposit_is_some_money_that_exists(context: Context, cents: int) -> None:
    scope = await organization(context)

    with pytest.raises(Invalid) as refusal:
        await money.deposit(context, scope, cents)

    assert refusal.value.param == "cents"
