"""What one message or export of a vendor gives: observations, sends that can be made of it, and what was refused.

An observation names its send as `lob:ltr_1` (the vendor and its id) or by tracking number. What a vendor worked out by
a rule arrives as such, never as a scan: most of what it says is `reported`.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo
from typing import Any, NamedTuple

import msgspec

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import Observation, Problem, as_detail, event_item
from sendtrail.domain.packing import EPOCH
from sendtrail.domain.send import NewSend
from sendtrail.domain.tracking_numbers import compact, looks_checked, recognise
from sendtrail.feeds import reports
from sendtrail.feeds.intake import FieldError, Intake, clean, shown
from sendtrail.feeds.local_time import zone_of
from sendtrail.feeds.scan_fields import day_of

Object = dict[str, Any]
"""A JSON object."""
_MOST_DAYS = (1 << 16) - 1


class Moment(NamedTuple):
    """`ms` from 2020, as packing has times. `zoneless`: no offset was told and no place whose zone is known."""

    ms: int
    zoneless: bool = False


class VendorBatch(NamedTuple):
    """Some of a message or an export. `sends`: what can be made of it, by name; `also`: another name of a named send,
    which is its tracking number; `made`: when its vendor made it, where that is told; `told_before`: names and items
    of what is news only where no such step was told."""

    observations: list[Observation]
    problems: list[Problem]
    sends: dict[str, NewSend]
    also: dict[str, str]
    made: dict[str, Moment]
    told_before: set[tuple[str, int]]
    incomplete: bool = False
    """Some of it could not be read at all."""


class VendorIntake(Intake):
    """Gathers what one vendor says. `live`: the mode of who listens; messages of the other mode are refused."""

    def __init__(self, vendor: str, now_ms: int, zone: tzinfo = UTC, *, live: bool = True) -> None:
        super().__init__(now_ms, zone)
        self.vendor = vendor
        self.live = live
        self.sends: dict[str, NewSend] = {}
        self.also: dict[str, str] = {}
        self.made: dict[str, Moment] = {}
        self._told_before: set[tuple[str, int]] = set()

    def name(self, field: str, vendor_id: object) -> str:
        """How the vendor's send of this id is named; FieldError names the field that has no id."""
        text = clean(str(vendor_id)) if isinstance(vendor_id, str | int) and not isinstance(vendor_id, bool) else ""
        if not text:
            raise FieldError(f"{field} is missing: it says which send is meant")
        return f"{self.vendor}:{text}"

    def check_mode(self, field: str, live: object) -> None:
        """Refuse a message of which a field says that it is of the other mode; one that does not say is taken."""
        if isinstance(live, bool) and live is not self.live:
            told, own = ("live", "test") if live else ("test", "live")
            raise FieldError(
                f"{field} says that this is of {told} mode, but these credentials are of {own} mode:"
                f" give the vendor's {told} webhook the address of credentials of {told} mode"
            )

    def offer(self, name: str, fields: Mapping[str, object], made: object = None) -> None:
        """What can be made of a send that we do not know yet: the fields of a NewSend, empty ones left out.

        `made`: when its vendor made it; what is no moment of the past tells nothing.
        It costs what is told, else nothing: whoever prints it has the bill. Where its send date is none
        it is not made, and what is said of it waits.
        """
        vendor, _, vendor_id = name.partition(":")
        told = {field: value for field, value in fields.items() if value not in (None, "", {})}
        with suppress(FieldError):
            self.made[name] = self.moment("made", made, zone=self.zone)
        if number := clean(str(told.pop("tracking_number", ""))):
            self._track(name, number, told)
        if isinstance(sent := told.get("send_date"), str):
            try:
                told["send_date"] = day("send_date", sent)
            except FieldError as error:
                self.refuse(self.line, f"no send is made of {name}: {error.reason}", b"")
                return
        self.sends[name] = msgspec.convert({"cost_cents": 0, **told, "vendor": vendor, "vendor_id": vendor_id}, NewSend)

    def _track(self, name: str, number: str, told: dict[str, object]) -> None:
        """Keep a tracking number as sends do. One whose check digit does not fit is refused, and the send made
        without."""
        found = recognise(number)
        if not found and looks_checked(number):
            reason = f"tracking_number {shown(number)} is no number of any carrier: its length or check digit is wrong"
            self.refuse(self.line, reason, number.encode())
            return
        told["tracking_number"] = self.also[name] = number_of(number)
        if found:
            told["carrier"] = found.carrier

    def tell(
        self,
        name: str,
        code: str,
        at: Moment,
        *,
        evidence: Evidence = Evidence.REPORTED,
        source: Source = Source.VENDOR,
        detail: Mapping[str, object] | None = None,
        zip5: int = 0,
        expected: int = 0,
        told_before: bool = False,
    ) -> None:
        """One thing that happened to a send. `expected`: a day, counted as `expected_day` does. `told_before`: it may
        have been, at another time, and counts only where it was not."""
        said = as_detail({key: clean(str(value)) for key, value in (detail or {}).items() if value not in (None, "")})
        item = event_item(at.ms, code, source, evidence, said)
        if told_before:
            self._told_before.add((name, item))
        self.observations.append(
            Observation(
                0, item, zip=zip5, zoneless=at.zoneless, expected=expected, send=name, detail=said, line=self.line
            )
        )

    def moment(self, field: str, value: object, zip5: int = 0, *, zone: tzinfo | None = None) -> Moment:
        """When something happened; FieldError names the field.

        A time without an offset is local to the place with this ZIP Code, else to `zone`, else it is read as if UTC.
        """
        text = str(value).strip() if isinstance(value, str | int) else ""
        local = zone or _zone(zip5)
        ms = reports.moment(field, text, local or UTC)
        if ms > self.latest:
            raise FieldError(f"{field} {shown(text)} is more than 24 hours in the future")
        return Moment(ms, zoneless=local is None and not _has_offset(text))

    def vendor_batch(self) -> VendorBatch:
        """What was gathered since the last batch."""
        plain = self.batch()
        batch = VendorBatch(
            plain.observations,
            plain.problems,
            self.sends,
            self.also,
            self.made,
            self._told_before,
            plain.incomplete,
        )
        self.sends, self.also, self.made, self._told_before = {}, {}, {}, set()
        return batch


def zip5_of(value: object) -> int:
    """The five digits that a text begins with, 0 where it is no ZIP Code."""
    text = str(value)[:5] if isinstance(value, str | int) else ""
    return int(text) if len(text) == 5 and text.isascii() and text.isdigit() else 0


def day(field: str, text: str) -> date | None:
    """A day as any column or field has it, None where there is none; FieldError names the field."""
    if not text:
        return None
    reports.moment(field, text, UTC)
    try:
        return day_of(text)
    except ValueError:
        raise FieldError(f"{field} {shown(text)} is not a date such as 2026-03-02") from None


def number_of(text: str) -> str:
    """A tracking number as sends keep it."""
    found = recognise(text)
    return found.number if found else compact(text)[:100]


def expected_day(value: object) -> int:
    """A day as observations carry it, counted from 2020; 0 where there is none."""
    try:
        day = day_of(value) if isinstance(value, str) else None
    except ValueError:
        return 0
    return max(0, min((day - date(EPOCH.year, EPOCH.month, EPOCH.day)).days, _MOST_DAYS)) if day else 0


def text(fields: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that has a text or a number; '' where none has."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def part(fields: Mapping[str, Any], name: str) -> Object:
    """An object inside another one; empty where there is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def parts(fields: Mapping[str, Any], name: str) -> list[Object]:
    """The objects of a list inside an object; empty where there is none."""
    value = fields.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def raw_of(value: object) -> bytes:
    """A part of a message as it is kept where it was refused."""
    return msgspec.json.encode(value)


def _zone(zip5: int) -> tzinfo | None:
    from zoneinfo import ZoneInfo

    name = zone_of(zip5) if zip5 else ""
    return ZoneInfo(name) if name else None


def _has_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
