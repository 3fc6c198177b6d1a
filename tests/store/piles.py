"""Sends and observations for tests of the pipeline."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import Observation, event_item, scan_item
from sendtrail.domain.packing import ITEM, NO_OPERATION, to_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.store import ingest
from sendtrail.store.database import Database
from sendtrail.store.ingest import Tally

DAY = date(2026, 3, 2)
NOON = to_ms(datetime(2026, 3, 2, 12, tzinfo=UTC))
RECORDED = NOON // 1000
LABEL = 27000000
SERIALS = 901234567000000


async def organization(context: Context, name: str = "Acme") -> Scope:
    """A new organization, asked for by a live key."""
    async with context.database.transaction() as connection:
        cursor = await connection.execute(
            "insert into organization (name) values (%s || ' ' || (select count(*) from organization)) returning id",
            [name],
        )
        row = await cursor.fetchone()
    assert row
    return Scope(row[0], True, "test")


async def letters(context: Context, scope: Scope, serials: Iterable[int]) -> list[str]:
    """Letters sent on DAY with these serial numbers; their ids."""
    new = [
        NewSend(
            kind="letter", to=Address(name="Ann"), imb=f"00270{SERIALS + serial:015d}", send_date=DAY, cost_cents=70
        )
        for serial in serials
    ]
    results = await sends.create(context, scope, new)
    return [result["id"] for result in results if isinstance(result, dict)]


async def take(database: Database, scope: Scope, observations: Sequence[Observation]) -> Tally:
    """One batch through the pipeline."""
    rows = ingest.copy_rows(observations, RECORDED)
    return await database.run(lambda connection: ingest.record(connection, scope, rows))


def scan(
    serial: int,
    seconds: int,
    phase: Phase = Phase.NONE,
    operation: int = NO_OPERATION,
    evidence: Evidence = Evidence.SCANNED,
    expected: int = 0,
) -> Observation:
    """A postal scan so many seconds after NOON."""
    item = scan_item(NOON + seconds * 1000, phase, operation, evidence)
    return Observation(SERIALS + serial, item, zip=10001, label=LABEL, expected=expected)


def report(serial: int, seconds: int, code: str, source: Source = Source.PRINTER) -> Observation:
    return Observation(
        SERIALS + serial, event_item(NOON + seconds * 1000, code, source, Evidence.REPORTED), label=LABEL
    )


def observations(serials: int) -> st.SearchStrategy[list[Observation]]:
    """Scans and reports of a few barcodes in few moments: equal, better known and competing ones are common."""
    scans = st.builds(
        scan,
        st.integers(0, serials - 1),
        st.integers(0, 6),
        st.sampled_from([Phase.NONE, Phase.ORIGIN, Phase.DESTINATION_SEQUENCED, Phase.DELIVERY, Phase.PARS]),
        st.sampled_from([NO_OPERATION, 141, 919, 999]),
        st.sampled_from([Evidence.SCANNED, Evidence.LOGICAL]),
        st.integers(2200, 2203),
    )
    reports = st.builds(
        report, st.integers(0, serials - 1), st.integers(0, 6), st.sampled_from(["printed", "handed_over", "returned"])
    )
    return st.lists(st.one_of(scans, reports), max_size=14)


def told_once(observations: Iterable[Observation]) -> dict[int, set[int]]:
    """The model: each barcode's different facts. A scan with an operation code is the same with and without phase."""
    items: dict[int, set[int]] = {}
    for each in observations:
        items.setdefault(each.mid_serial, set()).add(each.item)
    return {serial: {item for item in known if not _said_better(item, known)} for serial, known in items.items()}


def _said_better(item: int, known: set[int]) -> bool:
    fields = ITEM.unpack(item)
    if fields["sub"] or fields["op"] == NO_OPERATION:
        return False
    return any(other != item and ITEM.unpack(other) | {"sub": 0} == fields for other in known)
