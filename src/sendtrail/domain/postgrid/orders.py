"""A mail piece as an order of PostGrid, and a visit of its link as one of a tracker, in the words of its client.

What Sendtrail does not know of a piece is left out rather than made up: of one that is produced elsewhere its size,
its paper and its content; of an address whether somebody verified it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sendtrail.domain.facts import Facts
from sendtrail.domain.notice_bodies import stamp
from sendtrail.domain.trail import Trail, status
from sendtrail.domain.vocabularies.postgrid import tell

Order = dict[str, Any]

CHANGING = ("status", "imbStatus", "imbDate", "imbZIPCode", "sendDate", "to", "trackingNumber", "cancellation")
"""The fields of an order that can become others. `updatedAt` goes with them and is not named."""
CONTACT = {
    "name": "firstName",
    "company": "companyName",
    "email": "email",
    "phone": "phoneNumber",
    "address_line1": "addressLine1",
    "address_line2": "addressLine2",
    "city": "city",
    "state": "provinceOrState",
    "postal_code": "postalOrZip",
}
_CLASSES = {
    "marketing": "standard_class",
    "priority": "express",
    "lettermail": "ca_post_lettermail",
    "personalized": "ca_post_personalized",
    "neighbourhood_mail": "ca_post_neighbourhood_mail",
}
"""Ours that PostGrid calls otherwise."""
_REASONS = {"cancelled": "user_initiated", "failed": "invalid_content"}


def order(send: Mapping[str, Any], trail: Trail, facts: Facts) -> Order:
    """A mail piece as an order. `send`: as the API shows it; `trail`: the events so far, one at least."""
    told = {name: value for name, value in tell(trail, facts).items() if value is not None}
    cancellation = _cancellation(trail, told.get("status", ""))
    return {
        "id": send["id"],
        "object": send["kind"],
        "live": send["live"],
        **told,
        "sendDate": _midnight(send["send_date"] or send["day"]),
        "mailingClass": send["extra_service"] or _CLASSES.get(send["mailing_class"], send["mailing_class"]),
        "to": _contact(send["to"]),
        **({"from": _contact(send["from"])} if send["from"] else {}),
        **({"trackingNumber": send["tracking_number"]} if send["tracking_number"] else {}),
        **({"cancellation": cancellation} if cancellation else {}),
        **({"metadata": send["metadata"]} if send["metadata"] is not None else {}),
        "createdAt": stamp(send["created_at"]),
        "updatedAt": stamp(max(event.recorded_at for event in trail)),
    }


def changing(of: Order) -> Order:
    """Those of its fields that can become others, None where it has none: what two orders are compared by."""
    return {name: of.get(name) for name in CHANGING}


def changes(before: Order, now: Order) -> Order:
    """Each field that became another, with what it is now; both as `changing` gives them."""
    return {name: value for name, value in now.items() if value != before.get(name)}


def visit(visit_id: str, link_id: str | None, send: Mapping[str, Any], device: str, at: str) -> Order:
    """A visit of a piece's link as one of a tracker. PostGrid's has the visitor's address too, which stays here."""
    return {
        "id": visit_id,
        "object": "tracker_visit",
        "live": send["live"],
        "tracker": link_id,
        "orderID": send["id"],
        "device": device,
        "createdAt": at,
        "updatedAt": at,
    }


def _cancellation(trail: Trail, order_status: str) -> dict[str, str] | None:
    if order_status != "cancelled":
        return None
    code = status(trail).code
    last = next((event for event in reversed(trail) if event.code == code), None)
    detail = (last.detail if last else None) or {}
    note = str(detail.get("reason") or detail.get("note") or "")
    return {"reason": _REASONS.get(code, "user_initiated"), **({"note": note} if note else {})}


def _contact(address: Mapping[str, str]) -> dict[str, str]:
    """The whole name stands as the first one: what people are called does not split by rule."""
    known = {theirs: address[ours] for ours, theirs in CONTACT.items() if address.get(ours)}
    return {"object": "contact", **known, "countryCode": address.get("country") or "US"}


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"
