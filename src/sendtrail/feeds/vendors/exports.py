"""Vendors' exports as CSV, for the history of what they sent: a row for each send, with what became of it.

Which columns an export has differs by vendor, plan and time, so columns go by name: one holds the vendor's id; one a
status and another its date, or each step has a column with its date (`Delivered`, `in_transit_at`); the recipient's are
found by their many spellings. What no field of ours holds is kept as metadata, and so is what the vendor charged.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sendtrail.domain.events import MAIL, Evidence, Kind
from sendtrail.domain.packing import from_ms
from sendtrail.domain.plurals import counted
from sendtrail.domain.send import Address, KindWord
from sendtrail.domain.vocabularies.postalytics import CODES
from sendtrail.feeds.formats import DELIMITERS
from sendtrail.feeds.intake import FieldError, clean, shown
from sendtrail.feeds.tables import lines, text_of_line
from sendtrail.feeds.vendors import lob, postalytics, postgrid, recipients, sendoso, stannp
from sendtrail.feeds.vendors.intake import Moment, VendorIntake, day, zip5_of
from sendtrail.feeds.vendors.recipients import folded

_UNREADABLE = "it cannot be read on: a cell with a line break in it must stand between quotation marks, and be short"
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
_POSTAL = _words(postgrid.POSTAL)
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
    "postal_status": ("imbstatus",),
    "postal_when": ("imbdate",),
    "postal_zip": ("imbzipcode",),
    "mailing_class": ("mailingclass", "mailclass"),
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
_AMOUNT = re.compile(r"[^\d.,-]*(\d[\d,]*(\.\d*)?|\.\d+)[^\d.,-]*", re.ASCII)
"""With or without the sign or the letters of a currency."""
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
    except FieldError as error:
        intake.refuse_rest(error.reason, b"")
    except csv.Error:
        intake.refuse_rest(_UNREADABLE, b"")
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
    """Take one row, all of it or nothing."""
    line, raw = intake.line, ",".join(cells).encode()
    row = _Row(header, [cell.strip() for cell in cells], columns, intake)
    try:
        if len(cells) != len(header):
            raise FieldError(f"the row has {counted(len(cells), 'column')}, the header {len(header)}")
        name = intake.name(header[columns.id], cells[columns.id])
        to = recipients.address({field: cells[place] for place, field in columns.address.items()})
        told = _told(row, in_canada=to is not None and to.country == "CA")
        send = _send(name, to, told, row, kind) if to else None
    except FieldError as error:
        intake.refuse(line, error.reason, raw)
        return
    if send:
        intake.offer(name, send, row.text("send_date"))
    for code, (at, zip5) in told.items():
        evidence = _DELIVERED.get(intake.vendor) if code == "delivered" else None
        intake.tell(name, code, at, evidence=evidence or Evidence.REPORTED, zip5=zip5)


class _Row(NamedTuple):
    """A row of an export; its cells without outer blanks."""

    header: list[str]
    cells: list[str]
    columns: _Columns
    intake: VendorIntake

    def text(self, field: str) -> str:
        """The cell of a named column, '' where there is no such column."""
        return self.cells[self.columns.named[field]] if field in self.columns.named else ""

    def name(self, field: str, without: str = "") -> str:
        """What the column of a field is called in this export; `without`: what to call it where there is none."""
        return self.header[self.columns.named[field]] if field in self.columns.named else without


def _told(row: _Row, *, in_canada: bool) -> dict[str, tuple[Moment, int]]:
    """The steps of a row by their codes, each with its time and ZIP Code; FieldError names the column."""
    intake, cells = row.intake, row.cells
    statuses = _STATUSES[intake.vendor]
    dates: dict[str, tuple[str, str, int]] = {
        code: (row.header[at], cells[at], 0) for at, code in row.columns.steps.items() if cells[at]
    }
    when = (row.name("when", "the date of its status"), row.text("when"))
    if status := row.text("status"):
        dates.setdefault(_status(statuses, status, row.name("status")), (*when, 0))
    if postal := row.text("postal_status"):
        scanned = (row.name("postal_when"), row.text("postal_when")) if row.text("postal_when") else when
        code = _status(_POSTAL, postal, row.name("postal_status"))
        dates.setdefault(code, (*scanned, zip5_of(row.text("postal_zip"))))
    canadian = in_canada and intake.vendor == "postalytics"
    return {
        "handed_over" if canadian and code == "scanned" else code: (
            intake.moment(column, text, zip5, zone=None if zip5 else intake.zone),
            zip5,
        )
        for code, (column, text, zip5) in dates.items()
    }


def _status(statuses: Mapping[str, str], text: str, column: str) -> str:
    code = statuses.get(folded(text))
    if code is None:
        raise FieldError(f"{column} {shown(text)} is no status that we know")
    return code


def _send(name: str, to: Address, told: Mapping[str, tuple[Moment, int]], row: _Row, kind: str) -> dict[str, object]:
    """The fields of the send that a row tells; FieldError names the column.

    It is of its send date, else of its first step, and costs nothing: the vendor had the bill, and what was paid then
    is no expense of today.
    """
    vendor = row.intake.vendor
    word = _kind(name, row.text("kind"), vendor) or kind or "letter"
    kept = {place: row.header[place].strip() for place in (*row.columns.others, *_cost(row))}
    first = min((at.ms for at, _ in told.values()), default=None)
    in_us_mail = to.country == "US" and Kind[word.upper()] in MAIL
    class_ = row.text("mailing_class") if in_us_mail else ""
    return {
        "kind": word,
        "to": to,
        "send_date": day(row.name("send_date"), row.text("send_date"))
        or (from_ms(first).astimezone(row.intake.zone).date() if first is not None else None),
        "mailing_class": recipients.mailing_class(class_),
        "extra_service": recipients.extra_service(class_) if word in ("letter", "cheque") else "",
        "tracking_number": row.text("tracking_number"),
        "campaign": clean(row.text("campaign")),
        "external_id": row.text("external_id"),
        "sender": row.text("sender"),
        "supplier": vendor.capitalize() if vendor != "postgrid" else "PostGrid",
        "metadata": {column: row.cells[place] for place, column in kept.items() if row.cells[place]},
    }


def _cost(row: _Row) -> list[int]:
    """The place of the vendor's cost, if it has any."""
    text = row.text("cost")
    if text and not _AMOUNT.fullmatch(text):
        raise FieldError(f"{row.name('cost')} {shown(text)} is no amount such as 0.78")
    return [row.columns.named["cost"]] if text else []


def _kind(name: str, told: str, vendor: str) -> str:
    if vendor == "sendoso":
        return Kind.EGIFT.word if "egift" in folded(told) else Kind.GIFT.word
    found = recipients.kind_of(told) or _PREFIXES.get(name.partition(":")[2].partition("_")[0])
    return found or ""
