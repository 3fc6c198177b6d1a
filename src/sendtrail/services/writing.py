"""Give what was read of a file to the pipeline: one batch, one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, CODE_BY_ID, Evidence, Kind
from sendtrail.domain.ids import Ids
from sendtrail.domain.observation import Observation, Problem
from sendtrail.domain.packing import ITEM, from_ms
from sendtrail.domain.scope import Scope
from sendtrail.domain.tracking_numbers import compact, recognise
from sendtrail.domain.wordings import never
from sendtrail.services.claims import LEASE
from sendtrail.store import feed_files, ingest, sends
from sendtrail.store.database import Connection, Database
from sendtrail.store.ingest import Tally

_MS_SHIFT = ITEM.shift("ms")


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that a process needs to read a file."""

    dsn: str
    archive: Path
    digest: bytes
    scope: Scope
    feed_file_id: int
    id_key: bytes
    batch: int
    now_ms: int
    time_zone: str


@dataclass(slots=True)
class Pending:
    """Read, but not yet written."""

    observations: list[Observation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    bytes_read: int = 0
    """How far the file had been read by then."""

    def __len__(self) -> int:
        return len(self.observations) + len(self.problems)


async def write(job: Job, database: Database, pending: Pending) -> Tally:
    """Commit what is pending."""
    return await database.run(lambda connection: take(connection, job, pending))


async def take(connection: Connection, job: Job, pending: Pending) -> Tally:
    """`write` within the caller's transaction."""
    observations, problems = await _name_sends(connection, job.scope, Ids(job.id_key), pending.observations)
    rows = ingest.copy_rows(observations, job.now_ms // 1000)
    tally = await ingest.record(connection, job.scope, rows, feed_file_id=job.feed_file_id)
    await feed_files.keep_rejects(connection, job.scope, job.feed_file_id, [*pending.problems, *problems])
    await feed_files.progressed(connection, job.scope, job.feed_file_id, tally, LEASE, step(pending))
    return tally


def step(pending: Pending) -> feed_files.Step:
    """How far a file has been read by then, and from when to when that tells."""
    items = [each.item for each in pending.observations]
    oldest, newest = (from_ms(end(items) >> _MS_SHIFT) if items else None for end in (min, max))
    return feed_files.Step(pending.bytes_read, oldest, newest)


async def _name_sends(
    connection: Connection, scope: Scope, ids: Ids, observations: Sequence[Observation]
) -> tuple[Sequence[Observation], list[Problem]]:
    """Observations that name their send by public id or tracking number get its number; those that cannot be told."""
    named = [each for each in observations if each.send]
    if not named:
        return observations, []
    numbers = {each.send: number for each in named if (number := _number(ids, each.send)) is not None}
    others = {text: _tracking_number(text) for text in {each.send for each in named} - numbers.keys()}
    tracked = await sends.by_tracking_number(connection, scope, sorted(set(others.values())))
    numbers |= {text: tracked[number] for text, number in others.items() if number in tracked}
    kinds = await sends.known(connection, scope, sorted(set(numbers.values())))
    problems = []
    resolved = []
    for each in observations:
        if each.send:
            number = numbers.get(each.send, 0)
            reason = _refusal(each, kinds.get(number))
            if reason:
                problems.append(Problem(each.line, reason, as_reported(each)))
                continue
            each = each._replace(send=str(number))
        resolved.append(each)
    return resolved, problems


def _number(ids: Ids, text: str) -> int | None:
    try:
        prefix, number = ids.decode(text)
    except ValueError:
        return None
    return number if prefix.upper() in Kind.__members__ else None


def _tracking_number(text: str) -> str:
    """As sends keep it."""
    found = recognise(text)
    return found.number if found else compact(text)


def as_reported(observation: Observation) -> bytes:
    """A report whose send is not known, written again: when the send exists it can be given once more."""
    fields = ITEM.unpack(observation.item)
    said = (observation.send, CODE_BY_ID[fields["sub"]], from_ms(fields["ms"]).isoformat(), observation.detail)
    return ",".join(part for part in said if part).encode()


def _refusal(observation: Observation, kind: Kind | None) -> str:
    if kind is None:
        return f"send: there is no send {observation.send[:60]!a}"
    fields = ITEM.unpack(observation.item)
    code = CODE_BY_ID[fields["sub"]]
    if kind not in BY_CODE_AND_EVIDENCE[code, Evidence(fields["evidence"])].kinds:
        return never(kind, code)
    return ""
