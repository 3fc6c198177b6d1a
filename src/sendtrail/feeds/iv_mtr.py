"""Informed Visibility scans as JSON: the push feed's messages and files, and the pull service's answers.

Attributes are those of USPS's push feed; which of them a subscriber gets is the subscriber's choice, so each may be
missing and unknown ones are passed over. Names in snake_case, as the pull service writes them, mean the same.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from sendtrail.feeds.duplicate_keys import may_repeat
from sendtrail.feeds.intake import FieldError, Intake, shown
from sendtrail.feeds.json_stream import Bad, Block, blocks
from sendtrail.feeds.scan_fields import RARELY, SCAN, Attributes, ScanFields, attribute_of, camel


class Event(msgspec.Struct, gc=False, rename="camel"):
    """What every scan is read for. Anything is accepted as a value: which is right is not JSON's to say."""

    imb: Any = ""
    imb_tracking_code: Any = ""
    imb_routing_code: Any = ""
    routing_code_imb_matching_portion: Any = ""
    scan_datetime: Any = ""
    scan_event_code: Any = ""
    mail_phase: Any = ""
    handling_event_type: Any = ""
    scan_facility_zip: Any = ""
    expected_delivery_date: Any = ""
    predicted_delivery_date: Any = ""
    anticipated_delivery_date: Any = ""


_KEYS = tuple(map(camel, SCAN))
_ATTRIBUTES = {camel(attribute): attribute for attribute in (*SCAN, *RARELY)}
_decode = msgspec.json.Decoder(list[Event]).decode


_Object = dict[str, Any]
_HOLDERS = frozenset({"events", "scans", "data"})


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with each of its keys, also one that stands twice."""


def read(chunks: Iterable[bytes], intake: Intake) -> Iterator[None]:
    """Take the scans of one document; pauses after every block. Bytes that are damaged raise Damaged at the end."""
    scans = _Scans(intake)
    for found in blocks(chunks, _decode):
        if isinstance(found, Bad) and found.ends:
            intake.refuse_rest(found.reason, found.raw)
        elif isinstance(found, Bad):
            intake.line += 1
            intake.refuse(intake.line, found.reason, found.raw)
        else:
            scans.take(found)
        yield


class _Scans:
    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._fields = ScanFields(intake)

    def take(self, block: Block[Event]) -> None:
        events = block.elements
        if may_repeat(block.arrays, len(events), _KEYS):
            for raw in block.raw():
                self._take_closely(raw)
            self._fields.new_zips.clear()
            return
        observe, keep = self._fields.observe, self._intake.observations.append
        first = line = self._intake.line
        self._intake.line += len(events)
        raws: list[bytes] = []
        for event in events:
            line += 1
            try:
                observation = observe(
                    event.imb_tracking_code,
                    event.imb,
                    event.imb_routing_code or event.routing_code_imb_matching_portion,
                    event.scan_datetime,
                    event.scan_event_code,
                    event.mail_phase,
                    event.handling_event_type,
                    event.scan_facility_zip,
                    event.expected_delivery_date or event.predicted_delivery_date or event.anticipated_delivery_date,
                )
            except FieldError:  # names in another style, the piece named in parts, or truly wrong
                raws = raws or block.raw()
                raw = raws[line - first - 1]
                self._take_object(dict(_parse(raw)), raw, line)
            else:
                keep(observation)
        if new := self._fields.new_zips:
            for event, raw in zip(events, raws or block.raw(), strict=True):
                if isinstance(event.scan_facility_zip, str | int) and event.scan_facility_zip in new:
                    self._fields.learn_facility(_in_any_style(dict(_parse(raw))))
            new.clear()

    def _take_closely(self, raw: bytes) -> None:
        """Take one element that may hold others (an envelope in an array, a pull answer) or name a key twice."""
        for scan in _scans_within(_parse(raw), {}):
            self._intake.line += 1
            if isinstance(scan, FieldError):
                self._intake.refuse(self._intake.line, scan.reason, raw)
            else:
                self._take_object(scan, raw, self._intake.line)
                self._fields.learn_facility(_in_any_style(scan))

    def _take_object(self, scan: _Object, raw: bytes, line: int) -> None:
        """Take one scan like the quick way does, by USPS's own names, and by names in any style where that fails."""
        try:
            observation = self._fields.observe_attributes(_by_name(scan))
        except FieldError:
            try:
                observation = self._fields.observe_attributes(_in_any_style(scan))
            except FieldError as error:
                self._intake.refuse(line, error.reason, raw)
                return
        self._intake.observations.append(observation)


def _parse(raw: bytes) -> _Pairs:
    """An object that the decoder has accepted, read again with all its keys."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return cast(_Pairs, json.loads(text, object_pairs_hook=_Pairs, parse_int=_integer, strict=False))


def _integer(text: str) -> int | str:
    """A number of many digits stays text: nothing counts that far, and making it a number would take its time."""
    return int(text) if len(text) <= 40 else text


def _by_name(scan: _Object) -> Attributes:
    return {attribute: scan[name] for name, attribute in _ATTRIBUTES.items() if name in scan}


def _in_any_style(scan: _Object) -> Attributes:
    """The object's values by attribute, whatever the style of its names; of several for one, USPS's own counts."""
    attributes = {attribute: value for name, value in scan.items() if (attribute := attribute_of(name))}
    return attributes | _by_name(scan)


def _twice(pairs: _Pairs) -> str:
    """A key of ours that stands twice, else ''."""
    times = Counter(key for key, _ in pairs)
    return next((key for key, n in times.items() if n > 1 and attribute_of(key) in SCAN), "")


def _scans_within(pairs: _Pairs, around: _Object) -> Iterator[_Object | FieldError]:
    """The scans of an object: those in its `events`, `scans` or `data`, with what stands around them; else itself."""
    if key := _twice(pairs):
        yield FieldError(f"the key {shown(key)} stands twice in one event")
        return
    inner = [value for key, value in pairs if key in _HOLDERS and isinstance(value, list)]
    whole = {**around, **dict(pairs)}
    for value in inner:
        for scan in (value,) if isinstance(value, _Pairs) else value:
            if isinstance(scan, _Pairs):
                yield from _scans_within(scan, whole)
            else:
                yield FieldError("an event must be a JSON object")
    if not inner:
        yield whole
