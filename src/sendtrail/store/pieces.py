"""How sends are to be made, and from what: a row beside each send that was ordered with its content."""

from collections.abc import Collection, Mapping, Sequence
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


async def reword(connection: Connection, scope: Scope, send_id: int) -> None:
    """Have searches find an order, if the send is one, by what its send says now."""
    await connection.execute(_SQL["reword"], {**_own(scope), "send_id": send_id})


async def read(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> Mapping[int, PieceRow]:
    """How those of these sends are to be made that were ordered with their content, by number. Whether the scope
    reaches the sends, who read them knows."""
    cursor = await connection.execute(_SQL["read"], {**_own(scope), "send_ids": list(send_ids)})
    return {
        send_id: PieceRow(send_id, to_id, from_id, envelope_id, description, _decode(making))
        async for send_id, to_id, from_id, envelope_id, description, making in cursor
    }


async def hold_numbers(connection: Connection, scope: Scope, accounts: Collection[int]) -> dict[int, int]:
    """The last number of each account's cheques; until the transaction ends nobody else gives any of them a number."""
    cursor = await connection.execute(_SQL["hold_numbers"], {**_own(scope), "accounts": sorted(accounts)})
    return {account: int(number) async for account, number in cursor}


async def numbers_in_use(
    connection: Connection, scope: Scope, cheques: Sequence[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Which of these accounts and numbers a cheque has, a cancelled one too."""
    if not cheques:
        return set()
    accounts, numbers = zip(*cheques, strict=True)
    values = {**_own(scope), "accounts": list(accounts), "numbers": list(numbers)}
    cursor = await connection.execute(_SQL["numbers_in_use"], values)
    return {(int(account), int(number)) async for account, number in cursor}


async def go_on_behind(connection: Connection, scope: Scope, last: Mapping[int, int]) -> None:
    """Have the next cheque of each account, which is held, be numbered behind this one."""
    values = {**_own(scope), "accounts": list(last), "numbers": list(last.values())}
    await connection.execute(_SQL["go_on_behind"], values)


def _own(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
