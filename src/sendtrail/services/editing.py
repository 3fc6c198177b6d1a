"""Change whom a send goes to, or when, for as long as it could be cancelled; its tracking number at any time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import Kind
from sendtrail.domain.imb.barcode import parse
from sendtrail.domain.problems import Conflict
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import SendChange, changed, differences, edition, rerouted
from sendtrail.domain.terms import terms_of
from sendtrail.domain.trail import Status
from sendtrail.services import sends
from sendtrail.services.barcoding import rebarcode
from sendtrail.services.charging import Spending, check_move
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.send_ids import no_send, send_named
from sendtrail.store import audit, barcodes, changes, ingest, organizations, outbox, pieces, terms
from sendtrail.store.changes import Subject
from sendtrail.store.database import Connection


class ChangedMeanwhile(Conflict):
    """Somebody else was faster than the one who filled in a form."""


class Changed(msgspec.Struct, frozen=True):
    """That somebody changed a send: `before` and `after` have the fields that differ, empty texts for none."""

    at: datetime
    who: str
    before: dict[str, str]
    after: dict[str, str]


async def edit(
    context: Context,
    scope: Scope,
    public_id: str,
    change: SendChange,
    request: Request | None = None,
    seen: str | None = None,
) -> bytes:
    """Change a send; its JSON, which a repeat of `request` gets again.

    NotFound; Invalid names the field that cannot be taken; Conflict where it is too late, where its barcode does not
    allow it, or where the send is no longer as it was `seen` (an `edition`).
    """

    async def act(connection: Connection) -> bytes:
        send_id = await _edit(connection, context, scope, public_id, change, seen)
        (view,) = await sends.views(connection, context, scope, [send_id])
        return msgspec.json.encode(view)

    return await once(context, scope, request, act)


async def changes_of(context: Context, scope: Scope, public_id: str) -> list[Changed]:
    """How a send that the scope sees was changed, newest first."""
    async with context.database.snapshot() as connection:
        entries = await audit.changes_of_send(connection, scope, public_id)
    return [
        Changed(each.at, each.email or f"API key {each.key}", each.detail["before"], each.detail["after"])
        for each in entries
    ]


async def _edit(
    connection: Connection, context: Context, scope: Scope, public_id: str, change: SendChange, seen: str | None
) -> int:
    """`edit` within the caller's transaction; the send's number."""
    scope.require(Permission.SENDS_WRITE)
    kind, send_id = send_named(context, public_id)
    if change.early:
        await _take_turn(connection, scope, send_id)
    else:
        await ingest.take_part(connection, scope)
    held = (await changes.hold(connection, scope, [send_id], Permission.SENDS_WRITE)).get(send_id)
    subject = await changes.subject(connection, scope, send_id)
    if held is None or subject is None or held.kind is not kind:
        raise no_send(public_id)
    if change.early and not held.status.type.cancellable:
        raise Conflict(_too_late(held.status))
    if seen is not None and seen != edition(subject.recipient, subject.send_date):
        raise ChangedMeanwhile("somebody else has changed it meanwhile: look at how it is now, and send yours again")
    old = _as_asked_for(subject)
    new = changed(old, change)
    if not (found := differences(old, new)):
        return send_id
    if change.early:
        await _redirect(connection, scope, send_id, subject, old, new)
    if (new.tracking_number, new.carrier) != (old.tracking_number, old.carrier):
        await changes.renumber(connection, scope, send_id, new.tracking_number, new.carrier)
    await pieces.reword(connection, scope, send_id)
    before, after = ({name: texts[side] for name, texts in found.items()} for side in (0, 1))
    await outbox.changed(connection, scope, send_id, found)
    await audit.note(connection, scope, "send.changed", public_id.lower(), before=before, after=after)
    return send_id


async def _redirect(
    connection: Connection, scope: Scope, send_id: int, subject: Subject, old: NewSend, new: NewSend
) -> None:
    """Send it to another recipient, or on another day, with all that follows from that."""
    imb = rerouted(subject.imb, subject.imb_given, old.to, new.to)
    zone = (await organizations.get(connection, scope)).time_zone
    day = new.send_date or subject.created_at.astimezone(ZoneInfo(zone)).date()
    if day != subject.created_on:
        spending = Spending(subject.team_id, subject.campaign_id, day, subject.cost_cents)
        await check_move(connection, scope, spending, subject.created_on)
    await terms.remove(connection, scope, [send_id])
    await changes.put(connection, scope, send_id, new.to, new.send_date, imb)
    if day != subject.created_on:
        await changes.move(connection, scope, send_id, day)
    await terms.put(connection, scope, {send_id: terms_of(new)})
    if imb and (imb, day) != (subject.imb, subject.created_on):
        barcode = parse(imb)
        await rebarcode(connection, scope, send_id, barcode, day, zone)
        await ingest.record(connection, scope, b"", recall=[barcode.mid_serial])


async def _take_turn(connection: Connection, scope: Scope, send_id: int) -> None:
    """What must be waited for before the send is held: of one with a barcode, whatever reads or writes windows."""
    subject = await changes.subject(connection, scope, send_id)
    if subject and subject.imb:
        await barcodes.lock(connection, scope)
        await ingest.take_turn(connection, scope)
    await ingest.take_part(connection, scope)


def _too_late(status: Status) -> str:
    if status.code == "cancelled":
        return "it is cancelled, and cannot be changed any more"
    return f"it is too late to change it: the status is {status.label} ({status.code})"


def _as_asked_for(subject: Subject) -> NewSend:
    """The part of a send that what may change goes with, settled when it was made."""
    kind = Kind(subject.kind).word
    return msgspec.convert(
        {
            "kind": kind,
            "to": msgspec.convert(subject.recipient, Address),
            "send_date": subject.send_date,
            "mailing_class": subject.mailing_class,
            "extra_service": subject.extra_service,
            "post": subject.post,
            "imb": subject.imb,
            "tags": subject.tags,
            "sender": subject.sender,
            "supplier": subject.supplier,
            "tracking_number": subject.tracking_number,
            "carrier": subject.carrier,
        },
        NewSend,
    )
