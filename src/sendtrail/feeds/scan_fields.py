"""A postal scan's attributes, as any feed writes them, to one observation.

The same facts give the same item whichever feed brings them. Attributes have USPS's own names here and in reasons.
Whatever repeats from scan to scan (hours, phases, facilities, dates) is converted once and remembered: a scan costs a
few dictionary look-ups and no date objects.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeVar

from sendtrail.domain.events import Evidence
from sendtrail.domain.observation import Observation, scan_item
from sendtrail.domain.packing import EPOCH, ITEM, NO_OPERATION, to_ms
from sendtrail.domain.phases import Phase, phase_of
from sendtrail.feeds.intake import FieldError, Intake, clean, shown
from sendtrail.feeds.local_time import local_ms, zone_of

K = TypeVar("K")
V = TypeVar("V")

Attributes = dict[str, Any]
"""A scan's values by attribute, in snake_case."""

SCAN = (
    "imb",
    "imb_tracking_code",
    "imb_routing_code",
    "routing_code_imb_matching_portion",
    "scan_datetime",
    "scan_event_code",
    "mail_phase",
    "handling_event_type",
    "scan_facility_zip",
    "expected_delivery_date",
    "predicted_delivery_date",
    "anticipated_delivery_date",
)
"""What every scan is read for."""
RARELY = (
    "imb_stid",
    "imb_mid",
    "imb_serial_number",
    "scan_facility_name",
    "scan_facility_city",
    "scan_facility_state",
    "scan_locale_key",
)
"""What is read of a piece that has no code, and of a facility that is new."""
_OTHER_NAMES = {"scan_date_time": "scan_datetime", "scan_facility_locale_key": "scan_locale_key"}


def _folded(name: str) -> str:
    return re.sub(r"[_\s-]", "", name.lower())


_ATTRIBUTES = {_folded(name): name for name in (*SCAN, *RARELY)} | {
    _folded(other): name for other, name in _OTHER_NAMES.items()
}


def attribute_of(name: str) -> str:
    """The attribute that a name in any style means (`scanDatetime`, `scan_date_time`, `Scan Datetime`), or ''."""
    return _ATTRIBUTES.get(_folded(name), "")


def camel(name: str) -> str:
    """The attribute's name as USPS writes it."""
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), name)


_HANDLING = {
    "": Evidence.SCANNED,
    "A": Evidence.SCANNED,
    "L": Evidence.LOGICAL,
    "S": Evidence.ASSUMED,
}
"""What `handlingEventType` says about how USPS knows; a scan in a feed without it was seen."""
_ROUTING_WIDTHS = (0, 5, 9, 11)
_SECONDS = {f"{m:02}:{s:02}": (m * 60 + s) * 1000 for m in range(60) for s in range(60)}
_REMEMBERED = 50_000
"""Entries of a cache before it starts afresh: far more than a feed has hours, phases or facilities."""
_SHIFT_MS = ITEM.shift("ms")
_MOMENT = re.compile(
    r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4}))[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?"
    r" ?(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_DAY = re.compile(r"(?:(\d{4})-?(\d{2})-?(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4}))(?=$|[T ])", re.ASCII)


def day_of(text: str) -> date:
    """The date that a text begins with: ISO, YYYYMMDD or MM/DD/YYYY; ValueError if it is none."""
    found = _DAY.match(text)
    if not found:
        raise ValueError(text)
    year, month, day, us_month, us_day, us_year = found.groups()
    return date(int(year or us_year), int(month or us_month), int(day or us_day))


def text_of(value: object) -> str:
    """A field that should be text: numbers are written out, absent ones are ''."""
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)


def digits(text: str) -> bool:
    return text.isdecimal() and text.isascii()


NO_BARCODE = "is no Intelligent Mail barcode: its second digit must be 0 to 4"


def may_begin(code: str) -> bool:
    """Whether a barcode can begin with these digits (USPS-B-3200: its second has five values)."""
    return code[1] <= "4"


class ScanFields:
    """Turns attributes into observations for one reader (`intake` gives its share and the latest time it takes)."""

    def __init__(self, intake: Intake) -> None:
        self._latest = intake.latest
        self._hours: dict[str, int] = {}
        self._kinds: dict[tuple[object, object, object], tuple[int, str]] = {}
        self._zips: dict[object, int] = {}
        self._days: dict[object, int] = {"": 0, None: 0}
        self._services: dict[str, int] = {}
        self._intake = intake
        self.new_zips: set[object] = set()
        """Values of `scanFacilityZip` met for the first time: the reader then learns their facilities, and clears."""

    def observe(
        self,
        tracking: object,
        imb: object,
        routing: object,
        moment: Any,
        operation: object,
        phase: object,
        handling: object,
        zip_: object,
        expected: object,
    ) -> Observation:
        """The observation; FieldError names what is wrong.

        In order: imbTrackingCode, imb, imbRoutingCode or its matching portion, scanDatetime, scanEventCode, mailPhase,
        handlingEventType, scanFacilityZip, the expected delivery date; '' or None for what is absent.
        """
        code = tracking
        if type(code) is not str or len(code) != 20 or not code.isdecimal() or not code.isascii():
            code = _tracking_code(tracking, imb)
        serial = int(code[5:])
        rest = imb[20:] if type(imb) is str else ""
        if not rest and routing:
            rest = routing if type(routing) is str else text_of(routing)
        if rest and (len(rest) not in _ROUTING_WIDTHS or not rest.isdecimal()):
            rest = _routing(rest, tracking)
        try:
            label = self._services[code[:5]]
        except KeyError:
            if not may_begin(code):
                name = "imbTrackingCode" if text_of(tracking) else "imb"
                raise FieldError(f"{name} {shown(code)} {NO_BARCODE}") from None
            label = self._services[code[:5]] = int(code[:5]) * 100_000
        if rest:
            label += int(rest[:5])
        try:
            zip5 = self._zips[zip_]
        except (KeyError, TypeError):
            zip5 = self._learn_zip(zip_)

        zoneless = False
        try:
            ms = self._hours[moment[:14] + moment[19:]] + _SECONDS[moment[14:19]]
        except (KeyError, TypeError):
            ms, zoneless = self._moment(text_of(moment), zip5)
        if ms > self._latest:
            raise FieldError(f"scanDatetime {shown(moment)} is more than 24 hours in the future")

        try:
            kind, detail = self._kinds[phase, operation, handling]
        except (KeyError, TypeError):
            kind, detail = self._kind(phase, operation, handling)
        try:
            day = self._days[expected]
        except (KeyError, TypeError):
            day = self._learn_day(expected)
            if day < 0:
                day, detail = 0, _and(detail, "expected_delivery", text_of(expected))
        return Observation(serial, ms << _SHIFT_MS | kind, zip5, zoneless, day, label, "", detail)

    def observe_attributes(self, given: Attributes) -> Observation:
        """As `observe`, from the attributes that one scan has; the piece may be named in parts."""
        tracking = given.get("imb_tracking_code")
        if not text_of(tracking) and not text_of(given.get("imb")):
            tracking = _assembled(given)
        return self.observe(
            tracking,
            given.get("imb"),
            given.get("imb_routing_code") or given.get("routing_code_imb_matching_portion"),
            given.get("scan_datetime"),
            given.get("scan_event_code"),
            given.get("mail_phase"),
            given.get("handling_event_type"),
            given.get("scan_facility_zip"),
            given.get("expected_delivery_date")
            or given.get("predicted_delivery_date")
            or given.get("anticipated_delivery_date"),
        )

    def learn_facility(self, given: Attributes) -> None:
        """Keep the name of the facility where this scan was made."""
        name, city, state, locale = (text_of(given.get(attribute)) for attribute in RARELY[3:])
        self._intake.name_facility(_zip5(given.get("scan_facility_zip")), name, city, state, locale)

    def _learn_zip(self, value: object) -> int:
        zip5 = _zip5(value)
        if isinstance(value, str | int | None):
            _remember(self._zips, value, zip5)
            self.new_zips.add(value)
        return zip5

    def _moment(self, text: str, zip5: int) -> tuple[int, bool]:
        """Milliseconds from 2020, and whether a local time had to be read as UTC."""
        has_fraction = text[19:20] == "." and text[20:23].isdecimal()
        offset = text[23:] if has_fraction else text[19:]
        zone = zone_of(zip5) if zip5 and not offset else ""
        hour = text[:14] + (offset or f"@{zone}")
        start, seconds = self._hours.get(hour), _SECONDS.get(text[14:19])
        if start is None or seconds is None:
            start, past, found_offset = _parsed(text, zone)
            if seconds is None or found_offset != offset:  # written in an unusual way
                return start + past, not found_offset and not zone
            _remember(self._hours, hour, start)
        if offset and text[20:23] == "000":
            _remember(self._hours, text[:14] + text[19:], start)  # `observe` finds it at once from now on
        return start + seconds, not offset and not zone

    def _kind(self, phase: object, operation: object, handling: object) -> tuple[int, str]:
        """The lower bits of an item, and what of the three texts they do not hold."""
        detail = ""
        phase_text, operation_text, handling_text = text_of(phase), text_of(operation), text_of(handling)
        known = phase_of(phase_text)
        if known is Phase.UNRECOGNISED:
            detail = _and(detail, "mail_phase", phase_text)
        number = NO_OPERATION
        if len(operation_text) <= 3 and digits(operation_text):
            number = int(operation_text)
        elif operation_text:
            detail = _and(detail, "scan_event_code", operation_text)
        evidence = _HANDLING.get(handling_text.upper(), Evidence.UNKNOWN)
        if known is Phase.DELIVERY and not handling_text:
            evidence = Evidence.LOGICAL  # nobody scans at the mailbox: USPS makes this event by rule
        if evidence is Evidence.UNKNOWN:
            detail = _and(detail, "handling_event_type", handling_text)
        kind = scan_item(0, known, number, evidence), detail
        if all(isinstance(value, str | int | None) for value in (phase, operation, handling)):
            _remember(self._kinds, (phase, operation, handling), kind)
        return kind

    def _learn_day(self, value: object) -> int:
        """Days from 2020 of an expected delivery date; -1 if it cannot be read."""
        try:
            day = (day_of(text_of(value)) - EPOCH.date()).days
        except ValueError:
            return -1
        if not 0 < day < 1 << 16:
            return -1
        _remember(self._days, value, day)
        return day


def _zip5(value: object) -> int:
    """The first five digits; 0 if there are none."""
    text = f"{value:05}" if isinstance(value, int) else text_of(value)[:5]
    return int(text) if len(text) == 5 and digits(text) else 0


def _remember(cache: dict[K, V], key: K, value: V) -> None:
    if len(cache) >= _REMEMBERED:
        cache.clear()
    cache[key] = value


def _parsed(text: str, zone: str) -> tuple[int, int, str]:
    """The hour in milliseconds from 2020, the milliseconds past it, and the offset as it is written."""
    found = _MOMENT.fullmatch(text)
    if not found:
        what = f"{shown(text)} is not a date and time such as 2026-03-02T22:56:10-05:00" if text else "is missing"
        raise FieldError(f"scanDatetime {what}")
    year, month, day, us_month, us_day, us_year, hour, minute, second, offset = found.groups(default="")
    whole = int(year or us_year), int(month or us_month), int(day or us_day), int(hour)
    try:
        past = _SECONDS[f"{minute}:{second or '00'}"]
        return (to_ms(datetime(*whole, tzinfo=_fixed(offset))) if offset else local_ms(*whole, zone)), past, offset
    except OverflowError:
        raise FieldError(f"scanDatetime {shown(text)} is before 2020 or after 2089") from None
    except (ValueError, KeyError):
        raise FieldError(f"scanDatetime {shown(text)} is not a date and time that exists") from None


def _fixed(offset: str) -> timezone:
    if offset in "Zz":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    return timezone((1 if offset[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _and(detail: str, key: str, text: str) -> str:
    """The detail with one more raw value."""
    values = json.loads(detail) if detail else {}
    return json.dumps({**values, key: clean(text)}, ensure_ascii=False)


def _assembled(given: Attributes) -> str:
    """The tracking code of a piece named in parts, '' if it is not. No part tells the barcode identifier: 00."""
    service, mailer, serial = (text_of(given.get(attribute)) for attribute in RARELY[:3])
    if not mailer or not serial:
        return ""
    mailer = mailer.zfill(6)
    code = f"00{service.zfill(3)}{mailer}{serial.zfill(15 - len(mailer))}"
    if len(code) != 20 or not digits(code):
        raise FieldError("imbStid, imbMid and imbSerialNumber must make 3 and 15 digits together")
    return code


def names_piece(imb: object) -> bool:
    """Whether a barcode begins with a tracking code."""
    text = text_of(imb)[:20]
    return len(text) == 20 and digits(text)


def _tracking_code(tracking: object, imb: object) -> str:
    """The 20 digits, from whichever field has them."""
    text, name = text_of(tracking), "imbTrackingCode"
    if not text:
        text, name = text_of(imb), "imb"
        if not text:
            raise FieldError("imbTrackingCode is missing, and so is imb: which piece was scanned is not said")
        if not names_piece(text):
            raise FieldError(f"imb {shown(text)} must begin with the 20 digits of a tracking code")
        return text[:20]
    if len(text) != 20 or not digits(text):
        raise FieldError(f"{name} {shown(text)} must have 20 digits")
    return text


def _routing(rest: str, tracking: object) -> str:
    """A routing code without its padding; none for a bad one beside a good tracking code, else FieldError."""
    text = rest.strip()
    if len(text) in _ROUTING_WIDTHS and (digits(text) or not text):
        return text
    if text_of(tracking):
        return ""
    raise FieldError(f"the routing code {shown(text)} in imb must have 0, 5, 9 or 11 digits")
