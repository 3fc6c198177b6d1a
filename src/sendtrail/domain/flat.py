"""A notification in one level, for tools that map fields by name: Zapier, n8n, a row of a sheet, a property in a CRM.

The fields are the same for every type, so that what somebody mapped once stays mapped; what does not apply is None.
Beside them stands each entry of the send's metadata, as `metadata_` and its key.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from sendtrail.domain.deliveries import SUBJECTS
from sendtrail.domain.postgrid.orders import CONTACT, addressed

Flat = dict[str, Any]

_ADDRESS = (
    "name", "company", "email", "phone", "address_line1", "address_line2", "city", "state", "postal_code", "country",
)  # fmt: skip
FIELDS = (
    "id", "type", "event", "code", "occurred_at", "created_at", "sequence", "live", "evidence", "source", "status",
    "status_label", "status_changed", "current", "previous_status", "updated_fields", "send_id", "kind", "campaign_id",
    "campaign",
    *(f"to_{name}" for name in _ADDRESS), "external_id", "tags", "sender", "carrier", "tracking_number", "tracking_url",
    "vendor", "vendor_id", "expected_delivery", "mailing_class", "place_facility", "place_city", "place_state",
    "place_zip", "device", "visit_country", "visit_region", "organization",
)  # fmt: skip
"""In this order, always all of them. `event`: its label, or a reader's word for it; `code`: Postalytics' number;
`occurred_at`, `created_at`: UTC with milliseconds; `current`: this is where the send stood then, and not a scan that
came late; `tags`, `updated_fields`: joined by commas."""
_NONE: Flat = dict.fromkeys(FIELDS)


def flat(body: Mapping[str, Any]) -> Flat:
    """One level of a notification's body (domain/notice_bodies.py, either shape) as JSON gives it back.

    What is made up says so here too: `sample`, which nothing else has.
    """
    told = _of_postgrid(body) if body.get("object") == "event" else _of_ours(body)
    return told | {"sample": True} if body.get("sample") else told


def _of_ours(body: Mapping[str, Any]) -> Flat:
    data = body["data"]
    event, send, code = data["event"], data["send"], data.get("code") or {}
    place, response = event["place"] or {}, event.get("response") or {}
    campaign, before = send["campaign"] or {}, data["previous_status"] or {}
    return {
        **_NONE,
        "id": body["id"],
        "type": body["type"],
        "event": code.get("name") or event["label"],
        "code": code.get("number"),
        "occurred_at": body["timestamp"],
        "created_at": body["created_at"],
        "sequence": body["sequence"],
        "live": body["live"],
        "evidence": event["evidence"],
        "source": event["source"],
        "status": send["status"]["code"],
        "status_label": send["status"]["label"],
        "status_changed": data["status_changed"],
        "current": _is_current(data),
        "previous_status": before.get("code"),
        "updated_fields": _joined(data["updated_fields"]),
        "send_id": send["id"],
        "kind": send["kind"],
        "campaign_id": campaign.get("id"),
        "campaign": campaign.get("name"),
        **{f"to_{name}": send["to"].get(name, "US" if name == "country" else "") for name in _ADDRESS},
        "external_id": send["external_id"],
        "tags": ",".join(send["tags"]),
        "sender": send["sender"],
        "carrier": send["carrier"],
        "tracking_number": send["tracking_number"],
        "tracking_url": send["tracking_url"],
        "vendor": send["vendor"],
        "vendor_id": send["vendor_id"],
        "expected_delivery": send["expected_delivery"],
        "mailing_class": send["mailing_class"],
        "place_facility": place.get("facility"),
        "place_city": place.get("city"),
        "place_state": place.get("state"),
        "place_zip": place.get("zip"),
        "device": response.get("device"),
        "visit_country": response.get("country"),
        "visit_region": response.get("region"),
        "organization": body["organization"]["name"],
        **_metadata(send["metadata"]),
    }


def _of_postgrid(body: Mapping[str, Any]) -> Flat:
    """An event of PostGrid says less: not who knows, nor how."""
    data, kind = body["data"], body["type"].partition(".")[0]
    told = {
        **_NONE,
        "id": body["id"],
        "type": body["type"],
        "event": body["type"],
        "occurred_at": body["createdAt"],
        "created_at": body["createdAt"],
        "live": body["live"],
        "current": True,
        "updated_fields": _joined(body["updatedFields"]),
    }
    if kind == "tracker":
        return told | {"send_id": data["orderID"], "device": data["device"]}
    status = data["status"]
    told |= {"kind": kind, "status": status, "status_label": status and status.replace("_", " ").capitalize()}
    if kind == "campaign":
        told |= {"campaign_id": data["id"], "campaign": data.get("description")}
    if kind in SUBJECTS:
        return told | _metadata(data.get("metadata"))
    to = addressed(data["to"])
    return {
        **told,
        "send_id": data["id"],
        **{f"to_{name}": to.get(theirs, "") for name, theirs in CONTACT.items()},
        "to_country": data["to"]["countryCode"],
        "tracking_number": data.get("trackingNumber", ""),
        "mailing_class": data["mailingClass"],
        **_metadata(data.get("metadata")),
    }


def _is_current(data: Mapping[str, Any]) -> bool:
    """Whether what is told is where the send stands: the very event of its status, or the word that a reader has for
    it now. Visits, goals and changes are no places to stand at, and always the latest."""
    event, send, code = data["event"], data["send"], data.get("code")
    if event.get("response") or data["updated_fields"] is not None or (data["status_changed"] and not code):
        return True
    if code:
        word = send["vocabularies"].get(code["vocabulary"])
        if code["name"] == (word["name"] if isinstance(word, dict) else word):
            return True
    status = send["status"]
    return event["code"] == status["code"] and _moment(event["occurred_at"]) == _moment(status["since"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _joined(names: Any) -> str | None:
    return None if names is None else ",".join(names)


def _metadata(metadata: Mapping[str, Any] | None) -> Flat:
    """Texts, numbers and truths as they are; what has parts as JSON."""
    return {
        f"metadata_{key}": msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value
        for key, value in (metadata or {}).items()
    }
