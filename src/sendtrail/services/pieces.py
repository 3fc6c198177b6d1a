"""How sends are to be made, with the contacts whom they go to and come from."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from sendtrail.domain.ids import Ids
from sendtrail.domain.pieces import Making
from sendtrail.domain.postgrid.contacts import contact
from sendtrail.domain.postgrid.orders import Order, Piece
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address
from sendtrail.services.bank_accounts import label_of
from sendtrail.services.contacts import address_of
from sendtrail.services.context import Context
from sendtrail.store import nouns, pieces
from sendtrail.store.bank_accounts import BANK_ACCOUNT
from sendtrail.store.contacts import CONTACT, ContactRow
from sendtrail.store.database import Connection
from sendtrail.store.pieces import PieceRow
from sendtrail.store.return_envelopes import RETURN_ENVELOPE
from sendtrail.store.sends import SendRow


class Ordered(NamedTuple):
    """How a send is to be made, and its contacts, where it has any."""

    row: PieceRow
    to: ContactRow | None
    from_: ContactRow | None


async def of_sends(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> dict[int, Ordered]:
    """Of those of these sends that were ordered here with their content, by number."""
    rows = await pieces.read(connection, scope, send_ids) if send_ids else {}
    named = {each for row in rows.values() for each in (row.to_contact_id, row.from_contact_id) if each}
    known = await nouns.read(connection, scope, CONTACT, sorted(named)) if named else {}
    return {
        number: Ordered(row, known.get(row.to_contact_id or 0), known.get(row.from_contact_id or 0))
        for number, row in rows.items()
    }


async def making_of(context: Context, scope: Scope, send_id: int) -> Making | None:
    """How a send that the scope sees is to be made; None for one that is produced elsewhere."""
    async with context.database.snapshot() as connection:
        row = (await pieces.read(connection, scope, [send_id])).get(send_id)
    return row.making if row else None


class Details(NamedTuple):
    """What is said of a piece besides how it is made. `envelope`: whom its return envelope is addressed to; `account`:
    that of a cheque, in words, for who may see it. Empty texts and None for none."""

    making: Making
    description: str
    envelope: Address | None
    account: str


async def details_of(context: Context, scope: Scope, send_id: int) -> Details | None:
    """Those of a send that the scope sees; None for one that is produced elsewhere."""
    async with context.database.snapshot() as connection:
        row = (await pieces.read(connection, scope, [send_id])).get(send_id)
        if row is None:
            return None
        account, cheque = "", row.making.cheque
        if cheque and scope.may(Permission.BANK_ACCOUNTS_READ, Reach.ORGANIZATION):
            account = label_of(
                (await nouns.read(connection, scope, BANK_ACCOUNT, [cheque.bank_account]))[cheque.bank_account]
            )
        envelope = None
        if number := row.return_envelope_id:
            contact = (await nouns.read(connection, scope, RETURN_ENVELOPE, [number]))[number].contact_id
            envelope = address_of((await nouns.read(connection, scope, CONTACT, [contact]))[contact])
    return Details(row.making, row.description, envelope, account)


def piece_of(ids: Ids, ordered: Ordered | None, send: SendRow) -> Piece | None:
    """A piece as PostGrid's orders show it; None for one that is produced elsewhere. A contact is shown for as long as
    its address is still the send's, a secret one always: it hides whose the address is."""
    if ordered is None:
        return None
    return Piece(
        ordered.row.making,
        ordered.row.description,
        _still(ids, ordered.to, send.recipient, send.live),
        _still(ids, ordered.from_, send.return_address or {}, send.live),
        ordered.row.return_envelope_id,
    )


def _still(ids: Ids, row: ContactRow | None, address: Mapping[str, str], live: bool) -> Order | None:
    if row and ("secret" in row.settings or msgspec.to_builtins(address_of(row)) == address):
        return contact(ids, row, live)
    return None
