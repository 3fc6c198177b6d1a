"""What packed events mean, told to the database: SQL functions made from `domain.packing`, and the `code` table.

The functions are plain SQL expressions: the planner inlines them, so they cost what the arithmetic costs.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence

from psycopg import sql

from sendtrail.domain import operations
from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, ID_BY_CODE, SCAN_EVIDENCE, Evidence, Source
from sendtrail.domain.money import NOT_OWED, WITNESSES, EntryType
from sendtrail.domain.observation import event_item
from sendtrail.domain.packing import BEST, EPOCH, ITEM, LAYOUTS, META, NO_OPERATION, STATUS_MASK
from sendtrail.domain.phases import CODE_BY_PHASE, Phase
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES, category
from sendtrail.store import ledger
from sendtrail.store.database import Connection, statements

_SUB_MASK = ((1 << ITEM.width("sub")) - 1) << ITEM.shift("sub")
_SELECTOR_MASK = (1 << ITEM.shift("ms")) - 1
_NO_OPERATION = NO_OPERATION << ITEM.shift("op")
_EPOCH_MS = int(EPOCH.timestamp()) * 1000
_AGENCY = 1 << META.shift("agency")
_REFUNDED = event_item(0, "refunded", Source.SYSTEM, Evidence.INFERRED)
_EXPIRED = event_item(1, "expired", Source.SYSTEM, Evidence.REPORTED)
"""A millisecond later: it stands above the refund that it takes back."""
_VISIT = event_item(0, "link_opened", Source.RECIPIENT, Evidence.REPORTED)
_GOAL = event_item(0, "goal_reached", Source.RECIPIENT, Evidence.REPORTED)
_LAPSED = BEST.pack(stage=0, ms=0, rank=0, evidence=Evidence.INFERRED, code=ID_BY_CODE["refunded"])


_LOCK = "lock table state in exclusive mode"
"""Nobody may write by the old meaning while the new one comes into force."""


_SYSTEM = Scope(0, True, "system")
"""Who moves money by a new meaning: entries have the organizations of their sends."""


async def install(connection: Connection) -> None:
    """Bring functions, views and the code table in line with the program. Cheap when nothing changed."""
    shipped = operations.shipped()
    text = _functions() + "".join(statements("views.sql").values()) + repr(sorted(codes(shipped)))
    digest = hashlib.sha256(text.encode()).digest()
    await connection.execute("select pg_advisory_xact_lock(7368)")
    await connection.execute(
        "insert into installation (id_key) values (%s) on conflict do nothing", [secrets.token_bytes(32)]
    )
    cursor = await connection.execute("select schema_digest, own_operations from installation")
    ((known, own_operations),) = await cursor.fetchall()
    if bytes(known) == digest:
        return
    await connection.execute(_LOCK)
    await connection.execute(sql.SQL(_functions()))
    if not own_operations:
        await _replace_operations(connection, shipped)
    await _write_codes(connection)
    for statement in statements("views.sql").values():
        await connection.execute(statement)
    await _restate(connection)
    await connection.execute("update installation set schema_digest = %s", [digest])


async def load_operations(connection: Connection, rows: Sequence[operations.Operation]) -> int:
    """Replace the operation table and bring every status and count in line with it; how many statuses moved."""
    await connection.execute(_LOCK)
    await _replace_operations(connection, rows)
    await connection.execute("update installation set own_operations = true")
    await _write_codes(connection)
    return await _restate(connection)


async def _restate(connection: Connection) -> int:
    """Every status, count and history anew by what events mean now, and the ledger; how many statuses moved."""
    pipeline = statements("ingest.sql")
    await connection.execute(pipeline["tables"])
    cursor = await connection.execute(pipeline["restate"])
    ((moved,),) = await cursor.fetchall()
    if moved:
        await connection.execute("delete from counts")
        await connection.execute(pipeline["recount"])
        if await ledger.charge(connection, _SYSTEM):
            await ledger.write(connection, _SYSTEM)
    await connection.execute(statements("histories.sql")["outdate"], {"organization_id": None})
    return int(moved)


def selector(sub: int, operation: int, source: Source, evidence: Evidence) -> int:
    """The part of an item that decides what it means: `op` counts only in a scan without a phase."""
    if sub or not (source is Source.USPS and evidence in SCAN_EVIDENCE):
        operation = NO_OPERATION
    return ITEM.pack(ms=0, sub=sub, op=operation, source=source, evidence=evidence)


def codes(rows: Iterable[operations.Operation]) -> Iterable[tuple[int, int, int, int]]:
    """The rows of the `code` table: selector, event id, stage, rank."""
    meanings = {
        selector(phase, NO_OPERATION, Source.USPS, evidence): (code, evidence)
        for phase, code in CODE_BY_PHASE.items()
        for evidence in SCAN_EVIDENCE
    }
    meanings |= {
        selector(Phase.NONE, row.operation, Source.USPS, evidence): (row.code, evidence)
        for row in rows
        for evidence in SCAN_EVIDENCE
    }
    meanings |= {
        selector(ID_BY_CODE[code], NO_OPERATION, source, evidence): (code, evidence)
        for source in Source
        for code, evidence in BY_CODE_AND_EVIDENCE
        if not (source is Source.USPS and evidence in SCAN_EVIDENCE)
    }
    for key, (code, evidence) in meanings.items():
        event = BY_CODE_AND_EVIDENCE[code, evidence]
        yield key, event.id, event.stage, event.rank


async def _replace_operations(connection: Connection, rows: Sequence[operations.Operation]) -> None:
    await connection.execute("delete from operation")
    async with connection.cursor() as cursor:
        await cursor.executemany("insert into operation (operation, code, note) values (%s, %s, %s)", rows)


async def _write_codes(connection: Connection) -> None:
    cursor = await connection.execute("select operation, code, note from operation")
    rows = [operations.Operation(*row) async for row in cursor]
    await connection.execute("delete from code")
    copy_in = "copy code (selector, code, stage, rank) from stdin"
    async with connection.cursor() as writer, writer.copy(copy_in) as copy:
        for meaning in codes(rows):
            await copy.write_row(meaning)


def _functions() -> str:
    """One function for each field of each layout (`item_ms(item)`, `best_code(best)`), and those built on them."""
    parts = [
        f"create or replace function {layout.name}_{field}(packed bigint) returns bigint"
        f" language sql immutable parallel safe return (packed >> {layout.shift(field)}) & {(1 << width) - 1};"
        for layout in LAYOUTS
        for field, width in layout.fields
    ]
    scan_evidence = ", ".join(str(int(evidence)) for evidence in sorted(SCAN_EVIDENCE))
    is_scan = f"item_source(item) = {int(Source.USPS)} and item_evidence(item) in ({scan_evidence})"
    unknown = BY_CODE_AND_EVIDENCE["scanned", Evidence.SCANNED]
    best = (  # SQL gives << and | the same precedence
        f"(coalesce(stage, {unknown.stage})::bigint << {BEST.shift('stage')}) | (item_ms(item) << {BEST.shift('ms')})"
        f" | (coalesce(rank, {unknown.rank})::bigint << {BEST.shift('rank')})"
        f" | (item_evidence(item) << {BEST.shift('evidence')}) | coalesce(code, {unknown.id})"
    )
    since_epoch = f"(floor(extract(epoch from at) * 1000)::bigint - {_EPOCH_MS})"
    not_owed = ",".join(str(ID_BY_CODE[code]) for code in NOT_OWED)
    witnesses = ",".join(str(ID_BY_CODE[code]) for code in WITNESSES)
    functions = {
        # A scan with an operation code is the same scan whether or not a feed also gave its phase.
        "item_bare(item bigint) returns bigint": (
            f"case when {is_scan} and item_op(item) <> {NO_OPERATION} then item & ~{_SUB_MASK}::bigint else item end"
        ),
        "item_selector(item bigint) returns int": (
            f"(case when {is_scan} and item_sub(item) = 0 then item & {_SELECTOR_MASK}"
            f" else (item & {_SELECTOR_MASK}) | {_NO_OPERATION} end)::int"
        ),
        "item_is_scan(item bigint) returns boolean": is_scan,
        # An item whose meaning the code table does not know is a scan.
        "item_best(item bigint, code smallint, stage smallint, rank smallint) returns bigint": best,
        "unknown_code() returns smallint": str(unknown.id),
        "owed(best bigint) returns boolean": f"best <> 0 and best_code(best) <> all ('{{{not_owed}}}')",
        "charge_type() returns smallint": str(int(EntryType.CHARGE)),
        "refund_type() returns smallint": str(int(EntryType.REFUND)),
        "expired_code() returns smallint": str(ID_BY_CODE["expired"]),
        "witness_codes() returns bigint[]": f"'{{{witnesses}}}'::bigint[]",
        "refund_item(best bigint) returns bigint": f"(best_ms(best) << {ITEM.shift('ms')}) | {_REFUNDED}",
        "lapsed_status() returns smallint": str(_LAPSED),
        # Responses as they would stand in a trail.
        "visit_item(at timestamptz) returns bigint": f"({since_epoch} << {ITEM.shift('ms')}) | {_VISIT}",
        "goal_item(at timestamptz) returns bigint": f"({since_epoch} << {ITEM.shift('ms')}) | {_GOAL}",
        "expiry_item(best bigint) returns bigint": f"(best_ms(best) << {ITEM.shift('ms')}) + {_EXPIRED}",
        "no_operation() returns smallint": str(NO_OPERATION),
        "meta_by(meta bigint, agency boolean) returns bigint": (
            f"case when agency then meta | {_AGENCY} else meta & ~{_AGENCY}::bigint end"
        ),
        "best_status(best bigint) returns smallint": f"(best & {STATUS_MASK})::smallint",
        "moment(ms bigint) returns timestamptz": f"to_timestamp((ms + {_EPOCH_MS}) / 1000::float8)",
        "item_is_presumed(item bigint) returns boolean": f"item_evidence(item) = {int(Evidence.INFERRED)}",
        "best_is_presumed(best bigint) returns boolean": f"best_evidence(best) = {int(Evidence.INFERRED)}",
        # The place of a status among the eight categories.
        "status_category(status smallint) returns smallint": f"('{{{_categories()}}}'::smallint[])[status + 1]",
    }
    parts += [
        f"create or replace function {head} language sql immutable parallel safe return {body};"
        for head, body in functions.items()
    ]
    return "\n".join(parts)


def _categories() -> str:
    """For each status in the order of their numbers the place of its category; 0 for those that cannot be."""
    places = {each.word: place for place, each in enumerate(CATEGORIES)}
    of_status = [0] * (STATUS_MASK + 1)
    for (code, evidence), type_ in BY_CODE_AND_EVIDENCE.items():
        status = BEST.pack(stage=0, ms=0, rank=0, evidence=evidence, code=type_.id)
        of_status[status] = places[category(code, evidence)]
    return ",".join(map(str, of_status))
