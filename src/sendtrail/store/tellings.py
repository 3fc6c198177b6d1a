"""What hooks are told of campaigns and stock orders: written with what happened, since neither has a trail."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.deliveries import State
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import within

_SQL = statements("tellings.sql")


class NewTelling(NamedTuple):
    """One thing told. `id`: by `number`; `thread`: domain/deliveries.py; `body`: JSON."""

    id: int
    thread: int
    type: str
    at: datetime
    body: str


async def listening(connection: Connection, scope: Scope, names: Sequence[str], campaign_id: int) -> list[int]:
    """The numbers of the hooks whose `events` hold one of these names; `campaign_id`: of the campaign that it is about,
    0 for none: hooks of certain campaigns hear of others nothing."""
    values = {**within(scope), "names": list(names), "campaign_id": campaign_id}
    return [row[0] async for row in await connection.execute(_SQL["listening"], values)]


async def number(connection: Connection, scope: Scope) -> int:
    """The number of the next notification: its body has it as an id."""
    ((number,),) = await (await connection.execute(_SQL["number"], within(scope))).fetchall()
    return int(number)


async def put(connection: Connection, scope: Scope, telling: NewTelling, hook_ids: Sequence[int]) -> None:
    """Have it told to these hooks, after what they were told of the same before."""
    values = {**within(scope), **telling._asdict(), "hook_ids": list(hook_ids), "pending": State.PENDING}
    await connection.execute(_SQL["put"], values)
