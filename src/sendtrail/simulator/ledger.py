"""What the simulator itself knows that it has told: the numbers that reports over the same files must show.

Its bookkeeping is of its own and as plain as can be: for each send the greatest event by stage, time and rank, of all
that was told of it. It asks neither the database nor the readers of feeds; the meaning of a scan is what the machine's
step says (`steps`), and only stages, ranks, categories and what is owed come from the product's table of events.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from sendtrail.domain.events import Evidence, event_type
from sendtrail.domain.money import NOT_OWED, WITNESSES
from sendtrail.simulator.files import FeedFile, Part
from sendtrail.simulator.formats import AcsRecord, PrinterRow, Scan
from sendtrail.simulator.steps import EVERY_STEP, Step
from sendtrail.simulator.stream import Item

_STEPS = {(step.operation, step.phase): step for step in EVERY_STEP}
_DAY_ENDS = time(23, 59, 59)
NEW_YORK = ZoneInfo("America/New_York")
"""The time zone of a new organization."""


@dataclass(slots=True)
class Entry:
    """One send as the ledger has it."""

    external_id: str
    sector: str
    campaign: str
    day: date
    cost_cents: int
    standing: tuple[int, datetime, int, Evidence]
    """Stage, time, rank and evidence of the greatest event."""
    code: str
    looked_at: bool = False
    """An eGift's offer was opened or clicked."""

    @property
    def lapsed(self) -> bool:
        """An eGift whose offer ran out although nobody looked at it."""
        return self.code == "expired" and not self.looked_at

    @property
    def category(self) -> str:
        """One of the eight of a report."""
        return event_type(self.code, self.standing[3]).stannp

    def happened(self, code: str, at: datetime, evidence: Evidence) -> None:
        """Note one event; the order does not matter."""
        kind = event_type(code, evidence)
        self.looked_at |= code in WITNESSES
        standing = (kind.stage, at.astimezone(UTC), kind.rank, evidence)
        if standing > self.standing:
            self.standing, self.code = standing, code


@dataclass(slots=True)
class Tally:
    """What all files together bring, in whatever order they come, each once."""

    new: int = 0
    duplicate: int = 0
    unmatched: int = 0
    """Of them `misread` and `strangers`."""
    rejected: int = 0
    misread: int = 0
    strangers: int = 0


@dataclass(slots=True)
class Ledger:
    """The sends by external id, and how the files' lines went."""

    entries: dict[str, Entry]
    tally: Tally = field(default_factory=Tally)

    def select(
        self,
        *,
        start: date | None = None,
        end: date | None = None,
        sector: str = "all",
        campaign: str | None = None,
    ) -> list[Entry]:
        """The sends of a period (both days inclusive), a sector, a campaign."""
        return [
            entry
            for entry in self.entries.values()
            if (start is None or entry.day >= start)
            and (end is None or entry.day <= end)
            and sector in ("all", entry.sector)
            and campaign in (None, entry.campaign)
        ]


def categories(entries: Iterable[Entry]) -> Counter[str]:
    """How many stand in each of the eight categories."""
    return Counter(entry.category for entry in entries)


def spent(entries: Iterable[Entry]) -> int:
    """Cents, of what is owed."""
    return sum(entry.cost_cents for entry in entries if entry.code not in NOT_OWED and not entry.lapsed)


def by_day(entries: Iterable[Entry]) -> dict[date, Counter[str]]:
    """Categories by the sends' days."""
    days: dict[date, Counter[str]] = {}
    for entry in entries:
        days.setdefault(entry.day, Counter())[entry.category] += 1
    return days


def keep(
    items: Sequence[Item],
    files: Iterable[FeedFile],
    misread: Iterable[str] = (),
    *,
    zone: tzinfo = NEW_YORK,
    people: bool = True,
) -> Ledger:
    """The ledger of sends that were made, what people told of them, and every line of these files.

    `zone`: the organization's, in which reports by the day end their days. `misread`: codes as `Feed` has them. Without
    `people` nobody told of anything: there are the files alone.
    """
    ledger = Ledger({item.send.external_id: _entry(item, people) for item in items})
    by_code = {item.send.imb[:20]: ledger.entries[item.send.external_id] for item in items if item.send.imb}
    book = _Book(by_code, frozenset(misread), ledger.tally, zone)
    for file in files:
        for part in file.parts:
            book.read(part)
    for entry, code, at, evidence in book.facts():
        entry.happened(code, at, evidence)
    return ledger


def _entry(item: Item, people: bool) -> Entry:
    send = item.send
    received = event_type("created", Evidence.REPORTED)
    standing = (received.stage, item.accepted_at.astimezone(UTC), received.rank, Evidence.REPORTED)
    entry = Entry(
        external_id=send.external_id,
        sector=item.sector,
        campaign=send.campaign,
        day=send.send_date or item.accepted_at.date(),
        cost_cents=send.cost_cents or 0,
        standing=standing,
        code="created",
    )
    for happening in item.happenings if people else ():
        entry.happened(happening.code, happening.at, Evidence.REPORTED)
    return entry


class _Book:
    """Every fact once. A scan that one file tells without its phase and another with it is one fact, best known."""

    def __init__(self, by_code: dict[str, Entry], misread: frozenset[str], tally: Tally, zone: tzinfo) -> None:
        self._by_code = by_code
        self._misread = misread
        self._tally = tally
        self._zone = zone
        self._scans: dict[tuple[str, datetime, str, Evidence], tuple[Step, bool]] = {}
        self._reports: set[tuple[str, str, datetime, str]] = set()

    def read(self, part: Part) -> None:
        for scan in part.scans:
            self._scan(scan, bare=part.form == "legacy")
        for row in part.reports:
            self._report(row.send, row.code, self._moment(row), f"printer {row.note}")
        for notice in part.notices:
            self._report(notice.imb, _meaning(notice), self._end_of(notice.on), f"{notice.code} {notice.new_address}")
        self._tally.rejected += part.spoiled

    def facts(self) -> Iterator[tuple[Entry, str, datetime, Evidence]]:
        for (code, at, _, evidence), (step, bare) in self._scans.items():
            yield self._by_code[code], step.bare if bare else step.means, at, evidence
        for code, what, at, _ in self._reports:
            yield self._by_code[code], what, at, Evidence.REPORTED

    def _scan(self, scan: Scan, *, bare: bool) -> None:
        code = scan.imb[:20]
        if not self._is_ours(code):
            return
        step = _STEPS[scan.operation, scan.phase]
        key = code, scan.occurred_at.astimezone(UTC), step.operation, step.evidence
        known = self._scans.get(key)
        self._count(known is None)
        self._scans[key] = step, bare and (known is None or known[1])

    def _report(self, imb: str, what: str, at: datetime, said: str) -> None:
        code = imb[:20]
        if not self._is_ours(code):
            return
        key = code, what, at.astimezone(UTC), said
        self._count(key not in self._reports)
        self._reports.add(key)

    def _is_ours(self, code: str) -> bool:
        if code in self._by_code:
            return True
        self._tally.unmatched += 1
        if code in self._misread:
            self._tally.misread += 1
        else:
            self._tally.strangers += 1
        return False

    def _count(self, is_new: bool) -> None:
        self._tally.new += is_new
        self._tally.duplicate += not is_new

    def _moment(self, row: PrinterRow) -> datetime:
        return row.at if isinstance(row.at, datetime) else self._end_of(row.at)

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day, _DAY_ENDS, self._zone)


def _meaning(notice: AcsRecord) -> str:
    return "rerouted" if notice.new_address else "returned"
