"""Feed files as their senders write them: the way back from what happened to the bytes that tell it.

Used by the demo, by tests and by benchmarks. Every function gives the file piece by piece, so that a large one is
never held.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import msgspec

from sendtrail.domain.observation import Facility

Style = Literal["camel", "snake"]

_HANDLING = {"A": "Actual", "L": "Logical", "S": "Assumed"}


@dataclass(frozen=True, slots=True)
class Scan:
    """One postal scan as USPS tells it."""

    imb: str
    """20, 25, 29 or 31 digits."""
    occurred_at: datetime
    """Aware and in the facility's time zone, since one format writes the facility's clock."""
    operation: str
    """Three digits."""
    phase: str
    handling: str
    """A actual, L logical, S assumed."""
    facility: Facility
    machine: str = ""
    expected: date | None = None
    mail_class: str = "First-Class Mail"
    shape: str = "Letter"


@dataclass(frozen=True, slots=True)
class AcsRecord:
    """What ACS says of a piece: a nixie letter, or a change of address with the new one."""

    imb: str
    code: str
    on: date
    new_address: str = ""


@dataclass(frozen=True, slots=True)
class PrinterRow:
    """What a printer says of a send; `at` a date where only the day is known."""

    send: str
    """A send's id, its tracking number, or its barcode's digits."""
    code: str
    at: datetime | date
    note: str = ""


def iv_mtr_json(scans: Iterable[Scan], group: str = "1") -> Iterator[bytes]:
    """One message of the push feed: an envelope with its events."""
    yield b'{"msgGrpId":%b,"msgSerNbr":1,"totMsgCnt":1,"events":[' % msgspec.json.encode(group)
    comma = b""
    for scan in scans:
        yield comma + msgspec.json.encode(attributes(scan))
        comma = b","
    yield b"]}"


def iv_mtr_json_lines(scans: Iterable[Scan]) -> Iterator[bytes]:
    """One event on each line."""
    for scan in scans:
        yield msgspec.json.encode(attributes(scan)) + b"\n"


def iv_mtr_delimited(scans: Iterable[Scan], delimiter: str = ",", style: Style = "camel") -> Iterator[bytes]:
    """A header of attribute names, then one scan on each line."""
    header: list[str] = []
    for scan in scans:
        event = attributes(scan)
        if not header:
            header = list(event)
            yield _line(header if style == "camel" else [_snake(name) for name in header], delimiter)
        yield _line([event[name] for name in header], delimiter)


def imb_tracing(scans: Iterable[Scan]) -> Iterator[bytes]:
    """Legacy records: five columns, no header, the facility's local time, the routing code padded with blanks."""
    for scan in scans:
        moment = f"{scan.occurred_at:%m/%d/%Y %H:%M:%S}"
        record = (f"{scan.facility.zip:05}", scan.operation, moment, f"{scan.imb[20:]:11}", scan.imb[:20])
        yield ",".join(record).encode() + b"\n"


def acs(records: Iterable[AcsRecord]) -> Iterator[bytes]:
    """Imb, code, date, new address."""
    yield _line(("imb", "code", "date", "new_address"))
    for record in records:
        yield _line((record.imb, record.code, record.on.isoformat(), record.new_address))


def printer(rows: Iterable[PrinterRow]) -> Iterator[bytes]:
    """Send or barcode, code, occurred_at, note."""
    yield _line(("imb", "send", "code", "occurred_at", "note"))
    for row in rows:
        named = (row.send, "") if row.send.isdecimal() and len(row.send) in (20, 25, 29, 31) else ("", row.send)
        yield _line((*named, row.code, row.at.isoformat(), row.note))


def attributes(scan: Scan) -> dict[str, str]:
    """The scan by USPS's attribute names."""
    code, routing = scan.imb[:20], scan.imb[20:]
    mailer = code[5:14] if code[5] == "9" else code[5:11]
    facility = scan.facility
    return {
        "imb": scan.imb,
        "imbTrackingCode": code,
        "imbRoutingCode": routing,
        "routingCodeImbMatchingPortion": routing,
        "imbStid": code[2:5],
        "imbMid": mailer,
        "imbSerialNumber": code[5 + len(mailer) :],
        "scanDatetime": scan.occurred_at.isoformat(timespec="milliseconds"),
        "scanEventCode": scan.operation,
        "mailPhase": scan.phase,
        "handlingEventType": scan.handling,
        "handlingEventTypeDescription": _HANDLING.get(scan.handling, ""),
        "scanFacilityName": facility.name,
        "scanFacilityCity": facility.city,
        "scanFacilityState": facility.state,
        "scanFacilityZip": f"{facility.zip:05}",
        "scanLocaleKey": facility.locale,
        "scannerType": scan.machine.partition("-")[0],
        "machineName": scan.machine,
        "mailClassDescription": scan.mail_class,
        "mailShapeDescription": scan.shape,
        "expectedDeliveryDate": scan.expected.isoformat() if scan.expected else "",
    }


def _line(cells: Sequence[str], delimiter: str = ",") -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda letter: "_" + letter[1].lower(), name)
