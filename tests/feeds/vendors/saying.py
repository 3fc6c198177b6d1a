"""What vendors send, made up in the shapes that they document; and reading one message of them."""

import io
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sendtrail.domain.events import CODE_BY_ID, Evidence, Source
from sendtrail.domain.observation import Observation
from sendtrail.domain.packing import ITEM, from_ms, to_ms
from sendtrail.domain.send import NewSend
from sendtrail.feeds.vendors.reader import read

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PARCEL = "9400111899223387624111"


class Said(NamedTuple):
    """`told`: name, code, time, evidence and source of each observation."""

    told: list[tuple[str, str, str, str, str]]
    problems: list[str]
    sends: dict[str, NewSend]
    observations: list[Observation]

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [(code, evidence) for _, code, _, evidence, _ in self.told]


def say(format: str, body: object, *, live: bool = True, zone: str = "UTC") -> Said:
    """Read one message; what is no bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    said = Said([], [], {}, [])
    for batch in read(io.BytesIO(content), format, now_ms=to_ms(NOW), zone=ZoneInfo(zone), live=live):
        said.told.extend(map(_told, batch.observations))
        said.observations.extend(batch.observations)
        said.problems.extend(problem.reason for problem in batch.problems)
        said.sends.update(batch.sends)
    return said


def _told(observation: Observation) -> tuple[str, str, str, str, str]:
    fields = ITEM.unpack(observation.item)
    at = from_ms(fields["ms"]).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        observation.send,
        CODE_BY_ID[fields["sub"]],
        at,
        Evidence(fields["evidence"]).word,
        Source(fields["source"]).word,
    )


def lob(type_: str = "letter.in_transit", *events: dict[str, Any], **piece: Any) -> dict[str, Any]:
    """An event of Lob; `events` are those of the piece."""
    body = {
        "id": "ltr_4868c3b754655f90",
        "object": type_.partition(".")[0],
        "to": {
            "id": "adr_d3489cd64c791ab5",
            "name": "HARRY ZHANG",
            "company": "LOB",
            "address_line1": "210 KING ST STE 6100",
            "address_city": "SAN FRANCISCO",
            "address_state": "CA",
            "address_zip": "94107-1741",
            "address_country": "UNITED STATES",
        },
        "from": {"name": "LEORE AVIDAR", "address_line1": "185 BERRY ST", "address_country": "UNITED STATES"},
        "mail_type": "usps_first_class",
        "send_date": "2026-03-01T00:00:00.000Z",
        "metadata": {"order": "A-1"},
        "tracking_events": list(events),
    }
    return {
        "id": "evt_4d4ab6ef4e0f8c1f",
        "body": body | piece,
        "reference_id": "ltr_4868c3b754655f90",
        "event_type": {"id": type_, "enabled_for_test": False, "resource": "letters", "object": "event_type"},
        "date_created": "2026-03-05T08:00:00.000Z",
        "object": "event",
    }


def tracked(name: str, time: str, location: str | None = "94107", **others: Any) -> dict[str, Any]:
    """A tracking event of a piece of Lob."""
    return {
        "id": "evnt_9e84094c9368cfb",
        "type": "normal",
        "name": name,
        "time": time,
        "location": location,
        "object": "tracking_event",
    } | others


def postgrid(type_: str = "letter.updated", changed: Any = None, **order: Any) -> dict[str, Any]:
    """An event of PostGrid; `changed` as its `updatedFields`."""
    data = {
        "id": "letter_4nQBVsYx3bsYzQEgTk5BpV",
        "object": type_.partition(".")[0],
        "live": True,
        "status": "processed_for_delivery",
        "sendDate": "2026-03-01T00:00:00.000Z",
        "mailingClass": "first_class",
        "to": {
            "id": "contact_1",
            "firstName": "Kevin",
            "lastName": "Smith",
            "companyName": "PostGrid",
            "addressLine1": "90 Canal St",
            "city": "Boston",
            "provinceOrState": "MA",
            "postalOrZip": "02114",
            "countryCode": "US",
        },
        "updatedAt": "2026-03-03T09:00:00.000Z",
    }
    return {
        "id": "event_1",
        "object": "event",
        "type": type_,
        "live": True,
        "data": data | order,
        "updatedFields": changed,
        "createdAt": "2026-03-03T10:00:00.000Z",
    }


def stannp(*pieces: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A message of Stannp."""
    return {
        "webhook_id": 42,
        "event": "mailpiece_status",
        "created": "2026-03-04 08:00:00",
        "retries": "0",
        "mailpieces": list(pieces),
    } | others


def postalytics(type_: int | str = 4, **others: Any) -> dict[str, Any]:
    """An event of Postalytics."""
    return {
        "mailId": "77110",
        "eventDate": "2026-03-04T08:00:00Z",
        "expectedDeliveryDate": "2026-03-07",
        "eventType": type_,
        "status": "200",
        "statusDescription": "OK",
        "retryAttempts": 0,
        "to": {
            "firstName": "Ann",
            "lastName": "Lee",
            "address": "1 Main St",
            "city": "Boston",
            "state": "MA",
            "zip": "02114",
            "email": "ann@example.com",
        },
        "meta": {"fields": {"hubspot_id": "551"}},
    } | others


def easypost(*details: dict[str, Any], **others: Any) -> dict[str, Any]:
    """An event of EasyPost."""
    return {
        "id": "evt_1",
        "object": "Event",
        "mode": "production",
        "description": "tracker.updated",
        "previous_attributes": {"status": "unknown"},
        "result": {
            "id": "trk_1",
            "object": "Tracker",
            "mode": "production",
            "tracking_code": PARCEL,
            "status": "delivered",
            "est_delivery_date": "2026-03-07T00:00:00Z",
            "carrier": "USPS",
            "tracking_details": list(details),
        }
        | others,
    }


def detail(status: str, at: str, **others: Any) -> dict[str, Any]:
    """An entry of a tracker's history at EasyPost."""
    return {
        "object": "TrackingDetail",
        "message": status.capitalize(),
        "status": status,
        "datetime": at,
        "source": "USPS",
        "tracking_location": {"object": "TrackingLocation", "city": "FREMONT", "state": "CA", "zip": "94538"},
    } | others


def aftership(*checkpoints: dict[str, Any], **others: Any) -> dict[str, Any]:
    """An event of AfterShip."""
    return {
        "event": "tracking_update",
        "event_id": "94dadd60-ed26-46d0-aa52-3ced925a50ff",
        "is_tracking_first_tag": True,
        "msg": {
            "id": "n33xyn2b61cm3kosdtnvu00e",
            "tracking_number": PARCEL,
            "slug": "usps",
            "tag": "InTransit",
            "expected_delivery": "2026-03-07",
            "checkpoints": list(checkpoints),
        }
        | others,
        "ts": 1712741696,
    }


def checkpoint(tag: str, at: str, **others: Any) -> dict[str, Any]:
    return {"slug": "usps", "tag": tag, "subtag": f"{tag}_001", "message": tag, "checkpoint_time": at} | others


def karrio(*events: dict[str, Any], **others: Any) -> dict[str, Any]:
    """An event of Karrio."""
    return {
        "event": "tracker_updated",
        "data": {
            "id": "trk_1",
            "object_type": "tracker",
            "carrier_name": "usps",
            "tracking_number": PARCEL,
            "events": list(events),
            "delivered": False,
            "status": "out_for_delivery",
            "estimated_delivery": "2026-03-07",
            "test_mode": False,
        }
        | others,
    }
