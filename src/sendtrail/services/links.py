"""Links of sends: made one by one or for a campaign, listed with what came of them, their visits."""

from contextlib import aclosing
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from sendtrail.documents.qr import Format
from sendtrail.domain import landing
from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services import landings, link_addresses
from sendtrail.services.campaigns import called
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.landings import Landing, LinkPlan
from sendtrail.services.link_pictures import picture
from sendtrail.services.send_ids import no_send, send_named
from sendtrail.services.tracker import Wanted, matching
from sendtrail.store import audit, nouns
from sendtrail.store import landings as landing_store
from sendtrail.store import links as store
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.database import Connection
from sendtrail.store.links import LinkRow
from sendtrail.store.trackers import TRACKER

_NAMES = ("name", "company", "email", "address_line1")
_MARK = (1 << 64) - 1
MOST_FOUND = 5_000
"""A search looks at the links of so many sends, the latest ones that match."""


class LinkedSend(msgspec.Struct, frozen=True):
    """The send on which a link stands; `name`: whom it is for."""

    id: str
    kind: str
    name: str


class LinkedCampaign(msgspec.Struct, frozen=True):
    """The campaign of a link's send."""

    id: str
    name: str


class LinkedTracker(msgspec.Struct, frozen=True):
    """The tracker of PostGrid's API by which a link was made, deleted ones too."""

    id: str
    description: str


class Link(msgspec.Struct, frozen=True):
    """A link and what came of its send. `url`: what is printed; `qr`: its QR code as SVG, with `.png` instead as PNG.

    `template`: where it leads, with variables; `leads_to`: the same for this recipient; `shared`: it leads where
    others of its campaign or of its `tracker` do. After `expires_at` it leads there no more. `testing`: it is
    being tried out. Of the send, by whichever of its links: `visits` by people, `visitors` different ones day by day,
    `bots` visits by programs, `goals` worth `value_cents` of `currency` (null for who may not see money). What was
    tried out is not in them.
    """

    id: str
    code: str
    url: str
    qr: str
    live: bool
    send: LinkedSend
    campaign: LinkedCampaign | None
    shared: bool
    tracker: LinkedTracker | None
    template: str
    leads_to: str
    created_at: datetime
    expire_after_days: int
    expires_at: datetime
    expired: bool
    testing: bool
    visits: int
    visitors: int
    bots: int
    goals: int
    value_cents: int | None
    currency: str
    first_visit_at: datetime | None
    last_visit_at: datetime | None


class Visit(msgspec.Struct, frozen=True):
    """One opening of a link. `device`: its class; `country`: two letters, with `region` where places are looked up;
    `referrer`: the host alone. `visitor`: a mark of who it was that is the same for one day only, null for programs.
    `address`: null unless the organization has addresses kept.
    """

    id: str
    at: datetime
    device: str
    country: str
    region: str
    referrer: str
    bot: bool
    test: bool
    visitor: str | None
    address: str | None


class LinksMade(msgspec.Struct, frozen=True):
    """How many of a campaign's sends had no link and have one now."""

    campaign: LinkedCampaign
    made: int


class Chosen(NamedTuple):
    """Which links to list; empty: all. `campaign`: by id or name; `send`: by id; `q`: the beginnings of a recipient's
    words, a send's id, a link's code or its address; `tracker`: by id, instead of a campaign."""

    campaign: str = ""
    send: str = ""
    q: str = ""
    tracker: str = ""


async def list_links(
    context: Context, scope: Scope, chosen: Chosen, *, limit: int, after: str | None = None
) -> tuple[list[Link], str | None]:
    """Links, the newest first, and the cursor of the next page. Invalid names the filter."""
    if chosen.campaign and chosen.tracker:
        raise Invalid("tracker: say either a campaign or a tracker", "tracker")
    before = _cursor(context, "link", after)
    link_id = number_of(context, chosen.q)
    send_ids = await _found(context, scope, chosen.q) if chosen.q.strip() and link_id is None else None
    if chosen.send:
        number = _send(context, chosen.send)
        send_ids = [number] if send_ids is None or number in send_ids else []
    async with context.database.snapshot() as connection:
        landing_id = None
        if chosen.campaign:
            landing_id = (await _campaign(connection, context, scope, chosen.campaign)).landing_id
        if chosen.tracker:
            landing_id = await _of_tracker(connection, context, scope, chosen.tracker)
        rows = await store.page(
            connection,
            scope,
            limit=limit + 1,
            before=before,
            landing_id=landing_id,
            send_ids=send_ids,
            link_id=link_id,
        )
    shown = [link_of(context, scope, row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


async def get(context: Context, scope: Scope, public_id: str) -> Link:
    """One link; NotFound where the scope has none of that id."""
    async with context.database.snapshot() as connection:
        return link_of(context, scope, await read(connection, context, scope, public_id))


async def qr_code(context: Context, scope: Scope, public_id: str, format_: Format) -> bytes:
    """The QR code of a link; NotFound where the scope has none of that id."""
    async with context.database.snapshot() as connection:
        row = await read(connection, context, scope, public_id)
    return await picture(context, row.id, format_)


async def visits(
    context: Context, scope: Scope, public_id: str, *, limit: int, after: str | None = None
) -> tuple[list[Visit], str | None]:
    """The visits of a link, the newest first, and the cursor of the next page. NotFound; Invalid names `after`."""
    async with context.database.snapshot() as connection:
        row = await read(connection, context, scope, public_id)
        before = _cursor(context, "visit", after)
        found = await store.visits(connection, scope, row, before, limit + 1)
    shown = [
        Visit(
            id=context.ids.encode("visit", each.id),
            at=each.occurred_at,
            device=each.device,
            country=each.country,
            region=each.region,
            referrer=each.referrer,
            bot=each.bot,
            test=each.test,
            visitor=None if each.visitor is None else f"{each.visitor & _MARK:016x}",
            address=each.address,
        )
        for each in found[:limit]
    ]
    return shown, shown[-1].id if len(found) > limit else None


async def make_link(context: Context, scope: Scope, send: str, plan: LinkPlan, request: Request | None = None) -> Link:
    """A link for one send: to a `url` of its own, or else where its campaign's links lead.

    NotFound; Invalid names the field. A send has one link to where its campaign leads, and one to each `url` of its
    own, however often it is asked for; Conflict where that one expires after other days than are wanted.
    """

    async def act(connection: Connection) -> bytes:
        try:
            kind, number = send_named(context, send)
        except NotFound as problem:
            raise NotFound(problem.message, "send") from None
        row = await store.linked(connection, scope, number)
        if row is None or row.kind != kind:
            raise NotFound(no_send(send).message, "send")
        if plan.url is UNSET and plan.expire_after_days is UNSET:
            landing_id = await landing_store.of_campaign(connection, scope, row.campaign_id)
            if landing_id is None:
                raise Invalid("url is missing: this send has no campaign that says where links lead", "url")
        else:
            wanted = await landings.checked(connection, scope, plan)
            if there := await store.own(connection, scope, number, wanted.template):
                return msgspec.json.encode(await _again(connection, context, scope, *there, plan))
            landing_id = await landing_store.add(connection, scope, *wanted)
        made = await store.add(connection, scope, number, landing_id)
        (found,) = await store.page(connection, scope, limit=1, link_id=made)
        return msgspec.json.encode(link_of(context, scope, found))

    return msgspec.json.decode(await once(context, scope, request, act), type=Link)


async def change_link(context: Context, scope: Scope, public_id: str, plan: LinkPlan) -> Link:
    """Let a link of its own lead elsewhere, or for another time, from now on; the audit trail tells.

    NotFound; Invalid names the field; Conflict for a link that leads where its campaign's do.
    """

    async def act(connection: Connection) -> bytes:
        row = await read(connection, context, scope, public_id)
        if await store.linked(connection, scope, row.send_id) is None:
            raise _no_link(public_id)
        held = await landing_store.hold_alone(connection, scope, row.id)
        if held is None:
            raise Conflict("this link leads where others do: change the link.url of the campaign, or its tracker", "id")
        number, known = held[0], Landing(*held[1:])
        url = known.template if plan.url is UNSET else plan.url  # its host may have been removed after it was over
        wanted = await landings.checked(connection, scope, LinkPlan(url, plan.expire_after_days), known)
        if wanted != known:
            await landing_store.change_alone(connection, scope, number, *wanted)
            fresh = {"url": wanted.template, "expire_after_days": wanted.days}
            was = {"url": known.template, "expire_after_days": known.days}
            news = {name: value for name, value in fresh.items() if value != was[name]}
            await audit.note(connection, scope, "link.changed", link_addresses.code(context, row.id), **news)
        return msgspec.json.encode(link_of(context, scope, await read(connection, context, scope, public_id)))

    return msgspec.json.decode(await context.database.run(act), type=Link)


async def make_links(context: Context, scope: Scope, campaign: str, request: Request | None = None) -> LinksMade:
    """A link for each send of a campaign, by id or name, that has none. Invalid where it says not where links lead.

    There is none to make but where a campaign's sends came another way: each gets its link as it is made.
    """

    async def act(connection: Connection) -> bytes:
        row = await _campaign(connection, context, scope, campaign)
        if not row.landing_id:
            raise Invalid(f"campaign {row.name[:60]!a} says not where links lead: give it a link.url first", "campaign")
        made = await store.make_all(connection, scope, row.id, row.landing_id)
        return msgspec.json.encode(LinksMade(LinkedCampaign(context.ids.encode("campaign", row.id), row.name), made))

    return msgspec.json.decode(await once(context, scope, request, act), type=LinksMade)


async def read(connection: Connection, context: Context, scope: Scope, public_id: str) -> LinkRow:
    """The row of a link's public id; NotFound where the scope has none of that id."""
    number = _decoded(context, "link", public_id)
    rows = [] if number is None else await store.page(connection, scope, limit=1, link_id=number)
    if not rows:
        raise _no_link(public_id)
    return rows[0]


def number_of(context: Context, text: str) -> int | None:
    """The number of the link that a code, an address or an id means; None for anything else."""
    tail = text.strip().rstrip("/").rpartition("/")[2].partition(".")[0].lower().removeprefix("link_")
    return link_addresses.link_of(context, tail)


def link_of(context: Context, scope: Scope, row: LinkRow) -> Link:
    """A link as it is told."""
    code, url = link_addresses.code(context, row.id), link_addresses.link_url(context, row.id)
    kind = Kind(row.kind).word
    send_id = context.ids.encode(kind, row.send_id)
    to = row.recipient
    values = landing.values_of(
        to,
        row.metadata,
        sender=row.sender,
        merge=row.merge,
        names=row.names,
        external_id=row.external_id,
        campaign=row.campaign,
        kind=kind,
        send_id=send_id,
        code=code,
    )
    return Link(
        id=context.ids.encode("link", row.id),
        code=code,
        url=url,
        qr=f"{url}.svg",
        live=scope.live,
        send=LinkedSend(send_id, kind, next(filter(None, (to.get(each, "") for each in _NAMES)), "")),
        campaign=LinkedCampaign(context.ids.encode("campaign", row.campaign_id), row.campaign)
        if row.campaign
        else None,
        shared=row.shared,
        tracker=LinkedTracker(context.ids.encode("tracker", row.tracker_id), row.tracker) if row.tracker_id else None,
        template=row.template,
        leads_to=landing.fill(row.template, values),
        created_at=row.created_at,
        expire_after_days=row.days,
        expires_at=row.expires_at,
        expired=row.expires_at <= datetime.now(UTC),
        testing=row.testing,
        visits=row.visits,
        visitors=row.visitors,
        bots=row.bots,
        goals=row.goals,
        value_cents=row.value_cents if scope.sees_money(Permission.SENDS_READ) else None,
        currency=row.currency,
        first_visit_at=row.first_visit_at,
        last_visit_at=row.last_visit_at,
    )


async def _again(
    connection: Connection, context: Context, scope: Scope, number: int, days: int, plan: LinkPlan
) -> Link:
    """The link that a send has already where another was wanted to lead."""
    public_id = context.ids.encode("link", number)
    if plan.expire_after_days not in (UNSET, days):
        raise Conflict(
            f"this send has a link to this url that expires after {days} days: change {public_id}", "expire_after_days"
        )
    return link_of(context, scope, await read(connection, context, scope, public_id))


def _no_link(public_id: str) -> NotFound:
    return NotFound(f"no link {public_id[:60]!a}", "id")


async def _campaign(connection: Connection, context: Context, scope: Scope, text: str) -> CampaignRow:
    row = (await called(connection, context, scope, [text])).get(text)
    if row is None:
        raise Invalid(f"campaign {text[:60]!a} does not exist", "campaign")
    return row


async def _of_tracker(connection: Connection, context: Context, scope: Scope, public_id: str) -> int:
    """Where the links of a tracker lead, of a deleted one too."""
    number = _decoded(context, "tracker", public_id)
    row = None if number is None else (await nouns.read(connection, scope, TRACKER, [number])).get(number)
    if row is None:
        raise Invalid(f"tracker {public_id[:60]!a} does not exist", "tracker")
    return row.landing_id


async def _found(context: Context, scope: Scope, q: str) -> list[int]:
    """The latest sends that a search finds."""
    found: list[int] = []
    async with aclosing(matching(context, scope, Wanted(q=q))) as pieces:
        async for _, numbers in pieces:
            found += numbers
            if len(found) >= MOST_FOUND:
                break
    return found[:MOST_FOUND]


def _decoded(context: Context, prefix: str, public_id: str) -> int | None:
    try:
        found, number = context.ids.decode(public_id)
    except ValueError:
        return None
    return number if found == prefix else None


def _cursor(context: Context, prefix: str, after: str | None) -> int | None:
    number = None if after is None else _decoded(context, prefix, after)
    if after is not None and number is None:
        raise Invalid("after must be a cursor that a list answered as next", "after")
    return number


def _send(context: Context, public_id: str) -> int:
    try:
        return send_named(context, public_id)[1]
    except NotFound:
        raise Invalid(f"send {public_id[:60]!a} is no send's id", "send") from None
