"""Read one archived message or export of a vendor and write what it says: a block, one transaction.

A send that we do not know is made first where the vendor tells to whom it goes; else what is said of it waits until
somebody makes it. So a block has two transactions, and whatever happens between them is put right when the file is read
again.

An export is the past: it counts in every report, but no hook hears of it as if it happened now. It mostly knows the day
alone, so a step that the vendor told of a send before is the same one, whatever its time.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sendtrail.domain.events import CODE_BY_ID, ID_BY_CODE, Source
from sendtrail.domain.observation import Observation, Problem
from sendtrail.domain.packing import ITEM
from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.wordings import fitting, never
from sendtrail.feeds.vendors import reader
from sendtrail.feeds.vendors.intake import VendorBatch
from sendtrail.services import archive
from sendtrail.services.campaigns import begin_missing
from sendtrail.services.claims import LEASE
from sendtrail.services.context import Context
from sendtrail.services.reading import Outcome
from sendtrail.services.sends import admit, received
from sendtrail.services.writing import Job, Pending, as_reported, step
from sendtrail.store import feed_files, ingest, outbox, sends, unmatched_reports
from sendtrail.store.database import Connection
from sendtrail.store.ingest import Tally


async def read_vendor(context: Context, job: Job, format: str, read_bytes: Callable[[int], None]) -> Outcome:
    """Commit all that the file says, block by block."""
    outcome, come = Outcome(format=format), 0

    def read_on(read: int) -> None:
        nonlocal come
        come = read
        read_bytes(read)

    with archive.reading(job.archive, job.digest) as stream:
        batches = reader.read(
            stream,
            format,
            now_ms=job.now_ms,
            zone=ZoneInfo(job.time_zone),
            live=job.scope.live,
            progress=read_on,
        )
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            outcome.tally += await _write(context, job, batch, come, past=reader.is_export(format))
            outcome.incomplete = batch.incomplete
    return outcome


class _Making(NamedTuple):
    """How the sends of a block were made. `begun`: how many with what their vendor told of it, which is news."""

    refused: Sequence[Problem] = ()
    begun: int = 0


async def _write(context: Context, job: Job, batch: VendorBatch, bytes_read: int, *, past: bool) -> Tally:
    """Make the sends of the block that are missing, then take what is said of all of them."""

    async def make(connection: Connection) -> _Making:
        making = await _make(connection, context, job.scope, batch)
        if past:
            await outbox.unsay(connection, job.scope)
        return making

    async def take(connection: Connection) -> Tally:
        tally = await _take(connection, job, batch, making, bytes_read, past=past)
        if past:
            await outbox.unsay(connection, job.scope)
        return tally

    making = await context.database.run(make) if batch.sends else _Making()
    return await context.database.run(take)


async def _make(connection: Connection, context: Context, scope: Scope, batch: VendorBatch) -> _Making:
    """Make those of the block's sends that there are not, as of when their vendor did; why some could not be made.

    They are whose the vendor says, whoever brought the file.
    """
    scope = replace(scope, member_id=0, teams=())
    await sends.lock_vendors(connection, scope)
    known = await _known(connection, scope, list(batch.sends), batch.also)
    missing = {name: send for name, send in batch.sends.items() if name not in known}
    if not missing:
        return _Making()
    await begin_missing(connection, context, scope, {each.campaign for each in missing.values() if each.campaign})
    begun = _begun(batch)
    outcomes = await admit(connection, context, scope, list(missing.values()), begun=begun)
    lines = {each.send: each.line for each in reversed(batch.observations)}
    refused = [
        Problem(lines.get(name, 0), f"no send is made of {name[:60]}: {outcome.message}", b"")
        for name, outcome in zip(missing, outcomes, strict=True)
        if isinstance(outcome, SendtrailError)
    ]
    made = [name for name, outcome in zip(missing, outcomes, strict=True) if isinstance(outcome, int)]
    told = sum(name in begun and _source(begun[name]) is Source.VENDOR for name in made)
    return _Making(refused, told)


def _begun(batch: VendorBatch) -> dict[str, Observation]:
    """How each send begins that a block tells of: as its vendor says, when it made it, or with the first step."""
    begun: dict[str, Observation] = {}
    earliest = {name: moment.ms for name, moment in batch.made.items()}
    for each in batch.observations:
        fields = ITEM.unpack(each.item)
        if fields["sub"] == ID_BY_CODE["created"]:
            begun.setdefault(each.send, each)
        earliest[each.send] = min(fields["ms"], earliest.get(each.send, fields["ms"]))
    return {name: received(ms) for name, ms in earliest.items()} | begun


def _source(observation: Observation) -> Source:
    return Source(ITEM.unpack(observation.item)["source"])


async def _take(
    connection: Connection, job: Job, batch: VendorBatch, making: _Making, bytes_read: int, *, past: bool
) -> Tally:
    """Give what is said to the trails of its sends; what is of none waits."""
    names = {each.send for each in batch.observations}
    numbers = await _known(connection, job.scope, sorted(names), batch.also)
    kinds = await sends.known(connection, job.scope, sorted(set(numbers.values())))
    known = await _steps(connection, job.scope, list(kinds)) if past or batch.told_before else set()
    problems = [*batch.problems, *making.refused]
    again = 0
    matched: list[Observation] = []
    waiting: list[Observation] = []
    for each in batch.observations:
        kind = kinds.get(numbers.get(each.send, 0))
        if kind is None:
            waiting.append(each)
        elif (item := fitting(each.item, kind)) is None:
            code = CODE_BY_ID[ITEM.unpack(each.item)["sub"]]
            problems.append(Problem(each.line, never(kind, code), as_reported(each)))
        elif (past or (each.send, each.item) in batch.told_before) and (
            numbers[each.send],
            ITEM.unpack(item)["sub"],
        ) in known:
            again += 1
        else:
            matched.append(each._replace(send=str(numbers[each.send]), item=item))
    recorded = job.now_ms // 1000
    rows = ingest.copy_rows(matched, recorded)
    tally = await ingest.record(connection, job.scope, rows, feed_file_id=job.feed_file_id)
    await unmatched_reports.keep(connection, job.scope, waiting, recorded, job.feed_file_id)
    await feed_files.keep_rejects(connection, job.scope, job.feed_file_id, problems)
    tally += Tally(new=making.begun, duplicate=again - making.begun, unmatched=len(waiting))
    read = Pending(batch.observations, bytes_read=bytes_read)
    await feed_files.progressed(connection, job.scope, job.feed_file_id, tally, LEASE, step(read))
    return tally


async def _steps(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Which events, by their ids, a vendor told of which of these sends."""
    trails = await sends.trails(connection, scope, send_ids)
    return {
        (send_id, ID_BY_CODE[event.code])
        for send_id, trail in trails.items()
        for event in trail
        if event.source is Source.VENDOR
    }


async def _known(connection: Connection, scope: Scope, names: Sequence[str], also: dict[str, str]) -> dict[str, int]:
    """The sends that have these names: a vendor's id, or a tracking number; `also` has the latter of the former."""
    found = await sends.by_vendor_id(connection, scope, [name for name in names if ":" in name])
    tracked = {name: also.get(name, name) for name in names if name not in found}
    numbers = await sends.by_tracking_number(connection, scope, sorted(set(tracked.values())))
    return found | {name: numbers[number] for name, number in tracked.items() if number in numbers}
