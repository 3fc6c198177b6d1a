"""Who pays for a send, and whether they can: asked before it is accepted.

What may refuse is held until the transaction ends, so of any number of sends that are accepted at once no more get
through than there is money for.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date
from typing import NamedTuple

from sendtrail.domain.budgets import span
from sendtrail.domain.problems import Invalid, SendtrailError, Unaffordable
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import NewSend
from sendtrail.services.context import Context
from sendtrail.services.funds import fund_number
from sendtrail.services.owning import Owner
from sendtrail.store import budgets, funds
from sendtrail.store.budgets import Asked, BudgetRow
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.database import Connection
from sendtrail.store.funds import FundRow
from sendtrail.store.sends import Made

Payers = Callable[[NewSend, Owner, CampaignRow | None], int]


async def payers(connection: Connection, context: Context, scope: Scope) -> Payers:
    """Who pays for a send of this owner and campaign: the number of a fund.

    The one that the send names, else its campaign's, else its owner's own, else its team's, else the main one; closed
    ones are passed over. What is returned raises Invalid for a name that is none, or whose money is not theirs to use.
    """
    rows = await funds.to_charge(connection, scope)
    by_id = {row.id: row for row in rows}
    of_member = {row.owner_id: row.id for row in reversed(rows) if row.owner_id}
    of_team = {row.team_id: row.id for row in reversed(rows) if row.team_id}
    main = next(row.id for row in rows if row.main)

    def payer(send: NewSend, owner: Owner, campaign: CampaignRow | None) -> int:
        if send.funding_source.strip():
            return _named(context, scope, rows, send.funding_source, owner)
        if campaign and campaign.fund_id in by_id:
            return campaign.fund_id
        return of_member.get(owner.member_id) or of_team.get(owner.team_id) or main

    return payer


async def fund_named(connection: Connection, context: Context, scope: Scope, text: str, owner: Owner) -> int:
    """The fund, by id or name, that is to pay for what this owner sends; Invalid as `payers`."""
    return _named(context, scope, await funds.to_charge(connection, scope), text, owner)


async def funds_for(connection: Connection, scope: Scope) -> list[FundRow]:
    """The open funds that who asks may name."""
    own = Owner(scope.member_id, 0)
    return [row for row in await funds.to_charge(connection, scope) if _may_use(scope, row, own)]


async def affordable(
    connection: Connection, scope: Scope, made: Sequence[Made]
) -> tuple[list[Made], dict[int, SendtrailError]]:
    """Those of the sends that there is money for, taken one by one in their order; why each of the others is refused.

    In test mode all: it has no money.
    """
    priced = [each for each in made if each.cost_cents] if scope.live else []
    if not priced:
        return list(made), {}
    purse = await _purse(connection, scope, {each.fund_id for each in priced})
    limits = await _limits(connection, scope, priced)
    refusals: dict[int, SendtrailError] = {}
    for each in priced:
        refusal = _refusal(each, purse, limits)
        if refusal:
            refusals[each.send_id] = refusal
    return [each for each in made if each.send_id not in refusals], refusals


class Spending(NamedTuple):
    """What budgets look at in a send."""

    team_id: int
    campaign_id: int
    created_on: date
    cost_cents: int


async def check_move(connection: Connection, scope: Scope, spending: Spending, before: date) -> None:
    """Unaffordable where a send that comes from the day `before` to another one goes beyond a budget of that day."""
    if not (scope.live and spending.cost_cents):
        return
    for limit, left in (await _limits(connection, scope, [spending])).items():
        known = limit.asked.start <= before <= limit.asked.end
        if limit.counts(spending) and not known and left < spending.cost_cents:
            raise _beyond(limit, left, spending.cost_cents)


class _Limit(NamedTuple):
    """A budget and the days of one of its periods."""

    budget: BudgetRow
    asked: Asked

    def counts(self, send: Made | Spending) -> bool:
        asked = self.asked
        return (
            asked.team_id in (0, send.team_id)
            and asked.campaign_id in (0, send.campaign_id)
            and asked.start <= send.created_on <= asked.end
        )


class _Purse(NamedTuple):
    """Those funds that may not go below zero, and what is left in them."""

    rows: Mapping[int, FundRow]
    left: dict[int, int]


def _refusal(send: Made, purse: _Purse, limits: dict[_Limit, int]) -> SendtrailError | None:
    """Why a send cannot be paid for; where it can be, it is taken off."""
    cost = send.cost_cents
    row = purse.rows.get(send.fund_id)
    if row and purse.left[row.id] < cost:
        amounts = f"{_amount(purse.left[row.id], row.currency)} left, and this costs {_amount(cost, row.currency)}"
        return Unaffordable(f"funding source {row.name!a} has {amounts}", "funding_source")
    hit = [limit for limit in limits if limit.counts(send)]
    for limit in hit:
        if limits[limit] < cost:
            return _beyond(limit, limits[limit], cost)
    if row:
        purse.left[row.id] -= cost
    for limit in hit:
        limits[limit] -= cost
    return None


def _beyond(limit: _Limit, left: int, cost: int) -> SendtrailError:
    budget, asked = limit
    whose = f"team {budget.team!a}" if budget.team_id else f"campaign {budget.campaign!a}" if budget.campaign_id else ""
    of = f" of {whose}" if whose else ""
    days = "" if budget.period == "all" else f" for {asked.start} to {asked.end}"
    amounts = f"{_amount(max(left, 0), budget.currency)} left, and this costs {_amount(cost, budget.currency)}"
    param = "team" if budget.team_id else "campaign" if budget.campaign_id else "cost_cents"
    return Unaffordable(f"the budget{of}{days} has {amounts}", param)


async def _purse(connection: Connection, scope: Scope, fund_ids: Set[int]) -> _Purse:
    rows = {
        row.id: row for row in await funds.to_charge(connection, scope) if row.never_below_zero and row.id in fund_ids
    }
    if not rows:
        return _Purse({}, {})
    await funds.hold(connection, scope, sorted(rows))
    return _Purse(rows, dict.fromkeys(rows, 0) | await funds.left(connection, scope, sorted(rows)))


async def _limits(connection: Connection, scope: Scope, made: Sequence[Made] | Sequence[Spending]) -> dict[_Limit, int]:
    """What is left of each budget that may refuse one of these sends, in each of its periods that they lie in."""
    teams, campaigns = {each.team_id for each in made}, {each.campaign_id for each in made}
    rows = await budgets.strict_ones(connection, scope, sorted(teams), sorted(campaigns))
    if not rows:
        return {}
    await budgets.hold(connection, scope, [row.id for row in rows])
    days = {each.created_on for each in made}
    parts = [(row, part) for row in rows for part in sorted({span(row.period, day) for day in days})]
    limits = [_Limit(row, Asked(row.team_id, row.campaign_id, *part)) for row, part in parts]
    used = await budgets.spent(connection, scope, [limit.asked for limit in limits], rows[0].currency)
    return {limit: limit.budget.cents - cents for limit, cents in zip(limits, used, strict=True)}


def _named(context: Context, scope: Scope, rows: Sequence[FundRow], text: str, owner: Owner) -> int:
    number, name = fund_number(context, text), text.strip().lower()
    row = next((row for row in rows if row.id == number or row.name.lower() == name), None)
    if row is None or not _may_use(scope, row, owner):
        raise Invalid(
            f"funding_source {text[:60]!a} must be the id or the name of an open funding source that you may use",
            "funding_source",
        )
    return row.id


def _may_use(scope: Scope, row: FundRow, owner: Owner) -> bool:
    """Whether a send of this owner may be charged to a fund that it names."""
    return (
        not (row.team_id or row.owner_id)
        or (row.owner_id != 0 and row.owner_id in (owner.member_id, scope.member_id))
        or (row.team_id != 0 and (row.team_id == owner.team_id or row.team_id in scope.teams))
        or scope.may(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    )


def _amount(cents: int, currency: str) -> str:
    return f"{cents / 100:,.2f} {currency}"
