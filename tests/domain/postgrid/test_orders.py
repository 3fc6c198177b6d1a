"""A mail piece as an order of PostGrid."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from sendtrail.domain.events import Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.postgrid.orders import CHANGING, changes, changing, order, visit
from sendtrail.domain.trail import Event
from tests.domain.trails import any_trail, at, event, trail

US = Facts(Kind.LETTER, "usps")
SEND: dict[str, Any] = {
    "id": "letter_1", "kind": "letter", "live": True, "to": {"name": "Ann", "postal_code": "60614"}, "from": None,
    "send_date": None, "day": date(2026, 3, 2), "created_at": at("03-02 09:00"), "mailing_class": "first_class",
    "extra_service": "", "tracking_number": "", "metadata": None,
}  # fmt: skip


def test_an_order_has_what_is_known_of_the_piece_and_nothing_else() -> None:
    made = order(SEND, trail("03-02 09:00 created", "03-04 10:00 in_transit scanned 60614"), US)

    assert made == {
        "id": "letter_1",
        "object": "letter",
        "live": True,
        "status": "processed_for_delivery",
        "imbStatus": "entered_mail_stream",
        "imbDate": "2026-03-04T10:00:00.000Z",
        "imbZIPCode": "60614",
        "sendDate": "2026-03-02T00:00:00.000Z",
        "mailingClass": "first_class",
        "to": {"object": "contact", "firstName": "Ann", "postalOrZip": "60614", "countryCode": "US"},
        "createdAt": "2026-03-02T09:00:00.000Z",
        "updatedAt": "2026-03-04T10:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("send", "wanted"),
    [
        ({"extra_service": "certified"}, {"mailingClass": "certified"}),
        ({"mailing_class": "marketing"}, {"mailingClass": "standard_class"}),
        ({"mailing_class": "lettermail"}, {"mailingClass": "ca_post_lettermail"}),
        ({"mailing_class": "usps_eddm"}, {"mailingClass": "usps_eddm"}),
        ({"send_date": date(2026, 4, 1)}, {"sendDate": "2026-04-01T00:00:00.000Z"}),
        ({"tracking_number": "9400"}, {"trackingNumber": "9400"}),
        ({"metadata": {"a": 1}}, {"metadata": {"a": 1}}),
        (
            {"from": {"company": "Acme", "country": "CA"}},
            {"from": {"object": "contact", "companyName": "Acme", "countryCode": "CA"}},
        ),
    ],
)
def test_what_was_asked_for_stands_in_postgrids_words(send: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert wanted.items() <= order(SEND | send, trail("03-02 09:00 created"), US).items()


@pytest.mark.parametrize(
    ("code", "detail", "cancellation"),
    [
        ("cancelled", {"reason": "Wrong year"}, {"reason": "user_initiated", "note": "Wrong year"}),
        ("failed", None, {"reason": "invalid_content"}),
        ("printed", None, None),
    ],
)
def test_a_cancelled_order_says_why(code: str, detail: dict[str, object] | None, cancellation: object) -> None:
    last = event(f"03-03 09:00 {code}", 2, detail)

    assert order(SEND, [*trail("03-02 09:00 created"), last], US).get("cancellation") == cancellation


@given(any_trail(Kind.LETTER).filter(bool))
def test_what_was_shown_with_its_changes_is_what_is_shown(events: list[Event]) -> None:
    before: dict[str, Any] = dict.fromkeys(CHANGING)
    for seen in range(1, len(events) + 1):
        now = changing(order(SEND, events[:seen], US))
        assert before | changes(before, now) == now
        before = now
    assert changes(before, before) == {}


def test_a_visit_belongs_to_its_order_and_keeps_the_address_of_nobody() -> None:
    made = visit("tracker_visit_1", "link_1", SEND, "phone", "2026-03-05T00:00:00.000Z")

    assert (made["orderID"], made["tracker"], made["device"]) == ("letter_1", "link_1", "phone")
    assert "ipAddress" not in made
