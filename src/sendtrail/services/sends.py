"""Sends: accept them, show them, record what people and printers say of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import ID_BY_CODE, Evidence, Source
from sendtrail.domain.money import price_of
from sendtrail.domain.observation import Observation, as_detail, event_item
from sendtrail.domain.packing import ITEM, to_ms
from sendtrail.domain.problems import SendtrailError, TooLarge
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import NewSend, settle
from sendtrail.services.barcoding import barcoded
from sendtrail.services.campaigns import called, check_open
from sendtrail.services.charging import affordable, payers
from sendtrail.services.context import Context
from sendtrail.services.gathering import gathered
from sendtrail.services.happenings import NewEvent as NewEvent
from sendtrail.services.happenings import tell
from sendtrail.services.idempotency import Answers, Request, check_key, once, once_each
from sendtrail.services.link_views import link_view
from sendtrail.services.owning import owners
from sendtrail.services.recalling import recalled
from sendtrail.services.responses import LISTED, NONE, SHOWN, of_sends
from sendtrail.services.send_ids import no_send
from sendtrail.services.send_ids import send_number as send_number
from sendtrail.services.vendor_ids import name_of, unclaimed
from sendtrail.services.views import View, view
from sendtrail.store import ingest, links, organizations, prices
from sendtrail.store import sends as store
from sendtrail.store.database import Connection
from sendtrail.store.organizations import OrganizationRow
from sendtrail.store.sends import Made

MAX_BATCH = 10_000


async def create(
    context: Context, scope: Scope, sends: Sequence[NewSend], now: datetime | None = None
) -> list[View | SendtrailError]:
    """Accept sends in one transaction; for each the send, or the reason why it alone was refused.

    TooLarge for more than 10,000. A US mail piece without a barcode gets the organization's next one. `now` (aware) is
    when they are accepted: another moment than this one only where a past is invented.
    """
    return await context.database.run(lambda connection: accept(connection, context, scope, sends, now))


async def create_once(context: Context, scope: Scope, send: NewSend, request: Request | None) -> bytes:
    """Accept one send; the JSON of the answer, which a repeat with the same Idempotency-Key gets again."""
    check_key(request)
    return await gathered(context, _create_each, scope, (send, request))


async def _create_each(
    context: Context, scope: Scope, wanted: Sequence[tuple[NewSend, Request | None]]
) -> Sequence[bytes | Exception]:
    async def act(connection: Connection, places: Sequence[int]) -> Answers:
        made = await accept(connection, context, scope, [wanted[place][0] for place in places])
        return [each if isinstance(each, SendtrailError) else msgspec.json.encode(each) for each in made]

    return await once_each(context, scope, [request for _, request in wanted], act)


async def accept(
    connection: Connection,
    context: Context,
    scope: Scope,
    sends: Sequence[NewSend],
    now: datetime | None = None,
) -> list[View | SendtrailError]:
    """`create` within the caller's transaction."""
    admitted = await admit(connection, context, scope, sends, now)
    numbers = [each for each in admitted if isinstance(each, int)]
    shown = {row["id"]: row for row in await views(connection, context, scope, numbers)}
    return [
        shown[context.ids.encode(send.kind, each)] if isinstance(each, int) else each
        for send, each in zip(sends, admitted, strict=True)
    ]


async def admit(
    connection: Connection,
    context: Context,
    scope: Scope,
    sends: Sequence[NewSend],
    now: datetime | None = None,
    begun: Mapping[str, Observation] | None = None,
    never_sent: Mapping[int, str] | None = None,
) -> list[int | SendtrailError]:
    """`accept`, with the numbers of the sends instead of all that could be shown of them.

    `begun`: how sends began that a vendor told of, by `name_of`. `never_sent`: those that are cancelled as they are
    made, by their places, and why; they take no barcode.
    """
    if len(sends) > MAX_BATCH:
        raise TooLarge(f"{len(sends)} sends; a batch may hold {MAX_BATCH:,} at most", "sends")
    results: list[int | SendtrailError | None] = [None] * len(sends)
    own = await organizations.get(connection, scope)
    made, places = await _make(connection, context, scope, sends, results, own, now or datetime.now(UTC))
    made, known = await unclaimed(connection, scope, made)
    made, unaffordable = await affordable(connection, scope, made)
    ended = {each.send_id: why for each in made if (why := (never_sent or {}).get(places[each.send_id]))}
    posted, refusals = await barcoded(
        connection, scope, [each for each in made if each.send_id not in ended], own.time_zone
    )
    made = sorted([*posted, *(each for each in made if each.send_id in ended)], key=attrgetter("send_id"))
    for send_id, refusal in (known | unaffordable | refusals).items():
        refusal.index = places[send_id]
        results[places[send_id]] = refusal
    if made:
        await store.insert(connection, scope, made)
        await _record_created(connection, scope, made, begun or {}, ended)
        await _link(connection, scope, made)
        for each in made:
            results[places[each.send_id]] = each.send_id
    return [result for result in results if result is not None]


async def get(context: Context, scope: Scope, public_id: str) -> View:
    """One send; NotFound where the scope has none of that id."""
    send_number(context, public_id)
    found = await gathered(context, _shown, scope, public_id.lower())
    if found is None:
        raise no_send(public_id)
    return found


async def _shown(context: Context, scope: Scope, public_ids: Sequence[str]) -> list[View | None]:
    """Each of these sends that the scope has."""
    numbers = {send_number(context, each) for each in public_ids}
    async with context.database.snapshot() as connection:
        found = {row["id"]: row for row in await views(connection, context, scope, sorted(numbers), responses=SHOWN)}
    return [found.get(each) for each in public_ids]


async def record_events(context: Context, scope: Scope, public_id: str, events: Sequence[NewEvent]) -> View:
    """Add to a send's trail what people and printers say; the send as it is then. Invalid names the event's field."""
    return await context.database.run(lambda connection: _told(connection, context, scope, public_id, events))


async def record_event_once(
    context: Context, scope: Scope, public_id: str, event: NewEvent, request: Request | None
) -> bytes:
    """`record_events` with one; the JSON of the send, which a repeat with the same Idempotency-Key gets again."""

    async def act(connection: Connection) -> bytes:
        return msgspec.json.encode(await _told(connection, context, scope, public_id, [event]))

    return await once(context, scope, request, act)


async def _told(
    connection: Connection, context: Context, scope: Scope, public_id: str, events: Sequence[NewEvent]
) -> View:
    send_id = await tell(connection, context, scope, public_id, events)
    (shown,) = await views(connection, context, scope, [send_id])
    return shown


async def _make(
    connection: Connection,
    context: Context,
    scope: Scope,
    sends: Sequence[NewSend],
    results: list[int | SendtrailError | None],
    own: OrganizationRow,
    now: datetime,
) -> tuple[list[Made], dict[int, int]]:
    """The sends that can be accepted, with number, campaign, day and cost; refusals go into `results`."""
    costs = {row[:3]: row.cents for row in await prices.listed(connection, scope)}
    campaigns = await called(connection, context, scope, list({send.campaign for send in sends if send.campaign}))
    whose = await owners(connection, context, scope, sends, campaigns)
    payer = await payers(connection, context, scope)
    today = now.astimezone(ZoneInfo(own.time_zone)).date()
    settled: list[tuple[int, NewSend]] = []
    for index, send in enumerate(sends):
        try:
            if send.campaign:
                check_open(scope, send.campaign, campaigns.get(send.campaign))
            payer(send, whose(send), campaigns.get(send.campaign))
            settled.append((index, settle(send)))
        except SendtrailError as refusal:
            refusal.index = index
            results[index] = refusal
    numbers = await store.numbers(connection, scope, len(settled))
    made = [
        Made(
            send_id=number,
            send=send,
            campaign_id=campaigns[send.campaign].id if send.campaign else 0,
            created_at=now,
            created_on=send.send_date or today,
            cost_cents=price_of(costs, send.kind_number, send.mailing_class, send.extra_service)
            if send.cost_cents is None
            else send.cost_cents,
            currency=own.currency,
            owner_id=whose(send).member_id,
            team_id=whose(send).team_id,
            fund_id=payer(send, whose(send), campaigns.get(send.campaign)),
        )
        for number, (_, send) in zip(numbers, settled, strict=True)
    ]
    return made, {number: index for number, (index, _) in zip(numbers, settled, strict=True)}


async def _link(connection: Connection, scope: Scope, made: Sequence[Made]) -> None:
    """A link for each whose campaign has them, in the transaction that makes the send."""
    in_campaigns = {each.send_id: each.campaign_id for each in made if each.campaign_id}
    if in_campaigns:
        await links.make(connection, scope, list(in_campaigns), list(set(in_campaigns.values())))


async def _record_created(
    connection: Connection,
    scope: Scope,
    made: Sequence[Made],
    begun: Mapping[str, Observation],
    ended: Mapping[int, str],
) -> None:
    """The first event of each send, the last one of those that have `ended`, and what waited for it.

    Nothing happens to a send before it is received: that lies no later than the earliest of what waited. Where its
    vendor told of that itself, it is not said twice.
    """
    moment = to_ms(made[0].created_at)
    named = [each.send_id for each in made if each.send.vendor_id or each.send.tracking_number]
    kept = await recalled(connection, scope, named)
    now = received(moment)
    firsts = {each.send_id: begun.get(name_of(each.send), now) for each in made}
    for report in kept:
        fields = ITEM.unpack(report.item)
        first = firsts.get(report.send_id)
        if fields["sub"] == ID_BY_CODE["created"]:
            firsts.pop(report.send_id, None)
        elif first and fields["ms"] < ITEM.unpack(first.item)["ms"]:
            firsts[report.send_id] = received(fields["ms"])
    created = [first._replace(send=str(send_id)) for send_id, first in firsts.items()]
    cancelled = [_cancelled(moment, send_id, why) for send_id, why in ended.items()]
    await ingest.record(
        connection,
        scope,
        ingest.copy_rows(created + cancelled, moment // 1000) + ingest.kept_rows(kept),
        recall=[barcode.mid_serial for each in made if (barcode := each.send.barcode)],
        at=made[0].created_at,
    )


def received(ms: int) -> Observation:
    """A send's first event, as we record it. `ms`: from 2020."""
    return Observation(0, event_item(ms, "created", Source.SYSTEM, Evidence.REPORTED))


def _cancelled(ms: int, send_id: int, why: str) -> Observation:
    detail = as_detail({"reason": why})
    item = event_item(ms, "cancelled", Source.SYSTEM, Evidence.REPORTED, detail)
    return Observation(0, item, send=str(send_id), detail=detail)


async def views(
    connection: Connection, context: Context, scope: Scope, send_ids: Sequence[int], *, responses: int = LISTED
) -> list[View]:
    """The sends among these that the scope has, newest first, each with so many of its `responses` at most."""
    if not send_ids:
        return []
    rows = await store.read(connection, scope, send_ids)
    numbers = [row.send_id for row in rows]
    trails = await store.trails(connection, scope, numbers)
    responded = await of_sends(connection, scope, numbers, responses)
    zips = {event.zip for trail in trails.values() for event in trail if event.zip}
    facilities = await store.facilities(connection, scope, sorted(zips))
    time_zone = (await organizations.get(connection, scope)).time_zone
    money = scope.sees_money(Permission.SENDS_READ)
    return [
        view(
            row,
            trails[row.send_id],
            facilities,
            context.ids,
            time_zone,
            money,
            responded.get(row.send_id, NONE),
            link_view(context, row.link_id),
        )
        for row in rows
    ]
