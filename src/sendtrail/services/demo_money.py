"""What the demo's insurer paid in, who pays for what, and what may be spent."""

from contextlib import suppress
from datetime import datetime, timedelta

from sendtrail.domain.problems import Conflict
from sendtrail.domain.scope import Scope
from sendtrail.services import budgets, funds, money
from sendtrail.services.context import Context
from sendtrail.services.demo_people import WINNING

_PRICES = {"letter": 78, "postcard": 53, "cheque": 96, "self_mailer": 62}
_SERVICES = {"certified": 563, "certified_return_receipt": 973}
_OF_TEAM = f"{WINNING}: postage and gifts"
_DEPOSITS = (
    (118, "", 900_000, "Transfer 4471"),
    (117, _OF_TEAM, 400_000, "Budget of the third quarter"),
    (64, "", 800_000, "Transfer 4502"),
    (33, _OF_TEAM, 350_000, "Budget of the fourth quarter"),
    (9, "", 700_000, "Transfer 4539"),
)
"""So many days ago, into which source (the main one without a name), cents, and why."""
_BUDGETS = (("", "quarter", 1_200_000), (WINNING, "month", 300_000))


async def furnish(context: Context, scope: Scope, now: datetime) -> None:
    """Prices, a team's own source, deposits and budgets; nothing where money was paid in before."""
    for kind, cents in _PRICES.items():
        await money.set_price(context, scope, kind, cents)
    for service, cents in _SERVICES.items():
        await money.set_price(context, scope, "letter", cents, extra_service=service)
    if (await money.balance(context, scope)).deposited:
        return
    with suppress(Conflict):
        await funds.add_fund(context, scope, _OF_TEAM, team=WINNING)
    for team, period, cents in _BUDGETS:
        await budgets.set_budget(context, scope, period, cents, team=team)
    for days, fund, cents, note in _DEPOSITS:
        await money.deposit(context, scope, cents, fund=fund, note=note, at=now - timedelta(days))
