"""Cancel sends, one or very many, while their status allows it.

Each is held while that is looked up and until it is done, so whatever moves a send at the same moment (a scan, a
printer, somebody else who cancels) comes either before, and is then the reason to refuse, or after.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import msgspec

from sendtrail.domain.events import Kind
from sendtrail.domain.packing import to_ms
from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import Status
from sendtrail.services.context import Context
from sendtrail.services.happenings import NewEvent, observation, told_by, too_late
from sendtrail.services.idempotency import Request, once
from sendtrail.services.send_ids import no_send, send_named
from sendtrail.services.sends import record_event_once
from sendtrail.store import changes, ingest
from sendtrail.store.database import Connection

MOST = 10_000
"""Sends that one request may name."""
_BATCH = 5_000
"""Sends of one transaction: whoever else wants one of them waits for a fraction of a second."""


@dataclass(slots=True)
class Outcome:
    """How cancelling many went. `refused`: where each of the others stands, None for one that is not there."""

    cancelled: int = 0
    refused: dict[int, Status | None] = field(default_factory=dict)

    def by_label(self) -> dict[str, int]:
        """How many were refused, by the label of their status; those that are not there stand under ''."""
        return dict(Counter(status.label if status else "" for status in self.refused.values()))


async def cancel(
    context: Context, scope: Scope, public_id: str, reason: str = "", request: Request | None = None
) -> bytes:
    """Cancel one send; its JSON, which a repeat of `request` gets again.

    NotFound; Invalid names `reason`; Conflict says which status it has where that is too late.
    """
    return await record_event_once(context, scope, public_id, NewEvent("cancelled", reason=reason), request)


async def cancel_many(context: Context, scope: Scope, send_ids: Sequence[int], reason: str = "") -> Outcome:
    """Cancel those of the sends, by number, that can be; batch by batch, so that what is done stays done.

    Forbidden; Invalid names `reason`.
    """
    outcome = Outcome()
    numbers = list(dict.fromkeys(send_ids))
    for start in range(0, len(numbers), _BATCH):
        batch = dict.fromkeys(numbers[start : start + _BATCH])
        one = await context.database.run(partial(_cancel, context=context, scope=scope, sends=batch, reason=reason))
        outcome.cancelled += one.cancelled
        outcome.refused |= one.refused
    return outcome


async def cancel_named(
    context: Context, scope: Scope, public_ids: Sequence[str], reason: str, request: Request | None
) -> bytes:
    """Cancel those of the sends that can be, in one transaction; the JSON of the answer, the same for a repeat.

    `cancelled` and `refused` count; `refusals` has for each refused one its `index`, `id` and `error`. An id that is
    given twice counts once. Forbidden; Invalid names `sends` or `reason`.
    """
    if len(public_ids) > MOST:
        raise Invalid(f"sends has {len(public_ids):,} ids; {MOST:,} can be cancelled at once", "sends")
    named: dict[str, tuple[Kind, int]] = {}
    for public_id in public_ids:
        with suppress(NotFound):
            named[public_id] = send_named(context, public_id)

    async def act(connection: Connection) -> bytes:
        kinds: dict[int, Kind | None] = {number: kind for kind, number in named.values()}
        outcome = await _cancel(connection, context, scope, kinds, reason)
        refusals = []
        for index, public_id in enumerate(public_ids):
            _, number = named.get(public_id, (None, None))
            if number is None or number in outcome.refused:
                status = None if number is None else outcome.refused[number]
                problem = Conflict(too_late(status)) if status else no_send(public_id)
                error = {"type": problem.type, "message": problem.message, "param": problem.param}
                refusals.append({"index": index, "id": public_id, "error": error})
        return msgspec.json.encode({"cancelled": outcome.cancelled, "refused": len(refusals), "refusals": refusals})

    return await once(context, scope, request, act)


async def _cancel(
    connection: Connection, context: Context, scope: Scope, sends: Mapping[int, Kind | None], reason: str
) -> Outcome:
    """Cancel one batch within the caller's transaction. `sends`: number → its kind, where that was named."""
    scope.require(Permission.SENDS_CANCEL)
    await ingest.take_part(connection, scope)
    held = await changes.hold(connection, scope, list(sends), Permission.SENDS_CANCEL)
    held = {send_id: each for send_id, each in held.items() if sends[send_id] in (None, each.kind)}
    now = datetime.now(UTC)
    who = await told_by(connection, context, scope)
    event = NewEvent("cancelled", reason=reason)
    observations = [
        observation(event, each.kind, send_id, now, who)
        for send_id, each in held.items()
        if each.status.type.cancellable
    ]
    if observations:
        await ingest.record(connection, scope, ingest.copy_rows(observations, to_ms(now) // 1000))
    refused = {
        send_id: held[send_id].status if send_id in held else None
        for send_id in sends
        if send_id not in held or not held[send_id].status.type.cancellable
    }
    return Outcome(len(observations), refused)
