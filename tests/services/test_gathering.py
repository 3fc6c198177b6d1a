"""What comes at once is done at once, and each is answered as if it had come alone."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.services.gathering import gathered
from sendtrail.services.idempotency import Request
from sendtrail.store import system


class Doubling:
    """Doubles numbers; -1 is refused, 13 breaks whatever it comes with. `turns`: what came together."""

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.go = asyncio.Event()
        self.came: asyncio.Queue[None] = asyncio.Queue()

    async def __call__(self, context: Context, lane: str, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.turns.append(list(numbers))
        self.came.put_nowait(None)
        await self.go.wait()
        if 13 in numbers:
            raise ValueError("13")
        return [Invalid("negative") if number < 0 else number * 2 for number in numbers]


async def test_what_comes_meanwhile_is_done_together_and_lanes_do_not_wait_for_each_other(context: Context) -> None:
    doubling = Doubling()
    first = asyncio.create_task(gathered(context, doubling, "one", 1))
    await doubling.came.get()
    rest = [asyncio.create_task(gathered(context, doubling, "one", number)) for number in (2, -1, 3)]
    other = asyncio.create_task(gathered(context, doubling, "two", 7))
    gone = asyncio.create_task(gathered(context, doubling, "one", 4))
    await doubling.came.get()
    assert doubling.turns == [[1], [7]]
    gone.cancel()
    doubling.go.set()
    assert (await first, await other) == (2, 14)
    assert [type(each) for each in await asyncio.gather(*rest, return_exceptions=True)] == [int, Invalid, int]
    assert doubling.turns[2:] == [[2, -1, 3]]
    assert not context.gathering


async def test_what_breaks_with_others_is_tried_by_itself_and_concerns_nobody_else(context: Context) -> None:
    doubling = Doubling()
    doubling.go.set()
    told = await asyncio.gather(
        *(gathered(context, doubling, "one", number) for number in (1, 13, 2)), return_exceptions=True
    )
    assert [told[0], told[2]] == [2, 4]
    assert isinstance(told[1], ValueError)
    assert doubling.turns == [[1, 13, 2], [1], [13], [2]]


async def test_no_more_than_so_many_are_done_at_once(context: Context) -> None:
    doubling = Doubling()
    doubling.go.set()
    await asyncio.gather(*(gathered(context, doubling, "one", number, 4) for number in range(10)))
    assert [len(turn) for turn in doubling.turns] == [4, 4, 2]


@pytest.fixture
async def scope(context: Context) -> Scope:
    async with context.database.transaction() as connection:
        number = await system.add_organization(connection, "Acme")
    return Scope(number or 0, True, "key:1")


async def test_sends_that_come_at_once_are_each_made_refused_or_repeated_by_themselves(
    context: Context, scope: Scope
) -> None:
    def create(name: str, key: str | None = None, said: str = "") -> "asyncio.Task[bytes]":
        to = Address(name=name, address_line1="1 Main St", city="NYC", state="NY")
        send = NewSend("letter", to, campaign="" if name else "no such campaign")
        request = Request(key, (said or name).encode(), "key:1") if key else None
        return asyncio.create_task(sends.create_once(context, scope, send, request))

    told = await asyncio.gather(
        create("Ann"),
        create("Bob", "b"),
        create("Bob", "b"),
        create("", "refused"),
        create("", "refused"),
        create("Other", "b"),
        return_exceptions=True,
    )
    ann, bob, again, refused, refused_again, other = told
    assert isinstance(ann, bytes)
    assert json.loads(ann)["to"]["name"] == "Ann"
    assert bob == again != ann
    assert (type(refused), type(refused_again)) == (Invalid, Invalid)
    assert isinstance(other, Conflict)
    # What was refused may be asked again otherwise; what was done is told again, also by another transaction.
    assert json.loads(await create("Cleo", "refused"))["to"]["name"] == "Cleo"
    assert await create("Bob", "b") == bob
    with pytest.raises(Conflict):
        await create("Bob", "b", "something else")
    assert len(await asyncio.gather(*(create("Dan", "d") for _ in range(20)))) == 20
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select recipient->>'name', count(*) from send group by 1 order by 1")
        assert await cursor.fetchall() == [("Ann", 1), ("Bob", 1), ("Cleo", 1), ("Dan", 1)]
