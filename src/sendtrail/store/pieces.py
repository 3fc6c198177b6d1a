"""How sends are to be made, and from what: a row beside each send that was ordered with its content."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from sendtrail.domain.pieces import Making
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements

_SQL = statements("pieces.sql")
_decode = msgspec.json.Decoder(Making).decode


class PieceRow(NamedTuple):
    """How one send is to be made. Contacts and return envelope by their numbers, None for none."""

    send_id: int
    to_contact_id: int | None
    from_contact_id: int | None
    return_envelope_id: int | None
    description: str
    making: Making


async def insert(connection: Connection, scope: Scope, pieces: Sequence[PieceRow]) -> None:
    """Keep how these sends are to be made."""
    if not pieces:
        return
    values: dict[str, object] = {
        f"{name}s": list(column)
        for name, column in zip(PieceRow._fields, zip(*pieces, strict=True), strict=True)
        if name != "making"
    }
    values["makings"] = [msgspec.json.encode(each.making).decode() for each in pieces]
    await connection.execute(_SQL["insert"], {**_own(scope), **values})


async def read(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> Mapping[int, PieceRow]:
    """How those of these sends are to be made that were ordered with their content, by number. Whether the scope
    reaches the sends, who read them knows."""
    cursor = await connection.execute(_SQL["read"], {**_own(scope), "send_ids": list(send_ids)})
    return {
        send_id: PieceRow(send_id, to_id, from_id, envelope_id, description, _decode(making))
        async for send_id, to_id, from_id, envelope_id, description, making in cursor
    }


async def take_numbers(connection: Connection, scope: Scope, wanted: Mapping[int, int]) -> dict[int, int]:
    """So many of the next numbers of each account's cheques; the last one that was taken, by account."""
    return await _numbered(connection, scope, "take_numbers", wanted)


async def give_numbers(connection: Connection, scope: Scope, given: Mapping[int, int]) -> None:
    """Go on behind the greatest number that somebody gave a cheque of each account."""
    await _numbered(connection, scope, "give_numbers", given)


async def _numbered(connection: Connection, scope: Scope, name: str, by_account: Mapping[int, int]) -> dict[int, int]:
    if not by_account:
        return {}
    accounts = sorted(by_account)
    values = {**_own(scope), "accounts": accounts, "numbers": [by_account[each] for each in accounts]}
    cursor = await connection.execute(_SQL[name], values)
    return {account: int(number) async for account, number in cursor}


def _own(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
