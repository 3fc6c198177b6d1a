"""Send something once more, to a better address: a new send that remembers whose place it takes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain.attention import TABLE
from sendtrail.domain.problems import Conflict, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend, settle
from sendtrail.domain.send_change import AddressChange, check_recipient
from sendtrail.services import sends
from sendtrail.services.attending import visible
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.orders import make_again
from sendtrail.services.send_ids import no_send, send_named
from sendtrail.store import attention, audit, changes, ingest
from sendtrail.store import sends as store
from sendtrail.store.database import Connection
from sendtrail.store.sends import SendRow

CODES = frozenset(code for rule in TABLE if rule.resends for code in rule.codes)
"""The statuses of what can be sent once more."""


class Resending(msgspec.Struct, forbid_unknown_fields=True):
    """What differs from the first time: fields of the recipient (the others stay) and the send date, else today."""

    to: AddressChange | UnsetType = UNSET
    send_date: date | None = None


async def resend(
    context: Context, scope: Scope, public_id: str, change: Resending, request: Request | None = None
) -> bytes:
    """Send it once more: the same kind, campaign, class, tags and words, with the same owner, for the same money,
    made from the same, and with a barcode of its own; the JSON of the new send, which a repeat of `request` gets again.

    NotFound; Invalid names the field that cannot be taken; Conflict where it neither came back nor failed, and where it
    was sent once more already.
    """

    async def act(connection: Connection) -> bytes:
        number = await _resend(connection, context, scope, public_id, change)
        (view,) = await sends.views(connection, context, scope, [number])
        return msgspec.json.encode(view)

    return await once(context, scope, request, act)


async def _resend(connection: Connection, context: Context, scope: Scope, public_id: str, change: Resending) -> int:
    """`resend` within the caller's transaction; the new send's number."""
    scope.require(Permission.SENDS_WRITE)
    kind, send_id = send_named(context, public_id)
    await ingest.take_part(connection, scope)
    held = (await changes.hold(connection, scope, [send_id], Permission.SENDS_WRITE)).get(send_id)
    rows = await store.read(connection, scope, [send_id])
    if held is None or not rows or held.kind is not kind:
        raise no_send(public_id)
    (row,) = rows
    if row.replaced_by:
        raise Conflict(f"it was sent once more already, as {context.ids.encode(kind.word, row.replaced_by)}")
    if held.status.code not in CODES:
        raise Conflict(
            f"what came back or failed can be sent once more: the status is {held.status.label} ({held.status.code})"
        )
    again = settle(_again(context, row, kind.word, change))
    check_recipient(settle(_again(context, row, kind.word, Resending())), again)
    (made,) = await sends.admit(connection, context, _as_owner(scope, row), [again])
    if isinstance(made, SendtrailError):
        made.index = None
        raise made
    await store.take_place(connection, scope, made, send_id)
    await make_again(connection, context, scope, send_id, made)
    entries = await attention.some(connection, scope, [rule.number for rule in visible(scope)], sends=[send_id])
    await attention.finish(connection, scope, [entry.id for entry in entries], datetime.now(UTC))
    await audit.note(connection, scope, "send.resent", public_id.lower(), as_send=context.ids.encode(kind.word, made))
    return made


def _as_owner(scope: Scope, row: SendRow) -> Scope:
    """With the rights of who asks, but on behalf of whose send it is: it stays theirs, and they pay."""
    return replace(scope, member_id=row.owner_id, teams=(row.team_id,) if row.team_id else ())


def _again(context: Context, row: SendRow, kind: str, change: Resending) -> NewSend:
    """The same once more. Numbers that were of the first one alone are left out."""
    fields = {} if change.to is UNSET else msgspec.structs.asdict(change.to)
    to = msgspec.structs.replace(
        msgspec.convert(row.recipient, Address), **{name: text for name, text in fields.items() if text is not UNSET}
    )
    again = {
        "kind": kind,
        "to": to,
        "from": msgspec.convert(row.return_address, Address) if row.return_address else None,
        "campaign": context.ids.encode("campaign", row.campaign_id) if row.campaign_id else "",
        "tags": row.tags,
        "send_date": change.send_date,
        "mailing_class": row.mailing_class,
        "extra_service": row.extra_service,
        "post": row.post or None,
        "carrier": row.carrier,
        "supplier": row.supplier,
        "message": row.message,
        "gift": row.gift,
        "cost_cents": row.cost_cents,
        "sender": row.sender,
        "metadata": row.metadata,
    }
    return msgspec.convert(again, NewSend)
