"""What printer reports and ACS records share: one event of one named send on each line."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, tzinfo

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import Observation, as_detail, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.feeds.intake import FieldError, Intake, clean, shown
from sendtrail.feeds.scan_fields import NO_BARCODE, day_of, digits, may_begin
from sendtrail.feeds.tables import rows

_ROUTING_WIDTHS = (0, 5, 9, 11)
_DAY_ENDS = time(23, 59, 59)
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")
_ID = re.compile(r"[a-z_]+_[0-9A-Za-z]+")
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)

Record = dict[str, str]
"""A line's cells by column, without outer blanks; a column that the file has not is absent."""


def moment(field: str, text: str, zone: tzinfo) -> int:
    """Milliseconds from 2020; a text without an offset is read in `zone`. FieldError names `field`.

    A date without time counts as that day's end.
    """
    try:
        if re.search(r"\d[T ]\d", text):
            iso = _US_DATE.sub(lambda us: f"{us[3]}-{us[1]:0>2}-{us[2]:0>2}", text)
            when = datetime.fromisoformat(_OFFSET.sub(r"\1:\2", iso))
        else:
            when = datetime.combine(day_of(text), _DAY_ENDS)
        return to_ms((when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC))
    except OverflowError:
        raise FieldError(f"{field} {shown(text)} is before 2020 or after 2089") from None
    except ValueError:
        what = f"{shown(text)} is not a date such as 2026-03-02 or a time such as 2026-03-02T22:56:10-05:00"
        raise FieldError(f"{field} {what}" if text else f"{field} is missing") from None


def barcode(text: str) -> tuple[int, int]:
    """Mailer ID and serial number, and the label, of 20 to 31 digits; FieldError if they are none."""
    if not digits(text) or len(text) - 20 not in _ROUTING_WIDTHS:
        raise FieldError(f"imb {shown(text)} must have 20, 25, 29 or 31 digits")
    if not may_begin(text):
        raise FieldError(f"imb {shown(text)} {NO_BARCODE}")
    return int(text[5:20]), int(text[:5]) * 100_000 + int(text[20:25] or 0)


def observations(
    chunks: Iterable[bytes],
    intake: Intake,
    time_field: str,
    event_of: Callable[[Record], tuple[str, dict[str, str]]],
    source: Source,
) -> Iterator[None]:
    """Take a table of reports; `event_of` gives a record's code and detail, or raises FieldError."""
    for header, block in rows(chunks, intake):
        for line, raw, cells in block:
            record = {column: cell.strip() for column, cell in zip(header.columns, cells, strict=True)}
            try:
                serial, label, send = _named(record)
                code, detail = event_of(record)
                ms = moment(time_field, record[time_field], intake.zone)
                if ms > intake.latest:
                    raise FieldError(f"{time_field} {shown(record[time_field])} is more than 24 hours in the future")
            except FieldError as error:
                intake.refuse(line, error.reason, raw)
                continue
            kept = as_detail({key: clean(text) for key, text in detail.items()})
            item = event_item(ms, code, source, Evidence.REPORTED, kept)
            intake.observations.append(
                Observation(
                    serial,
                    item,
                    label=label,
                    send=send,
                    detail=kept,
                    line=line if send else 0,
                )
            )
        yield


def _named(record: Record) -> tuple[int, int, str]:
    """Whom the record is about: serial and label of its barcode, else 0, 0 and the send as text."""
    imb, send = record.get("imb", "") or record.get("imb_tracking_code", ""), record.get("send", "")
    if _ID.fullmatch(imb):
        imb, send = "", imb
    if imb:
        return *barcode(imb), ""
    if send:
        return 0, 0, clean(send)
    raise FieldError(f"{' and '.join(name for name in ('imb', 'send') if name in record)} missing: which send is meant")
