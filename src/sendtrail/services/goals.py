"""Goals: that somebody who came by a send did what was wished for, told by a program that knows which send it was.

Told with the same reference once more, a goal of a send stays the one that it was.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain import goals, terms
from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address
from sendtrail.services.campaigns import called
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.link_addresses import link_of
from sendtrail.services.send_ids import send_number
from sendtrail.services.sends import views
from sendtrail.services.views import View
from sendtrail.store import goals as store
from sendtrail.store import organizations
from sendtrail.store.database import Connection
from sendtrail.store.goals import GoalRow, Target
from sendtrail.store.system import responses, trials
from sendtrail.store.system.responses import GOAL, NewResponse

_MATCHES: tuple[Literal["link", "send", "external_id", "email"], ...] = ("link", "send", "external_id", "email")


class NewGoal(msgspec.Struct, forbid_unknown_fields=True):
    """A goal that somebody reached. Which send led there is told by exactly one of `link` (its code or id), `send` (its
    id), `external_id` and `email`: of several sends to one, the newest, of `campaign` (an id or name) if that is given.

    `value_cents` or `value` (a decimal): what it is worth, in the organization's currency. `reference`: your own number
    for it, by which it counts once for each send. `occurred_at`: now, unless said.
    """

    link: str = ""
    send: str = ""
    external_id: str = ""
    email: str = ""
    campaign: str = ""
    value_cents: int | None = None
    value: str | int | float | None = None
    currency: str = ""
    reference: str = ""
    occurred_at: datetime | None = None


class GoalCampaign(msgspec.Struct, frozen=True):
    """The campaign of a goal's send."""

    id: str
    name: str


class Goal(msgspec.Struct, frozen=True):
    """A goal that was reached. `send`, `link`: ids, `link` null where none led there. `value_cents`: null for who may
    not see money. `bot`: a machine was there; `test`: while the link was tried out; neither counts."""

    id: str
    send: str
    link: str | None
    campaign: GoalCampaign | None
    occurred_at: datetime
    recorded_at: datetime
    value_cents: int | None
    currency: str
    reference: str
    bot: bool
    test: bool


class Counted(msgspec.Struct, frozen=True):
    """A goal as it stands on record, None where it is counted only; and its send. `new`: the send had none of this
    reference before."""

    goal: Goal | None
    new: bool
    send: View


class _New(msgspec.Struct):
    new: bool


async def add_once(context: Context, scope: Scope, new: NewGoal, request: Request | None) -> bytes:
    """Count a goal; the JSON of `Counted`, which a repeat with the same Idempotency-Key gets again.

    Invalid names the field; NotFound names the field by which no send is found that who asks may write.
    """
    scope.require(Permission.SENDS_WRITE)
    now = datetime.now(UTC)
    value = goals.value_of(new.value) if new.value_cents is None else goals.checked_cents(new.value_cents)
    if new.value_cents is not None and new.value is not None:
        raise Invalid("value and value_cents say the same: give one of them", "value")
    reference, at = goals.checked_reference(new.reference), goals.checked_time(new.occurred_at, now)

    async def act(connection: Connection) -> bytes:
        organization = await organizations.get(connection, scope)
        goals.checked_currency(new.currency, organization.currency)
        of = await _target(connection, context, scope, new)
        goals.checked_after(at, of.made_at, of.day, ZoneInfo(organization.time_zone))
        test = of.testing and of.link_id in await trials.held(connection, [of.link_id])
        goal = NewResponse(of.send_id, GOAL, at, link_id=of.link_id, test=test, value_cents=value, reference=reference)
        ((number, fresh),) = await responses.record(connection, [goal], now)
        rows = await store.page(connection, scope, ids=[number], limit=1) if number else []
        (shown,) = await views(connection, context, scope, [of.send_id])
        return msgspec.json.encode(Counted(_goal(context, scope, rows[0]) if rows else None, fresh, shown))

    return await once(context, scope, request, act)


def is_new(answer: bytes) -> bool:
    """Whether what `add_once` answered tells of a goal that was not there before."""
    return msgspec.json.decode(answer, type=_New).new


async def list_goals(
    context: Context,
    scope: Scope,
    *,
    campaign: str = "",
    send: str = "",
    start: date | None = None,
    end: date | None = None,
    limit: int = 100,
    after: str | None = None,
) -> tuple[list[Goal], str | None]:
    """Goals, the last recorded first, and the cursor of the next page; trials and those by machines say so.

    `start`, `end`: days on which they were reached, inclusive, by the organization's clocks. Invalid names the filter.
    """
    before = _number(context, after) if after else None
    if start and end and start > end:
        raise Invalid(f"start must not lie after end, which is {end}", "start")
    async with context.database.snapshot() as connection:
        zone = ZoneInfo((await organizations.get(connection, scope)).time_zone)
        rows = await store.page(
            connection,
            scope,
            send_id=_send(context, send) if send else None,
            campaign_id=await _campaign(connection, context, scope, campaign) if campaign else None,
            start=datetime.combine(start, time(), zone) if start else None,
            end=datetime.combine(end + timedelta(1), time(), zone) if end and end < date.max else None,
            before=before,
            limit=limit + 1,
        )
    found = [_goal(context, scope, row) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def _target(connection: Connection, context: Context, scope: Scope, new: NewGoal) -> Target:
    given = [name for name in _MATCHES if getattr(new, name)]
    if len(given) != 1:
        raise Invalid("give exactly one of link, send, external_id and email", given[1] if given else "link")
    (by,) = given
    text: str = getattr(new, by)
    campaign_id = await _campaign(connection, context, scope, new.campaign) if new.campaign else None
    number = 0
    if by == "link":
        number = link_of(context, text.lower().removeprefix("link_")) or 0
    elif by == "send":
        try:
            number = send_number(context, text)
        except NotFound:
            raise _no_send(by, text) from None
    found = await store.target(
        connection,
        scope,
        by,
        number=number,
        text=text.strip(),
        term=terms.person(Address(email=text)) if by == "email" else "",
        campaign_id=campaign_id,
    )
    if found is None:
        raise _no_send(by, text)
    return found


def _send(context: Context, text: str) -> int:
    try:
        return send_number(context, text)
    except NotFound:
        raise Invalid(f"send {text[:60]!a} is not the id of a send", "send") from None


async def _campaign(connection: Connection, context: Context, scope: Scope, text: str) -> int:
    row = (await called(connection, context, scope, [text])).get(text)
    if row is None:
        raise Invalid(f"campaign {text[:60]!a} is no campaign here", "campaign")
    return row.id


def _no_send(by: str, text: str) -> NotFound:
    words = {"link": "has the link", "send": "is", "external_id": "has the external_id", "email": "went to the address"}
    return NotFound(f"{by}: no send {words[by]} {text[:60]!a}", by)


def _number(context: Context, after: str) -> int:
    try:
        kind, number = context.ids.decode(after)
    except ValueError:
        kind, number = "", 0
    if kind != "goal":
        raise Invalid("after must be a cursor that a list answered as next", "after")
    return number


def _goal(context: Context, scope: Scope, row: GoalRow) -> Goal:
    encode = context.ids.encode
    return Goal(
        id=encode("goal", row.id),
        send=encode(Kind(row.kind).word, row.send_id),
        link=encode("link", row.link_id) if row.link_id else None,
        campaign=GoalCampaign(encode("campaign", row.campaign_id), row.campaign) if row.campaign_id else None,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        value_cents=row.value_cents if scope.sees_money(Permission.SENDS_READ) else None,
        currency=row.currency,
        reference=row.reference,
        bot=row.bot,
        test=row.test,
    )
