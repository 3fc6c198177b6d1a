"""Contacts: whom pieces go to and come from, under ids of their own. The same data is one contact."""

from collections.abc import Collection, Sequence

import msgspec

from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.postgrid.orders import of_send, send_of
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.nouns import Kept
from sendtrail.store import contacts as store
from sendtrail.store import nouns, sends
from sendtrail.store.contacts import CONTACT
from sendtrail.store.contacts import ContactRow as ContactRow
from sendtrail.store.database import Connection
from sendtrail.store.sends import SendRow


class _Contacts(Kept[ContactRow]):
    """Who a contact was is not told by the audit trail, which is kept for longer: only its id."""

    async def read(
        self, connection: Connection, context: Context, scope: Scope, public_id: str, param: str = "id"
    ) -> ContactRow:
        number = self.number(context, public_id, param)
        row = (await by_number(connection, scope, [number])).get(number)
        if row is None:
            raise self.missing(public_id, param)
        return row


CONTACTS = _Contacts(word="contact", noun=CONTACT, reads=Permission.SENDS_READ, writes=Permission.SENDS_WRITE)


async def make(context: Context, scope: Scope, contact: NewContact, request: Request | None = None) -> ContactRow:
    """The contact with this data, a new one unless there is one already; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)

    async def act(connection: Connection) -> ContactRow:
        (row,) = await ensure(connection, scope, [contact])
        return row

    return await CONTACTS.once(context, scope, request, act)


async def ensure(connection: Connection, scope: Scope, contacts: Sequence[NewContact]) -> list[ContactRow]:
    """A row for each contact that `settle_contact` gave, in their order, within the caller's transaction."""
    return await store.ensure(connection, scope, contacts) if contacts else []


async def by_number(connection: Connection, scope: Scope, numbers: Collection[int]) -> dict[int, ContactRow]:
    """Those of these contacts that there are and that were not deleted, of sends made without contacts too."""
    kept = [number for number in numbers if send_of(number) is None]
    rows = await nouns.read(connection, scope, CONTACT, kept) if kept else {}
    found = {number: row for number, row in rows.items() if row.deleted_at is None}
    if of := {named[0] for number in numbers if (named := send_of(number))}:
        for send in await sends.read(connection, scope, sorted(of)):
            found |= {row.id: row for row in _of_send(send)}
    return found


def _of_send(send: SendRow) -> list[ContactRow]:
    """The recipient and the sender of a send, an empty one where nobody said. The whole name stands as the first one:
    what people are called does not split by rule."""
    addresses = {False: send.recipient, True: send.return_address or {}}
    return [
        ContactRow(
            id=of_send(send.send_id, sender=sender),
            first_name=address.name,
            last_name="",
            company=address.company,
            job_title="",
            email=address.email,
            phone=address.phone,
            address_line1=address.address_line1,
            address_line2=address.address_line2,
            city=address.city,
            state=address.state,
            postal_code=address.postal_code,
            country=address.country,
            address_status="verified",
            address_errors="",
            settings={},
            description="",
            metadata=None,
            created_at=send.created_at,
            updated_at=send.created_at,
            deleted_at=None,
        )
        for sender, kept in addresses.items()
        for address in [msgspec.convert(kept, Address)]
    ]


def address_of(contact: ContactRow) -> Address:
    """Where a send to or from a contact goes or comes from."""
    return Address(
        name=" ".join(each for each in (contact.first_name, contact.last_name) if each),
        company=contact.company,
        email=contact.email,
        phone=contact.phone,
        address_line1=contact.address_line1,
        address_line2=contact.address_line2,
        city=contact.city,
        state=contact.state,
        postal_code=contact.postal_code,
        country=contact.country,
    )
