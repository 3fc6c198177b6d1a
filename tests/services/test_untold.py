"""What hooks do not hear of: an invented past, and a rehearsal that was taken back."""

from datetime import UTC, datetime
from pathlib import Path

from sendtrail.domain.deliveries import State
from sendtrail.domain.scope import Scope
from sendtrail.services import announcing, rehearsals, sends
from sendtrail.services.context import Context
from sendtrail.services.simulation import Wish, simulate
from sendtrail.store import outbox
from sendtrail.store.database import Connection
from sendtrail.store.system import responses
from sendtrail.store.system.responses import VISIT, NewResponse
from tests.store.piles import letters, organization

from .hooks import listen, told
from .test_rehearsals import NOW, acme, played, sent

__all__ = ["acme"]


async def test_nothing_is_told_of_mail_that_was_invented(context: Context, tmp_path: Path) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*", "postalytics.*")
    await simulate(context, scope, Wish(sends=30, days=20), tmp_path)
    assert await told(context) == []

    (letter,) = await letters(context, scope, [1])
    visit = NewResponse(sends.send_number(context, letter), VISIT, datetime.now(UTC))

    async def invent(connection: Connection) -> None:
        await responses.record(connection, [visit], visit.occurred_at)
        await outbox.unsay(connection, scope)

    await context.database.run(invent)
    assert [each.type for each in await told(context)] == ["send.created"]


async def test_a_rehearsal_is_told_and_once_taken_back_can_be_told_anew(context: Context, acme: Scope) -> None:
    live = Scope(acme.organization_id, True, "test")
    await listen(context, live, "send.*")
    hook = await listen(context, acme, "send.*", "postalytics.*", "letter.updated")
    waiting = await listen(context, acme, "send.out_for_delivery", wait_days=60)
    send = await sent(context, acme)
    await rehearsals.begin(context, acme, send["id"], "seconds", now=NOW)
    await played(context, acme, send)
    await announcing.announce(context)
    assert await _states(context) == {hook: {State.PENDING}, waiting: {State.WAITING}}

    await rehearsals.reset(context, acme, send["id"])
    assert await _states(context) == {hook: {State.DROPPED}, waiting: {State.DROPPED}}
    first = [each for each in await told(context) if each.hook == hook]
    await rehearsals.begin(context, acme, send["id"], "seconds", now=NOW)
    await played(context, acme, send)
    again = [each for each in await told(context) if each.hook == hook]
    assert [each.type for each in again] == [each.type for each in first if each.type != "send.created"]
    assert again[0].sequence == first[-1].sequence + 1
    updates = [each.body["updatedFields"] for each in again if each.type == "letter.updated"]
    assert updates[0] == {"status": "printing"}


async def _states(context: Context) -> dict[int, set[State]]:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select hook_id, array_agg(distinct state) from delivery group by 1")
        return {hook: {State(state) for state in states} async for hook, states in cursor}
