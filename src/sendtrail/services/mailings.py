"""Campaigns that make their sends themselves, one for each contact of a mailing list.

Such a campaign is one of ours with a row beside it: its page, totals and reports are those of any other. A worker makes
its sends (services/mailing_work.py).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain.described import check_described
from sendtrail.domain.events import Kind
from sendtrail.domain.mailings import AMOUNT, KINDS, Settings, lacking, standing
from sendtrail.domain.pieces import content_of
from sendtrail.domain.plurals import counted
from sendtrail.domain.postgrid.campaigns import KEYS, NAMES, Shown, campaign, settings_of
from sendtrail.domain.postgrid.classes import carried
from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import files
from sendtrail.services.campaigns import MAX_NAME
from sendtrail.services.contacts import CONTACTS
from sendtrail.services.contents import HTML
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.mailing_lists import LISTS
from sendtrail.services.nouns import Kept
from sendtrail.services.order_material import check_draws
from sendtrail.services.owning import owner_of_campaign
from sendtrail.services.telling_of import tell_of
from sendtrail.store import audit, campaigns, documents, mailing_lists, nouns, organizations, pieces
from sendtrail.store import mailings as store
from sendtrail.store.bank_accounts import BANK_ACCOUNT
from sendtrail.store.contacts import CONTACT
from sendtrail.store.database import Connection
from sendtrail.store.documents import Document
from sendtrail.store.mailing_lists import MAILING_LIST
from sendtrail.store.mailings import MAILING, MailingRow, Standing
from sendtrail.store.nouns import Noun
from sendtrail.store.return_envelopes import RETURN_ENVELOPE
from sendtrail.store.templates import TEMPLATE
from sendtrail.store.trackers import TRACKER

DRAFTS = ("draft", "changes_required")
"""In which a campaign can still be changed."""
_USUAL_NAME = "Mailing"
_MARK = 3
"""Bytes that tell campaigns of one description apart."""


class _Mailings(Kept[MailingRow]):
    """To delete one is to delete the campaign, and to cancel what it has sent."""

    async def remove(self, context: Context, scope: Scope, public_id: str) -> None:
        """Delete a campaign that has not begun to be printed; a worker cancels its sends.

        Conflict for one that has, or that is just making its sends; NotFound; Forbidden.
        """
        scope.require(self.writes, Reach.ORGANIZATION)

        async def act(connection: Connection) -> None:
            row = await self.hold(connection, context, scope, public_id)
            status = (await statuses(connection, scope, [row]))[row.campaign_id]
            if status not in (*DRAFTS, "ready"):
                raise Conflict(f"the campaign is {status}: it can be deleted as a draft and while it is ready", "id")
            if status == "ready":
                scope.require(Permission.SENDS_CANCEL)
                stop = {"status": "cancelling", "made_up_to": 0, "actor": scope.actor}
                await nouns.change(connection, scope, MAILING, row.campaign_id, stop)
                await store.put_off(connection, scope, row.campaign_id, 0)
            moved = await campaigns.move(connection, scope, row.campaign_id, "deleted")
            await audit.note(connection, scope, "campaign.deleted", moved.name if moved else public_id.lower())

        await context.database.run(act)


MAILINGS = _Mailings(word="campaign", noun=MAILING, reads=Permission.CAMPAIGNS_READ, writes=Permission.CAMPAIGNS_WRITE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingPlan:
    """What a campaign is to be; what is left out stays.

    `mailing_list`, `sender`: by id; None for no `sender`. `kind`: with it come `settings`, which name templates and the
    like by number, and the `documents` that these name; it takes the place of another one. `without`: which it shall
    not be any more.
    """

    mailing_list: str | UnsetType = UNSET
    sender: str | UnsetType | None = UNSET
    kind: Kind | UnsetType = UNSET
    without: Collection[Kind] = ()
    settings: Settings = field(default_factory=Settings)
    documents: Sequence[Document] = ()
    send_date: date | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


class Linking(NamedTuple):
    """A tracker that gives each send of a campaign a link."""

    id: str
    name: str


class Course(NamedTuple):
    """How far a campaign is with its sends: so many are `created`, so many contacts `refused` for good. `problems`:
    what must change before it can be sent; `stopped`: what it waits for; `trackers`: whose links
    each of its sends carries."""

    status: str
    created: int
    refused: int
    send_date: date | None
    problems: list[str]
    stopped: str
    trackers: list[Linking]


async def make(context: Context, scope: Scope, plan: MailingPlan, request: Request | None = None) -> MailingRow:
    """A new campaign, a draft unless changes are required: its `errors` say which.

    NotFound and Invalid name the field as PostGrid's client does; Forbidden.
    """
    scope.require(Permission.CAMPAIGNS_WRITE, Reach.ORGANIZATION)

    async def act(connection: Connection) -> MailingRow:
        columns = await _columns(connection, context, scope, plan)
        whose = await owner_of_campaign(connection, context, scope)
        name = _name(str(columns.get("description", "")))
        row = await campaigns.add(connection, scope, name, "bulk", *whose)
        if row is None:
            name = f"{name[: MAX_NAME - 10]} ({token_hex(_MARK)})"
            row = await campaigns.add(connection, scope, name, "bulk", *whose)
        assert row is not None  # noqa: S101 — of 16 million
        await audit.note(connection, scope, "campaign.added", name, type="bulk")
        made = await nouns.add(connection, scope, MAILING, {"campaign_id": row.id, **columns})
        made = await _checked(connection, context, scope, made)
        await tell(connection, context, scope, None, made)
        return made

    return await MAILINGS.once(context, scope, request, act)


async def change(context: Context, scope: Scope, public_id: str, plan: MailingPlan) -> MailingRow:
    """Let a draft be as said from now on. Conflict for a campaign that was sent; else as `make`."""
    scope.require(Permission.CAMPAIGNS_WRITE, Reach.ORGANIZATION)

    async def act(connection: Connection) -> MailingRow:
        row = await _draft(connection, context, scope, public_id, "changed")
        columns = await _columns(connection, context, scope, plan)
        if row.kind in plan.without:
            columns = {"kind": None, "making": {}, **columns}
        changed = await nouns.change(connection, scope, MAILING, row.campaign_id, columns) if columns else row
        made = await _checked(connection, context, scope, changed or row)
        await tell(connection, context, scope, row, made)
        return made

    return await context.database.run(act)


async def send(context: Context, scope: Scope, public_id: str, send_date: date | None = None) -> MailingRow:
    """Have a draft's sends made, on the day of the campaign unless `send_date` says another, else on the next one.

    Conflict for a campaign that was sent already; Invalid where changes are required, which it tells from now on;
    NotFound; Forbidden.
    """
    scope.require(Permission.CAMPAIGNS_WRITE, Reach.ORGANIZATION)
    scope.require(Permission.SENDS_WRITE)

    async def act(connection: Connection) -> MailingRow:
        row = await _draft(connection, context, scope, public_id, "sent")
        await nouns.hold(connection, scope, MAILING_LIST, row.mailing_list_id)  # nobody joins or leaves from now on
        checked = await _checked(connection, context, scope, row)
        sent = checked
        if checked.status == "draft":
            day = send_date or row.send_date or await _next_day(connection, scope)
            making = await _fixed(connection, scope, settings_of(row))
            begun = {"status": "creating_orders", "actor": scope.actor, "send_date": day, "making": making}
            sent = await nouns.change(connection, scope, MAILING, row.campaign_id, begun) or checked
            await store.put_off(connection, scope, row.campaign_id, 0)
            known = await campaigns.held(connection, scope, row.campaign_id)
            await audit.note(connection, scope, "campaign.sent", known.name if known else public_id.lower())
        await tell(connection, context, scope, row, sent)
        return sent

    row = await context.database.run(act)
    if row.status != "creating_orders":
        raise Invalid(f"changes are required: {'; '.join(each['message'] for each in row.errors)}")
    return row


async def show(context: Context, scope: Scope, rows: Sequence[MailingRow]) -> list[Shown]:
    """Campaigns as PostGrid's client knows them, with a link to the first send of each that has any."""
    async with context.database.snapshot() as connection:
        now = await statuses(connection, scope, rows)
        first = await store.first_sends(connection, scope, [row.campaign_id for row in rows if row.created_count])
    return [
        {
            **campaign(context.ids, row, now[row.campaign_id], scope.live),
            **({"orderPreviewURL": files.link(context, scope, send_id)} if send_id else {}),
        }
        for row in rows
        for send_id in [first.get(row.campaign_id)]
    ]


async def course(context: Context, scope: Scope, campaign_id: str) -> Course | None:
    """How far a campaign that the scope sees is with its sends; None for one that makes none itself."""
    number = MAILINGS.number(context, campaign_id)
    async with context.database.snapshot() as connection:
        row = (await nouns.read(connection, scope, MAILING, [number])).get(number)
        if row is None:
            return None
        linking = await _linking(connection, context, scope, number)
    problems = [each["message"] for each in row.errors] if row.status in DRAFTS else []
    return Course(row.status, row.created_count, row.refused_count, row.send_date, problems, row.stopped, linking)


async def _linking(connection: Connection, context: Context, scope: Scope, campaign_id: int) -> list[Linking]:
    """As its first send has them: all are made of the same."""
    first = list((await store.first_sends(connection, scope, [campaign_id])).values())
    named = [
        number for piece in (await pieces.read(connection, scope, first)).values() for number in piece.making.trackers
    ]
    rows = await nouns.read(connection, scope, TRACKER, named) if named else {}
    found = [(context.ids.encode("tracker", number), row) for number, row in rows.items()]
    return [Linking(public_id, row.description or public_id) for public_id, row in found]


async def statuses(connection: Connection, scope: Scope, rows: Sequence[MailingRow]) -> dict[int, str]:
    """How campaigns stand by now, by their numbers: from when their sends are made, as these do."""
    made = [row.campaign_id for row in rows if row.status == "ready"]
    found = await store.standings(connection, scope, made) if made else {}
    return {
        row.campaign_id: standing(*found.get(row.campaign_id, Standing(0, 0, 0)))
        if row.status == "ready"
        else row.status
        for row in rows
    }


async def tell(
    connection: Connection, context: Context, scope: Scope, before: MailingRow | None, now: MailingRow
) -> None:
    """Have hooks told what changed of a campaign that is held, or that there is a new one.

    `before`: as it was, with the status that was `told` last.
    """
    status = (await statuses(connection, scope, [now]))[now.campaign_id]
    if status != now.told:
        now = await nouns.change(connection, scope, MAILING, now.campaign_id, {"told": status}) or now
    shown = campaign(context.ids, now, status, scope.live)
    subject = ("campaign", now.campaign_id)
    if before is None:
        await tell_of(connection, context, scope, "campaign.created", subject, shown, None)
    else:
        was = campaign(context.ids, before, before.told, scope.live)
        news = {name: shown.get(name) for name in {**was, **shown} if shown.get(name) != was.get(name)}
        news.pop("updatedAt", None)
        if news:
            await tell_of(connection, context, scope, "campaign.updated", subject, shown, news)


async def _draft(connection: Connection, context: Context, scope: Scope, public_id: str, what: str) -> MailingRow:
    row = await MAILINGS.hold(connection, context, scope, public_id)
    if row.status not in DRAFTS:
        raise Conflict(f"the campaign was sent already: only a draft can be {what}", "id")
    return row


async def _columns(connection: Connection, context: Context, scope: Scope, plan: MailingPlan) -> dict[str, object]:
    """Those that a plan changes; what it names is there, and its documents are kept."""
    columns = check_described(plan.description, plan.metadata)
    if plan.mailing_list is not UNSET:
        list_ = await LISTS.read(connection, context, scope, plan.mailing_list, "mailingList")
        columns["mailing_list_id"] = list_.id
    if plan.sender is not UNSET:
        sender = plan.sender and await CONTACTS.read(connection, context, scope, plan.sender, "defaultSenderContact")
        columns["sender_id"] = sender.id if sender else None
    if plan.kind is not UNSET:
        if plan.settings.making.cheque:
            check_draws(scope)
        await documents.put(connection, scope, plan.documents)
        columns["kind"] = int(plan.kind)
        columns["making"] = msgspec.to_builtins(plan.settings)
    if plan.send_date is not UNSET:
        columns["send_date"] = plan.send_date
    return columns


async def _next_day(connection: Connection, scope: Scope) -> date:
    zone = ZoneInfo((await organizations.get(connection, scope)).time_zone)
    return datetime.now(zone).date() + timedelta(days=1)


async def _checked(connection: Connection, context: Context, scope: Scope, row: MailingRow) -> MailingRow:
    """The campaign with what is required before it can be sent."""
    wrong = await _wrong(connection, context, scope, row)
    errors = [{"type": "processing_error", "message": message} for message in wrong]
    values = {"status": "changes_required" if wrong else "draft", "errors": errors}
    if (values["status"], errors) == (row.status, row.errors):
        return row
    return await nouns.change(connection, scope, MAILING, row.campaign_id, values) or row


async def _wrong(connection: Connection, context: Context, scope: Scope, row: MailingRow) -> list[str]:
    """What must change before a campaign can be sent, in PostGrid's words."""
    if row.kind is None:
        return [f"{', '.join(KEYS.values())}: one of them is missing"]
    kind, settings = Kind(row.kind), settings_of(row)
    wrong = [f"{KEYS[kind]}.{NAMES[name]} is missing" for name in lacking(kind, settings)]
    wrong += _uncarried(kind, settings)
    wrong += [
        f"{KEYS[kind]}.{field}: there is no {noun.table} {context.ids.encode(noun.table, number)!a}"
        for field, noun, number in _named(settings)
        if await _is_gone(connection, scope, noun, number)
    ]
    wrong += [
        f"{KEYS[kind]}.{NAMES[part]} {context.ids.encode('template', number)} is empty: give it its HTML first"
        for part, number in settings.making.templates.items()
        if await _is_empty(connection, scope, number)
    ]
    if await _is_gone(connection, scope, MAILING_LIST, row.mailing_list_id):
        return [*wrong, "mailingList: the list was deleted"]
    size = await mailing_lists.size(connection, scope, row.mailing_list_id, AMOUNT)
    if not size.members:
        wrong.append("mailingList: nobody is in the list")
    if row.sender_id and await _is_gone(connection, scope, CONTACT, row.sender_id):
        wrong.append("defaultSenderContact: there is no such contact any more")
    elif size.senderless and not row.sender_id and kind is not Kind.POSTCARD:
        wrong.append(f"defaultSenderContact is missing: {counted(size.senderless, 'contact')} came without a sender")
    usual: Mapping[str, Any] = settings.making.merge_variables or {}
    if kind is Kind.CHEQUE and size.without and AMOUNT not in usual:
        wrong.append(f"{counted(size.without, 'contact')} came without the variable {AMOUNT}, a cheque's cents")
    return wrong


def _uncarried(kind: Kind, settings: Settings) -> list[str]:
    """Why pieces can go nowhere in this class; where only some countries are refused, their orders tell."""
    making, refusals = settings.making, []
    for country in ("US", "CA"):
        try:
            carried(making.mailing_class, making.extra_service, KINDS[kind], country)
        except SendtrailError as refusal:
            refusals.append(f"{KEYS[kind]}.{refusal.message}")
    return refusals[:1] if len(refusals) == 2 else []


def _named(settings: Settings) -> Iterator[tuple[str, Noun[Any], int]]:
    """What settings name: under which field, and its number."""
    for part, number in settings.making.templates.items():
        yield NAMES[part], TEMPLATE, number
    if settings.return_envelope:
        yield "returnEnvelope", RETURN_ENVELOPE, settings.return_envelope
    if cheque := settings.making.cheque:
        yield "bankAccount", BANK_ACCOUNT, cheque.bank_account


async def _fixed(connection: Connection, scope: Scope, settings: Settings) -> object:
    """Settings with the HTML that their templates have now: every send is made of that, whatever becomes of them."""
    making = settings.making
    rows = await nouns.read(connection, scope, TEMPLATE, list(making.templates.values()))
    htmls = {content_of(part): Document(HTML, rows[number].html.encode()) for part, number in making.templates.items()}
    await documents.put(connection, scope, htmls.values())
    contents = making.contents | {part: html.digest for part, html in htmls.items()}
    settings = msgspec.structs.replace(settings, making=msgspec.structs.replace(making, contents=contents))
    return msgspec.to_builtins(settings)


async def _is_empty(connection: Connection, scope: Scope, number: int) -> bool:
    row = (await nouns.read(connection, scope, TEMPLATE, [number])).get(number)
    return row is not None and row.deleted_at is None and not row.html.strip()


async def _is_gone(connection: Connection, scope: Scope, noun: Noun[Any], number: int) -> bool:
    row = (await nouns.read(connection, scope, noun, [number])).get(number)
    return row is None or row.deleted_at is not None


def _name(description: str) -> str:
    """What people know the campaign by; it can be given another name on its page."""
    line = " ".join("".join(each if each.isprintable() else " " for each in description).split())
    return line[:MAX_NAME].strip() or _USUAL_NAME
