"""One fact of a send's life as somebody tells it, without its time: what a rehearsal keeps until its moment comes.

Printers, the post's machines and ACS tell in files, in the formats of real ones; suppliers, carriers, recipients and
people at a desk report.
"""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import Evidence, Kind, Source
from sendtrail.domain.observation import Facility
from sendtrail.domain.phases import CODE_BY_PHASE, Phase, phase_of
from sendtrail.domain.progression import TOLD_BY, Way
from sendtrail.simulator import formats
from sendtrail.simulator.formats import AcsRecord, PrinterRow, Scan
from sendtrail.simulator.journeys import MAIL_CLASS
from sendtrail.simulator.places import Region, office, region_of, regions
from sendtrail.simulator.steps import EVERY_STEP, LETTER, MISCELLANEOUS, Step

_MEANS = {(step.operation, step.phase): step.means for step in EVERY_STEP}
_HOME = "Columbus"
"""Whence mail comes whose sender has no ZIP Code."""
_NIXIE = "A"
_SCANS: dict[str, Step] = {
    "scanned": MISCELLANEOUS,
    "in_transit": LETTER.origin_primary,
    "in_local_area": LETTER.destination_primary,
    "out_for_delivery": LETTER.second_pass or LETTER.delivery,
    "rerouted": LETTER.forwarding,
    "delivered": LETTER.delivery,
}
"""By the event that it tells of, the machine that usually does."""


class Subject(msgspec.Struct, frozen=True):
    """A send, as far as its journey depends on it. ZIP Codes have five digits; empty where it has none.

    `imb`: the digits of its barcode. `alone`: it goes out by itself rather than with others of its campaign.
    """

    id: str
    kind: Kind
    way: Way
    imb: str = ""
    mailing_class: Literal["first_class", "marketing"] = "first_class"
    city: str = ""
    zip: str = ""
    home_zip: str = ""
    alone: bool = True

    @property
    def is_scanned(self) -> bool:
        """Whether the post's machines can tell of it."""
        return bool(self.imb)

    @property
    def destination(self) -> Region:
        return near(self.zip)

    @property
    def home(self) -> Region:
        return near(self.home_zip)


class PrinterLine(msgspec.Struct, frozen=True, tag="printer"):
    """A line of a printer's report."""

    code: str
    note: str = ""


class PostScan(msgspec.Struct, frozen=True, tag="scan"):
    """A scan of the feed; `zone`: of the facility's clocks, `expected`: the delivery that the post expects."""

    imb: str
    operation: str
    phase: str
    handling: str
    facility: Facility
    zone: str
    machine: str = ""
    mail_class: str = "First-Class Mail"
    shape: str = "Letter"
    expected: date | None = None


class Notice(msgspec.Struct, frozen=True, tag="acs"):
    """A record of ACS: a nixie, or with a new address a move."""

    code: str
    new_address: str = ""


class Report(msgspec.Struct, frozen=True, tag="report"):
    """What no file tells of; `source` by its word."""

    code: str
    source: str
    note: str = ""


Telling = PrinterLine | PostScan | Notice | Report


def code_of(telling: Telling) -> str:
    """The event that it tells of."""
    match telling:
        case PostScan():
            phase = phase_of(telling.phase)
            return _MEANS[telling.operation, telling.phase] if phase is Phase.NONE else CODE_BY_PHASE[phase]
        case Notice():
            return "rerouted" if telling.new_address else "returned"
        case _:
            return telling.code


def evidence_of(telling: Telling) -> Evidence:
    """How the event is known."""
    if isinstance(telling, PostScan):
        return {"A": Evidence.SCANNED, "L": Evidence.LOGICAL, "S": Evidence.ASSUMED}[telling.handling]
    return Evidence.REPORTED


def usual_telling(subject: Subject, code: str) -> Telling | None:
    """How one usually hears of an event: a machine's scan or an ACS record of a piece with a barcode, else a report.

    None for `cancelled`, which nobody tells of: it is done.
    """
    if subject.is_scanned and code in _SCANS:
        return _scan(subject, _SCANS[code], at_home=code in ("scanned", "in_transit"))
    if subject.is_scanned and code == "returned":
        return Notice(_NIXIE)
    return Report(code, TOLD_BY[code].word) if code in TOLD_BY else None


def told_by_scan(scan: Scan) -> PostScan:
    """A simulated scan without its time."""
    return PostScan(
        imb=scan.imb,
        operation=scan.operation,
        phase=scan.phase,
        handling=scan.handling,
        facility=scan.facility,
        zone=str(scan.occurred_at.tzinfo),
        machine=scan.machine,
        mail_class=scan.mail_class,
        shape=scan.shape,
        expected=scan.expected,
    )


def file_of(subject: Subject, telling: PrinterLine | PostScan | Notice, at: datetime) -> tuple[str, bytes]:
    """The ending of the file's name, and its bytes: the fact as it happened `at` (aware)."""
    match telling:
        case PrinterLine():
            row = PrinterRow(subject.imb or subject.id, telling.code, at, telling.note)
            return "csv", b"".join(formats.printer([row]))
        case Notice():
            return "csv", b"".join(formats.acs([AcsRecord(subject.imb, telling.code, at, telling.new_address)]))
        case PostScan():
            scan = Scan(
                imb=telling.imb,
                occurred_at=at.astimezone(ZoneInfo(telling.zone)),
                operation=telling.operation,
                phase=telling.phase,
                handling=telling.handling,
                facility=telling.facility,
                machine=telling.machine,
                expected=telling.expected,
                mail_class=telling.mail_class,
                shape=telling.shape,
            )
            return "json", b"".join(formats.iv_mtr_json([scan], f"{at:%Y%m%d%H%M%S}"))


def source_of(telling: Report) -> Source:
    return Source[telling.source.upper()]


def near(zip_: str) -> Region:
    """The region that a ZIP Code lies in or near: they go by place. The usual one where there is none."""
    if not zip_:
        return region_of(_HOME)

    def apart(region: Region) -> int:
        own = (region.plant.zip, *(int(each.zip) for each in region.deliveries))
        return min(abs(each - int(zip_)) for each in own)

    return min(regions(), key=apart)


def _scan(subject: Subject, step: Step, *, at_home: bool) -> PostScan:
    region = subject.home if at_home else subject.destination
    facility = region.plant
    if step is LETTER.delivery:
        delivery = region.deliveries[0]
        facility = office(subject.zip or delivery.zip, subject.city or delivery.city, region.plant.state)
    return PostScan(
        imb=subject.imb,
        operation=step.operation,
        phase=step.phase,
        handling=step.handling,
        facility=facility,
        zone=str(region.zone),
        machine=f"{step.machine}-001" if step.machine else "",
        mail_class=MAIL_CLASS[subject.mailing_class],
    )
