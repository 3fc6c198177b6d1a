"""Contacts: whom pieces go to and come from, under ids of their own. The same data is one contact."""

from collections.abc import Sequence

from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address
from sendtrail.services.context import Context
from sendtrail.services.nouns import Kept
from sendtrail.store import contacts as store
from sendtrail.store.contacts import CONTACT
from sendtrail.store.contacts import ContactRow as ContactRow
from sendtrail.store.database import Connection

CONTACTS = Kept(
    word="contact",
    noun=CONTACT,
    reads=Permission.SENDS_READ,
    writes=Permission.SENDS_WRITE,
)
"""Who a contact was is not told by the audit trail, which is kept for longer: only its id."""


async def make(context: Context, scope: Scope, contact: NewContact) -> ContactRow:
    """The contact with this data, a new one unless there is one already; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)

    async def act(connection: Connection) -> ContactRow:
        (row,) = await ensure(connection, scope, [contact])
        return row

    return await context.database.run(act)


async def ensure(connection: Connection, scope: Scope, contacts: Sequence[NewContact]) -> list[ContactRow]:
    """A row for each contact that `settle_contact` gave, in their order, within the caller's transaction."""
    return await store.ensure(connection, scope, contacts) if contacts else []


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
