"""The one door through which anything happens to a send: observations become trails, statuses and counts.

Each function works inside the caller's transaction; what it changes is committed or lost together (law 3).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sendtrail.domain.observation import Observation
from sendtrail.domain.packing import EXPECTED, ITEM, META, to_ms
from sendtrail.domain.scope import INVENTOR, Scope
from sendtrail.store import ledger
from sendtrail.store.database import Connection, statements

_SQL = statements("ingest.sql")
_RECORDED_SHIFT = META.shift("recorded")
_ZONELESS = 1 << META.shift("zoneless")
_MS_SHIFT = ITEM.shift("ms")
_DAY_SHIFT = EXPECTED.shift("ms")
_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Tally(NamedTuple):
    """How a batch of observations went."""

    new: int = 0
    duplicate: int = 0
    unmatched: int = 0

    def __add__(self, other: object) -> "Tally":
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))


def copy_rows(observations: Iterable[Observation], recorded: int) -> bytes:
    """Observations as COPY text for `stage`. `recorded`: seconds from 2020, when we got them.

    An observation whose `send` is set must name it by its number (services translate public ids).
    """
    base = recorded << _RECORDED_SHIFT
    rows = []
    for mid_serial, item, zip_, zoneless, expected, label, send, detail, _ in observations:
        meta = base | zip_ | _ZONELESS if zoneless else base | zip_
        if expected:
            expected |= item >> _MS_SHIFT << _DAY_SHIFT
        if detail:
            detail = detail.translate(_COPY_ESCAPES)
        rows.append(f"{mid_serial}\t{send or _NULL}\t{item}\t{meta}\t{expected}\t{label}\t{detail}\n")
    return "".join(rows).encode()


_NULL = "\\N"


class Kept(NamedTuple):
    """Something said of a send before that was known, as the trail has it: when we heard of it stays."""

    send_id: int
    item: int
    meta: int
    expected: int
    detail: str


def kept_rows(reports: Iterable[Kept]) -> bytes:
    """`copy_rows` of what was kept."""
    return "".join(
        f"0\t{send_id}\t{item}\t{meta}\t{expected}\t0\t{detail.translate(_COPY_ESCAPES)}\n"
        for send_id, item, meta, expected, detail in reports
    ).encode()


async def take_part(connection: Connection, scope: Scope) -> None:
    """Wait until no barcode of the family passes from one send to another and the meaning of events stands still.

    `record` does so itself; whoever holds sends before that takes part before that.
    """
    await connection.execute(_SQL["turn"], {"organization_id": scope.organization_id, "live": scope.live})
    await connection.execute(_SQL["meanings"])


async def take_turn(connection: Connection, scope: Scope) -> None:
    """Wait until no other batch of the organization and its family runs, and let none begin until the transaction ends:
    none may have looked up a barcode as it was and write by it later. Comes before `take_part`.
    """
    await connection.execute(_SQL["take_turn"], {"organization_id": scope.organization_id, "live": scope.live})


async def record(
    connection: Connection,
    scope: Scope,
    rows: bytes,
    *,
    recall: Sequence[int] = (),
    feed_file_id: int | None = None,
    at: datetime | None = None,
) -> Tally:
    """Take a batch of `copy_rows`: match, append, count, charge. What matches no send is kept as unmatched.

    `recall` names barcodes whose kept unmatched scans join the batch, because their send has appeared. `at`: when money
    moves by it, as `ledger.charge` has it. At most one batch in a transaction.
    """
    own = {"organization_id": scope.organization_id, "live": scope.live}
    await connection.execute(_SQL["settings"])
    await connection.execute(_SQL["tables"])
    await take_part(connection, scope)
    async with connection.cursor() as cursor:
        async with cursor.copy(_SQL["copy"]) as copy:
            await copy.write(rows)
        await cursor.execute(_SQL["resolve"], {**own, "organizations": scope.organizations})
        if recall:
            await cursor.execute(_SQL["recall"], {**own, "mid_serials": list(recall)})
        for step in ("gather", "advance", "detail"):
            await cursor.execute(_SQL[step])
        await cursor.execute(_SQL["lapsing"])
        if await cursor.fetchone() == (True,):
            await cursor.execute(_SQL["lapse"], {"meta": to_ms(datetime.now(UTC)) // 1000 << _RECORDED_SHIFT})
        charged = scope.live and await ledger.charge(connection, scope, at)
        for step in ("unpin", "differ", "count"):
            await cursor.execute(_SQL[step])
        if charged:
            await ledger.write(connection, scope)
        if scope.actor != INVENTOR:
            await cursor.execute(_SQL["announce"])
        await cursor.execute(_SQL["keep_unmatched"], {**own, "feed_file_id": feed_file_id})
        await cursor.execute(_SQL["tally"])
        matched, new, unmatched = await cursor.fetchone() or (0, 0, 0)
    return Tally(new, matched - new, unmatched)


class Cut(NamedTuple):
    """A window of a barcode that ends earlier than it did: `valid_from` until `valid_until` is no longer the send's."""

    send_id: int
    mid_serial: int
    label: int
    valid_from: int
    valid_until: int


async def release(connection: Connection, scope: Scope, cuts: Sequence[Cut]) -> None:
    """Give up the scans of these windows: they become unmatched, and the next batch of the transaction recalls them.

    From here on no other batch of the organization and its family runs until the transaction ends: none may have looked
    up a window as it was and write by it later.
    """
    columns = {f"{name}s": list(values) for name, values in zip(Cut._fields, zip(*cuts, strict=True), strict=True)}
    await take_turn(connection, scope)
    await connection.execute(_SQL["tables"])
    await connection.execute(_SQL["hold"], columns)
    await connection.execute(_SQL["release"], columns)
    for step in ("release_scans", "release_details", "release_trails", "release_news", "release_renumber"):
        await connection.execute(_SQL[step])
