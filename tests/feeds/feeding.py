"""Feed files for tests, and reading them in one go. All of them are invented."""

import io
import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from sendtrail.domain.events import CODE_BY_ID, Evidence, Source
from sendtrail.domain.observation import Facility, Observation, Problem
from sendtrail.domain.packing import ITEM, from_ms, to_ms
from sendtrail.feeds.reader import read

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CODE = "0027090123456700"
"""The first 16 digits of every tracking code here."""


class Taken(NamedTuple):
    observations: list[Observation]
    problems: list[Problem]
    facilities: dict[int, Facility]
    format: str

    @property
    def only(self) -> Observation:
        assert not self.problems
        (observation,) = self.observations
        return observation

    @property
    def reasons(self) -> dict[int, str]:
        return {problem.line: problem.reason for problem in self.problems}


def take(data: bytes, **options: Any) -> Taken:
    taken = Taken([], [], {}, "")
    for batch in read(io.BytesIO(data), now_ms=to_ms(NOW), **options):
        assert not taken.facilities.keys() & batch.facilities.keys(), "a facility is given once"
        taken = Taken(
            taken.observations + batch.observations,
            taken.problems + batch.problems,
            taken.facilities | batch.facilities,
            batch.format or taken.format,
        )
    return taken


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The bytes in chunks, cut at these offsets."""
    return [data[start:end] for start, end in pairwise(sorted({0, len(data), *places})) if start < len(data)]


def event(serial: int = 1, **changes: Any) -> dict[str, Any]:
    """One event of the push feed; a change to None leaves the attribute out."""
    fields = {
        "imb": f"{CODE}{serial:04}12345678901",
        "imbTrackingCode": f"{CODE}{serial:04}",
        "routingCodeImbMatchingPortion": "12345678901",
        "scanDatetime": "2026-03-02T22:56:10.000-05:00",
        "scanEventCode": "919",
        "mailPhase": "Phase 3c - Destination Sequenced Carrier Sortation",
        "handlingEventType": "A",
        "scanFacilityZip": "10199",
        "scanFacilityName": "EAST SIDE P&DC",
        "scanFacilityCity": "NEW YORK",
        "scanFacilityState": "NY",
        "scanLocaleKey": "V12345",
        "machineName": "DBCS-051",
        "expectedDeliveryDate": "2026-03-05",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def message(*events: object, **others: object) -> bytes:
    """A message of the push feed with these events."""
    return json.dumps({"msgGrpId": "group-1", "recCnt": len(events), "events": events, **others}).encode()


def fields_of(observation: Observation) -> dict[str, Any]:
    """What a scan's item holds, in words."""
    fields = ITEM.unpack(observation.item)
    return {
        "at": from_ms(fields["ms"]).isoformat(),
        "phase": fields["sub"],
        "operation": fields["op"],
        "source": Source(fields["source"]).word,
        "evidence": Evidence(fields["evidence"]).word,
    }


def told(observation: Observation) -> tuple[str, str]:
    """The code and the time of an event that is no scan."""
    fields = ITEM.unpack(observation.item)
    return CODE_BY_ID[fields["sub"]], from_ms(fields["ms"]).isoformat()
