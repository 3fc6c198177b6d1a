"""What a hook is told: the JSON body of a notification, in our own shape and as an event of PostGrid.

A body is what was true as of the thing that it tells of, and holds all that a receiver needs to act without asking:
the event with how we know of it, and the send with its recipient. Money is never told. `NATIVE` and `POSTGRID` are one
of each.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

Body = dict[str, Any]
"""Ready for JSON. Of one that was stored and read again, times and days are texts."""
View = Mapping[str, Any]
Part = View | msgspec.Raw
"""Of a body; JSON already where several bodies have the same."""

_NOT_TOLD = frozenset({"trail", "responses", "link", "cost_cents", "currency", "funding_source"})
"""Of a send as the API shows it: what is long, not yet sure, or money."""
_MONEY = frozenset({"value_cents", "currency"})


class Told(NamedTuple):
    """What all bodies say of themselves. `id`: a public one. `occurred_at`: when it happened, `created_at`: when it was
    put into words; both aware. `sequence`: the how-manieth thing it is that was told of its send."""

    id: str
    type: str
    occurred_at: datetime
    created_at: datetime
    sequence: int
    live: bool


def native(
    told: Told,
    organization: View,
    event: Part,
    send: Part,
    *,
    code: View | None = None,
    previous_status: View | None = None,
    status_changed: bool = False,
    updated_fields: list[str] | None = None,
) -> Body:
    """The body for all types but PostGrid's.

    `organization`: `{id, name}` of whose send it is. `event`, `send`: by `event_part` and `send_part`. `code`:
    `{vocabulary, name, number}` where the type is a reader's word. `previous_status`: None where it stayed the same, or
    is the first. `updated_fields`: what somebody changed.
    """
    data = {
        "event": event,
        "status_changed": status_changed,
        "previous_status": previous_status,
        "updated_fields": updated_fields,
        "send": send,
    }
    return {
        "id": told.id,
        "type": told.type,
        "timestamp": stamp(told.occurred_at),
        "created_at": stamp(told.created_at),
        "sequence": told.sequence,
        "live": told.live,
        "organization": organization,
        "data": data if code is None else {"event": data.pop("event"), "code": code, **data},
    }


def postgrid(told: Told, data: Part, updated_fields: View | None) -> Body:
    """The body for PostGrid's types: its event, whose `data` is the order, or the visit of a tracker.

    `updated_fields`: each field that changed with its new value, as PostGrid's own client has it; None for `.created`.
    """
    return {
        "id": told.id,
        "object": "event",
        "type": told.type,
        "live": told.live,
        "data": data,
        "updatedFields": updated_fields,
        "createdAt": stamp(told.created_at),
    }


def event_part(event: View) -> Body:
    """An event or a response as bodies hold it: a response alone has an id, and says nothing of what it is worth."""
    response = event.get("response")
    if response is None:
        return {name: value for name, value in event.items() if name not in ("id", "response")}
    return {**event, "response": {name: value for name, value in response.items() if name not in _MONEY}}


def send_part(send: View) -> Body:
    """A send as bodies hold it."""
    return {name: value for name, value in send.items() if name not in _NOT_TOLD}


def stamp(moment: datetime) -> str:
    """`2026-11-20T15:04:05.000Z`, of an aware moment."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


NATIVE: Body = {
    "id": "event_0m6t1v5xk2q8d",
    "type": "send.out_for_delivery",
    "timestamp": "2026-11-20T15:04:05.000Z",
    "created_at": "2026-11-20T15:31:40.218Z",
    "sequence": 7,
    "live": True,
    "organization": {"id": "organization_5c0w9e7hb3rnz", "name": "Harbor & Vale Insurance"},
    "data": {
        "event": {
            "seq": 6,
            "code": "out_for_delivery",
            "label": "Out for delivery",
            "occurred_at": "2026-11-20T15:04:05Z",
            "local_time": "2026-11-20T09:04:05-06:00",
            "zone_known": True,
            "recorded_at": "2026-11-20T15:31:40Z",
            "source": "usps",
            "evidence": "scanned",
            "place": {"zip": "60614", "facility": "LINCOLN PARK", "city": "CHICAGO", "state": "IL"},
            "phase": "destination_sequenced",
            "operation": "919",
            "detail": None,
        },
        "status_changed": True,
        "previous_status": {
            "code": "in_local_area",
            "label": "In local area",
            "since": "2026-11-19T22:10:31Z",
            "evidence": "scanned",
        },
        "updated_fields": None,
        "send": {
            "id": "letter_3xq1m8t0d5n7k",
            "kind": "letter",
            "live": True,
            "to": {
                "name": "Ann Lee",
                "company": "Lee & Daughters",
                "email": "ann@example.com",
                "phone": "+1 312 555 0142",
                "address_line1": "210 W Armitage Ave",
                "address_line2": "Apt 4",
                "city": "Chicago",
                "state": "IL",
                "postal_code": "60614-1234",
                "country": "US",
            },
            "from": {
                "company": "Harbor & Vale Insurance",
                "address_line1": "1 Harbor Sq",
                "city": "Boston",
                "state": "MA",
                "postal_code": "02110",
                "country": "US",
            },
            "campaign": {"id": "campaign_7h2k9m4v6t1xd", "name": "Welcome kit"},
            "tags": ["new-customer", "north"],
            "send_date": "2026-11-16",
            "day": "2026-11-16",
            "created_at": "2026-11-15T18:20:00Z",
            "mailing_class": "first_class",
            "extra_service": "",
            "post": "usps",
            "imb": "0027090100004250000160614123410",
            "tracking_number": "",
            "carrier": "",
            "tracking_url": "",
            "vendor": "",
            "vendor_id": "",
            "supplier": "",
            "message": "",
            "gift": None,
            "sender": "",
            "owner": {"id": "member_1d5n7k3xq8m0t", "email": "joe@example.com", "name": "Joe Park"},
            "team": None,
            "external_id": "crm-20418",
            "metadata": {"policy": "HV-771204", "region": 3},
            "replaces": None,
            "replaced_by": None,
            "status": {
                "code": "out_for_delivery",
                "label": "Out for delivery",
                "since": "2026-11-20T15:04:05Z",
                "evidence": "scanned",
            },
            "expected_delivery": "2026-11-20",
            "vocabularies": {
                "stannp": "local_delivery",
                "postalytics": {"name": "ProcessedForDelivery", "code": 6},
                "postgrid": {
                    "status": "processed_for_delivery",
                    "imbStatus": "out_for_delivery",
                    "imbDate": "2026-11-20T15:04:05.000Z",
                    "imbZIPCode": "60614",
                },
                "sendoso": "Shipped",
                "lob": "Processed for Delivery",
            },
        },
    },
}
"""One of our own. For a type such as `postalytics.ProcessedForDelivery`, `data` also has `code`: `{"vocabulary":
"postalytics", "name": "ProcessedForDelivery", "number": 6}`; of other readers' words the number is null."""

POSTGRID: Body = {
    "id": "event_8d3xq1m5t0n7k",
    "object": "event",
    "type": "letter.updated",
    "live": True,
    "data": {
        "id": "letter_3xq1m8t0d5n7k",
        "object": "letter",
        "live": True,
        "status": "processed_for_delivery",
        "imbStatus": "out_for_delivery",
        "imbDate": "2026-11-20T15:04:05.000Z",
        "imbZIPCode": "60614",
        "sendDate": "2026-11-16T00:00:00.000Z",
        "mailingClass": "first_class",
        "to": {
            "id": "contact_5k0n7t8m1q3xd",
            "object": "contact",
            "live": True,
            "firstName": "Ann",
            "lastName": "Lee",
            "companyName": "Lee & Daughters",
            "email": "ann@example.com",
            "phoneNumber": "+1 312 555 0142",
            "addressLine1": "210 W Armitage Ave",
            "addressLine2": "Apt 4",
            "city": "Chicago",
            "provinceOrState": "IL",
            "postalOrZip": "60614-1234",
            "countryCode": "US",
            "addressStatus": "verified",
            "createdAt": "2026-11-15T18:20:00.000Z",
            "updatedAt": "2026-11-15T18:20:00.000Z",
        },
        "from": {
            "id": "contact_2m6v9x4t1h7kd",
            "object": "contact",
            "live": True,
            "companyName": "Harbor & Vale Insurance",
            "addressLine1": "1 Harbor Sq",
            "city": "Boston",
            "provinceOrState": "MA",
            "postalOrZip": "02110",
            "countryCode": "US",
            "addressStatus": "verified",
            "createdAt": "2026-11-15T18:20:00.000Z",
            "updatedAt": "2026-11-15T18:20:00.000Z",
        },
        "size": "us_letter",
        "color": False,
        "doubleSided": False,
        "addressPlacement": "top_first_page",
        "envelope": "standard",
        "carrierTracking": {"expectedDelivery": "2026-11-20"},
        "metadata": {"policy": "HV-771204", "region": 3},
        "createdAt": "2026-11-15T18:20:00.000Z",
        "updatedAt": "2026-11-20T15:31:40.000Z",
    },
    "updatedFields": {
        "imbStatus": "out_for_delivery",
        "imbDate": "2026-11-20T15:04:05.000Z",
        "imbZIPCode": "60614",
    },
    "createdAt": "2026-11-20T15:31:40.218Z",
}
"""One of PostGrid's."""
