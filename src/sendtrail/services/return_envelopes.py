"""Return envelopes that letters and cheques can bring along, each addressed to one contact."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sendtrail.domain.described import check_described
from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import contacts
from sendtrail.services.contacts import CONTACTS, ContactRow
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.nouns import Kept
from sendtrail.store import nouns
from sendtrail.store import return_envelopes as store
from sendtrail.store.contacts import CONTACT
from sendtrail.store.database import Connection
from sendtrail.store.return_envelopes import RETURN_ENVELOPE, ReturnEnvelopeRow

RETURN_ENVELOPES = Kept(
    word="return_envelope",
    noun=RETURN_ENVELOPE,
    reads=Permission.SENDS_READ,
    writes=Permission.SENDS_WRITE,
)


class AlreadyExists(SendtrailError):
    """A contact has one return envelope."""

    type = "return_envelope_already_exists_error"


class Stock(NamedTuple):
    """A return envelope, whom it is addressed to, and how many are left."""

    envelope: ReturnEnvelopeRow
    to: ContactRow
    available: int


async def make(
    context: Context,
    scope: Scope,
    to: NewContact | str,
    description: str | None,
    metadata: dict[str, Any] | None,
    request: Request | None = None,
) -> ReturnEnvelopeRow:
    """A new return envelope to a contact, given by id or by what it is; AlreadyExists; NotFound names `to`; Invalid;
    Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    described = check_described(description, metadata)

    async def act(connection: Connection) -> ReturnEnvelopeRow:
        number = await _addressee(connection, context, scope, to)
        if found := await store.of_contact(connection, scope, number):
            public_id = context.ids.encode("return_envelope", found)
            raise AlreadyExists(f"{public_id} is addressed to this contact already", "to")
        return await nouns.add(connection, scope, RETURN_ENVELOPE, {"contact_id": number, **described})

    return await RETURN_ENVELOPES.once(context, scope, request, act)


async def stocks(context: Context, scope: Scope, rows: Sequence[ReturnEnvelopeRow]) -> list[Stock]:
    """What belongs to these return envelopes, in their order."""
    if not rows:
        return []
    async with context.database.snapshot() as connection:
        addressees = await nouns.read(connection, scope, CONTACT, [row.contact_id for row in rows])
        left = await store.available(connection, scope, [row.id for row in rows])
    return [Stock(row, addressees[row.contact_id], left[row.id]) for row in rows]


async def held(connection: Connection, scope: Scope, numbers: Collection[int]) -> dict[int, int]:
    """How many are left of each of these return envelopes, where there is one; nobody else takes any before the
    caller's transaction ends."""
    if not numbers:
        return {}
    await store.hold(connection, scope, numbers)
    return await store.available(connection, scope, numbers)


async def _addressee(connection: Connection, context: Context, scope: Scope, to: NewContact | str) -> int:
    """The contact, whom nobody else gives a return envelope before the transaction ends."""
    if isinstance(to, NewContact):
        (row,) = await contacts.ensure(connection, scope, [to])
        number = row.id
    else:
        number = CONTACTS.number(context, to, "to")
    held = await nouns.hold(connection, scope, CONTACT, number)
    if held is None:
        raise CONTACTS.missing(context.ids.encode("contact", number), "to")
    return number
