"""Vendors' exports as CSV, for the history of what they sent: a row for each send, with what became of it.

Which columns an export has differs by vendor, plan and time, so columns go by name: one holds the vendor's id; one a
status and another its date, or each step has a column with its date (`Delivered`, `in_transit_at`); the recipient's are
found by their many spellings. What no field of ours holds is kept as metadata.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from sendtrail.domain.events import Evidence, Kind
from sendtrail.domain.plurals import counted
from sendtrail.domain.send import Address, KindWord
from sendtrail.domain.vocabularies.postalytics import CODES
from sendtrail.feeds.formats import DELIMITERS
from sendtrail.feeds.intake import FieldError, clean, shown
from sendtrail.feeds.tables import lines, text_of_line
from sendtrail.feeds.vendors import lob, postalytics, postgrid, recipients, sendoso, stannp
from sendtrail.feeds.vendors.intake import VendorIntake
from sendtrail.feeds.vendors.recipients import folded

BLOCK = 1_000
"""Rows between two pauses."""
_SENDOSO = {
    "Address Confirmation - Cancelled": "confirmation_expired",
    "Bounced and Credited": "failed",
    "Cancelled": "cancelled",
    "Collecting recipient info": "address_requested",
    "Confirming Address/Offer Sent": "address_requested",
    "Expired and Credited": "expired",
    "Packed": "supplier_fulfilling",
    "Paused": "held",
    "Processing": "ordered",
    "Used": "redeemed",
    "Used/Redeemed": "redeemed",
    "pending": "created",
}
"""Its API's and its tracker's words; the others are those of its webhooks."""


def _words(*tables: Mapping[str, str]) -> dict[str, str]:
    return {folded(word): code for table in tables for word, code in table.items() if code}


_STATUSES: Mapping[str, dict[str, str]] = {
    "lob": _words(lob.WORDS, {"check_created": "created", "rendered": "rendered"}),
    "postgrid": _words(postgrid.STATUSES, postgrid.POSTAL),
    "stannp": _words(stannp.STATUSES),
    "postalytics": _words(postalytics.EVENTS, {str(CODES[name]): code for name, code in postalytics.EVENTS.items()}),
    "sendoso": _words(sendoso.TYPES, _SENDOSO),
}
_DELIVERED = {"lob": Evidence.LOGICAL, "stannp": Evidence.INFERRED, "postgrid": Evidence.INFERRED}
"""How a vendor knows of a delivery, where it is not reported by whoever delivered."""
_IDS = ("mailid", "mailpieceid", "sendgid", "gid", "orderid", "letterid", "postcardid", "pieceid", "sendid", "id")
"""Columns of the vendor's id, the clearest first, after one that has the vendor's name in it."""
_NAMED = {
    "status": ("status", "currentstatus", "mailstatus", "trackingstatus", "lasttrackingevent", "event", "eventtype"),
    "when": (
        "statusdate",
        "statuschangedat",
        "statusupdatedat",
        "eventdate",
        "occurredat",
        "lasttrackingeventdate",
        "updatedat",
        "dateupdated",
        "datemodified",
        "lastupdated",
        "timestamp",
        "date",
    ),
    "kind": ("kind", "type", "mailtype", "format", "product", "producttype"),
    "send_date": ("senddate", "maildate", "mailingdate", "scheduleddate", "createdat", "datecreated", "created"),
    "tracking_number": ("trackingnumber", "trackingreference", "trackingref", "tracking"),
    "campaign": ("campaign", "campaignname", "touch", "touchname"),
    "cost": ("cost", "totalcost", "currenttotalcost", "price"),
    "external_id": ("externalid", "reference", "refid"),
    "sender": ("senderemail", "sender"),
}
_PREFIXES: dict[str, KindWord] = {
    "ltr": "letter",
    "psc": "postcard",
    "sfm": "self_mailer",
    "chk": "cheque",
    "letter": "letter",
    "postcard": "postcard",
    "self": "self_mailer",
    "cheque": "cheque",
}
"""What the ids of Lob and PostGrid begin with."""
_WHEN = re.compile(r"^date|(date|at|on|time)$")


class _Columns(NamedTuple):
    """Which cell is what. `steps`: code by the place of its date; `address` and `others`: names by place."""

    id: int
    named: dict[str, int]
    steps: dict[int, str]
    address: dict[int, str]
    others: dict[int, str]


def read(chunks: Iterable[bytes], intake: VendorIntake, kind: str = "") -> Iterator[None]:
    """Take the rows of an export; pauses after every block. `kind`: of sends of which no column says it."""
    rows = _rows(chunks, intake)
    try:
        header = next(rows, [])
        columns = _columns(header, intake.vendor)
        for number, cells in enumerate(rows, 1):
            _take(cells, header, columns, intake, kind)
            if number % BLOCK == 0:
                yield
    except (csv.Error, FieldError) as error:
        intake.refuse_rest(str(error), b"")
    yield


def _rows(chunks: Iterable[bytes], intake: VendorIntake) -> Iterator[list[str]]:
    """The records that are not blank, the header first."""

    def numbered() -> Iterator[str]:
        for block in lines(chunks):
            for line in block:
                intake.line += 1
                yield text_of_line(line) + "\n"

    source = numbered()
    first = next(source, "")
    delimiter = max(DELIMITERS, key=first.count)
    yield next(csv.reader([first], delimiter=delimiter), [])
    yield from (cells for cells in csv.reader(source, delimiter=delimiter) if any(cell.strip() for cell in cells))


def _columns(header: list[str], vendor: str) -> _Columns:
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(folded(name), place)
    id_ = next((places[name] for name in (f"{vendor}id", *_IDS) if name in places), None)
    if id_ is None:
        found = ", ".join(shown(name) for name in header[:12]) or "none"
        raise FieldError(f"no column holds {vendor}'s id, such as {vendor}_id or id; the columns are {found}")
    named = {
        field: next(places[name] for name in names if name in places)
        for field, names in _NAMED.items()
        if places.keys() & set(names)
    }
    taken = {id_, *named.values()}
    statuses = _STATUSES[vendor]
    steps = {
        place: statuses[word]
        for name, place in places.items()
        if place not in taken and (word := _WHEN.sub("", name)) in statuses
    }
    address = {
        place: field
        for name, place in places.items()
        if place not in taken | steps.keys() and (field := recipients.field_of(name))
    }
    known = taken | steps.keys() | address.keys()
    others = {place: name.strip() for place, name in enumerate(header) if place not in known and name.strip()}
    return _Columns(id_, named, steps, address, others)


def _take(cells: list[str], header: list[str], columns: _Columns, intake: VendorIntake, kind: str) -> None:
    line, raw = intake.line, ",".join(cells).encode()
    if len(cells) != len(header):
        intake.refuse(line, f"the row has {counted(len(cells), 'column')}, the header {len(header)}", raw)
        return
    row = {field: cells[place].strip() for field, place in columns.named.items()}
    try:
        name = intake.name(header[columns.id], cells[columns.id])
    except FieldError as error:
        intake.refuse(line, error.reason, raw)
        return
    to = recipients.address({field: cells[place] for place, field in columns.address.items()})
    if to:
        _offer(name, to, cells, row, columns, intake, kind)
    told = {code: (header[at], cells[at].strip()) for at, code in columns.steps.items() if cells[at].strip()}
    try:
        if status := row.get("status", ""):
            code = _STATUSES[intake.vendor].get(folded(status))
            if code is None:
                raise FieldError(f"{header[columns.named['status']]} {shown(status)} is no status that we know")
            when = columns.named.get("when")
            field = "the date of its status" if when is None else header[when]
            told.setdefault(code, (field, row.get("when", "")))
        for code, (field, text) in told.items():
            at = intake.moment(field, text, zone=intake.zone)
            in_canada = code == "scanned" and intake.vendor == "postalytics" and to is not None and to.country == "CA"
            evidence = _DELIVERED.get(intake.vendor) if code == "delivered" else None
            intake.tell(name, "handed_over" if in_canada else code, at, evidence=evidence or Evidence.REPORTED)
    except FieldError as error:
        intake.refuse(line, error.reason, raw)


def _offer(
    name: str,
    to: Address,
    cells: list[str],
    row: Mapping[str, str],
    columns: _Columns,
    intake: VendorIntake,
    kind: str,
) -> None:
    word = _kind(name, row.get("kind", ""), intake.vendor) or kind or "letter"
    fields = {
        "kind": word,
        "to": to,
        "send_date": _day(row.get("send_date", "")),
        "tracking_number": row.get("tracking_number", ""),
        "campaign": clean(row.get("campaign", "")),
        "cost_cents": _cents(row.get("cost", "")),
        "external_id": row.get("external_id", ""),
        "sender": row.get("sender", ""),
        "supplier": intake.vendor.capitalize() if intake.vendor != "postgrid" else "PostGrid",
        "metadata": {column: cells[place] for place, column in columns.others.items() if cells[place].strip()},
    }
    intake.offer(name, {field: value for field, value in fields.items() if value is not None}, row.get("send_date"))


def _kind(name: str, told: str, vendor: str) -> str:
    if vendor == "sendoso":
        return Kind.EGIFT.word if "egift" in folded(told) else Kind.GIFT.word
    found = recipients.kind_of(told) or _PREFIXES.get(name.partition(":")[2].partition("_")[0])
    return found or ""


def _day(text: str) -> str:
    """The day as a send has it, '' for what is none: the send is of the day it is imported then."""
    return text[:10] if re.match(r"\d{4}-\d{2}-\d{2}", text) else ""


def _cents(text: str) -> int | None:
    try:
        cents = Decimal(re.sub(r"[^\d.-]", "", text)) * 100
        return int(cents) if 0 <= cents <= 100_000_000 else None
    except InvalidOperation:
        return None
