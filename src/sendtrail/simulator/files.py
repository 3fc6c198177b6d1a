"""The files in which a stream's facts come: which of them when, in which format, under which name.

`mixed` is how it comes to an organization that changed its feeds now and then: for the oldest weeks legacy IMb Tracing
records, with what that format cannot tell (events by rule or by container) delimited beside them; then a zip for each
week with a delimited file for each day; for the last four weeks the messages of a JSON feed, one for each day.
"""

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Literal, TypeVar, get_args

from sendtrail.simulator import formats
from sendtrail.simulator.days import DAY
from sendtrail.simulator.formats import AcsRecord, PrinterRow, Scan
from sendtrail.simulator.stream import Stream
from sendtrail.simulator.telling import Told

T = TypeVar("T")

Format = Literal["mixed", "json", "comma", "pipe", "tab", "legacy"]
FORMATS: tuple[Format, ...] = get_args(Format)
Form = Literal["json", "comma", "pipe", "tab", "legacy", "acs", "printer"]
"""What the bytes of one part look like."""

_JSON_DAYS, _ZIP_DAYS = 28, 63
"""Ages up to which `mixed` tells in JSON, and in zips of delimited files."""
_TURNS: tuple[Form, ...] = ("comma", "pipe", "tab")
_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)
"""The same bytes each time."""


@dataclass(slots=True)
class Part:
    """One table or message: a file of its own, or a member of a zip."""

    name: str
    form: Form
    scans: Sequence[Scan] = ()
    notices: Sequence[AcsRecord] = ()
    reports: Sequence[PrinterRow] = ()
    spoiled: int = 0
    """1 for a file that breaks off within a line, which no reader can take; else 0."""

    def content(self) -> bytes:
        lines = list(self._pieces())
        lines += [lines[-1][: len(lines[-1]) // 2]] * self.spoiled
        return b"".join(lines)

    def _pieces(self) -> Iterator[bytes]:
        match self.form:
            case "json":
                return formats.iv_mtr_json(self.scans, self.name)
            case "comma":
                return formats.iv_mtr_delimited(self.scans)
            case "pipe":
                return formats.iv_mtr_delimited(self.scans, "|", "snake")
            case "tab":
                return formats.iv_mtr_delimited(self.scans, "\t")
            case "legacy":
                return formats.imb_tracing(self.scans)
            case "acs":
                return formats.acs(self.notices)
            case "printer":
                return formats.printer(self.reports)


@dataclass(slots=True)
class FeedFile:
    """A file as it would arrive; packed as its name says (`.gz`, `.zip`, else plain)."""

    name: str
    parts: list[Part] = field(default_factory=list)

    def content(self) -> bytes:
        if self.name.endswith(".zip"):
            return self._zipped()
        (part,) = self.parts
        return gzip.compress(part.content(), 6, mtime=0) if self.name.endswith(".gz") else part.content()

    def _zipped(self) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in self.parts:
                archive.writestr(zipfile.ZipInfo(part.name, _EPOCH_OF_ZIP), part.content())
        return packed.getvalue()


def lay_out(made: Stream, format_: Format = "mixed") -> list[FeedFile]:
    """Every file that has come by now, oldest first: printers' reports and ACS by the week, scans by `format_`."""
    random = Random(len(made.feed.scans))  # noqa: S311 — the same files each time
    scans = _by(made.feed.scans, _day)
    for some in scans.values():
        random.shuffle(some)
    reports, notices = _by(made.reports, _week), _by(made.notices, _week)
    newest = max(reports, default=None)
    files = [
        *(
            FeedFile(f"printer-{week}.csv", [Part("", "printer", reports=rows, spoiled=int(week == newest))])
            for week, rows in reports.items()
        ),
        *(_mixed(scans, made.today) if format_ == "mixed" else _daily(scans, format_)),
        *(FeedFile(f"acs-{week}.csv", [Part("", "acs", notices=records)]) for week, records in notices.items()),
    ]
    return sorted(files, key=lambda file: re.findall(r"\d{4}-\d\d-\d\d", file.name)[-1])


def _mixed(scans: dict[date, list[Scan]], today: date) -> Iterator[FeedFile]:
    weeks: dict[date, list[date]] = {}
    for day in scans:
        age = (today - day).days
        if age > _JSON_DAYS:
            weeks.setdefault(_monday(day), []).append(day)
        else:
            packed = ".gz" if age > 3 else ""
            yield FeedFile(f"iv-mtr-{day}.json{packed}", [Part(f"{day:%Y%m%d}", "json", scans[day])])
    for turn, (week, days) in enumerate(weeks.items()):
        if (today - days[0]).days > _ZIP_DAYS:
            some = [scan for day in days for scan in scans[day]]
            seen = [scan for scan in some if scan.handling == "A"]
            if seen:
                yield FeedFile(f"imb-tracing-{week}.txt", [Part("", "legacy", seen)])
            told = [scan for scan in some if scan.handling != "A"]
            if told:
                yield FeedFile(f"iv-mtr-logical-{week}.txt.gz", [Part("", "comma", told)])
            continue
        parts = [Part(f"iv-mtr-{day}.txt", _TURNS[(turn + n) % 3], scans[day]) for n, day in enumerate(days)]
        yield FeedFile(f"iv-mtr-{week}.zip", parts)


def _daily(scans: dict[date, list[Scan]], form: Form) -> Iterator[FeedFile]:
    """One file a day. A legacy record is a scan that took place: what was worked out by rule has no place in it."""
    ending = "json" if form == "json" else "txt"
    stem = "imb-tracing" if form == "legacy" else "iv-mtr"
    for day, all_of_it in scans.items():
        some = [scan for scan in all_of_it if form != "legacy" or scan.handling == "A"]
        if some:
            yield FeedFile(f"{stem}-{day}.{ending}", [Part(f"{day:%Y%m%d}", form, some)])


def _by(told: Sequence[Told[T]], key: Callable[[datetime], date]) -> dict[date, list[T]]:
    """Facts by the time of their telling, the earliest first."""
    found: dict[date, list[T]] = {}
    for each in told:
        found.setdefault(key(each.at), []).append(each.fact)
    return dict(sorted(found.items()))


def _day(at: datetime) -> date:
    return at.date()


def _week(at: datetime) -> date:
    """Its Monday."""
    return _monday(at.date())


def _monday(day: date) -> date:
    return day - DAY * day.weekday()
