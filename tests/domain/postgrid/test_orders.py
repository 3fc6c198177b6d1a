"""A mail piece as an order of PostGrid."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given

from sendtrail.domain.events import Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.ids import Ids
from sendtrail.domain.pieces import Cheque, Making
from sendtrail.domain.postgrid.orders import CHANGING, Piece, changes, changing, of_send, order, send_of
from sendtrail.domain.trail import Event
from tests.domain.trails import any_trail, at, event, trail

IDS = Ids(bytes(32))
US = Facts(Kind.LETTER, "usps")
SEND: dict[str, Any] = {
    "id": IDS.encode("letter", 1), "kind": "letter", "live": True, "to": {"name": "Ann", "postal_code": "60614"},
    "from": None,
    "send_date": None, "day": date(2026, 3, 2), "created_at": at("03-02 09:00"), "mailing_class": "first_class",
    "extra_service": "", "tracking_number": "", "carrier": "", "tracking_url": "", "expected_delivery": None,
    "metadata": None,
}  # fmt: skip


def test_an_order_has_what_is_known_of_the_piece_and_nothing_else() -> None:
    made = order(SEND, trail("03-02 09:00 created", "03-04 10:00 in_transit scanned 60614"), US, IDS)

    ours = {"object": "contact", "live": True, "countryCode": "US", "addressStatus": "verified"}
    times = {"createdAt": "2026-03-02T09:00:00.000Z", "updatedAt": "2026-03-02T09:00:00.000Z"}
    assert made == {
        "id": SEND["id"],
        "object": "letter",
        "live": True,
        "status": "processed_for_delivery",
        "imbStatus": "entered_mail_stream",
        "imbDate": "2026-03-04T10:00:00.000Z",
        "imbZIPCode": "60614",
        "sendDate": "2026-03-02T00:00:00.000Z",
        "mailingClass": "first_class",
        "to": {
            **ours,
            **times,
            "id": IDS.encode("contact", of_send(1)),
            "firstName": "Ann",
            "addressLine1": "",
            "postalOrZip": "60614",
        },
        "from": {**ours, **times, "id": IDS.encode("contact", of_send(1, sender=True)), "addressLine1": ""},
        "size": "us_letter",
        "color": False,
        "doubleSided": False,
        "addressPlacement": "top_first_page",
        "envelope": "standard",
        "createdAt": "2026-03-02T09:00:00.000Z",
        "updatedAt": "2026-03-04T10:00:00.000Z",
    }


def test_a_number_of_a_contact_says_whether_it_is_a_sends_own() -> None:
    assert [send_of(of_send(7)), send_of(of_send(7, sender=True)), send_of(7)] == [(7, False), (7, True), None]


def test_a_piece_shows_how_it_is_made() -> None:
    cheque = Cheque(1250, "CAD", 3, number=7, memo="Rent", digital_only={"watermark": "Copy"})
    making = Making(size="us_legal", templates={"letter_template": 4}, merge_variables={"a": 1}, cheque=cheque)
    contact = {"id": "contact_1", "firstName": "Ann", "lastName": "Lee", "postalOrZip": "60614", "countryCode": "US"}
    made = order(
        SEND | {"kind": "cheque", "extra_service": "certified", "mailing_class": "first_class"},
        trail("03-02 09:00 created"),
        US,
        IDS,
        Piece(making, "About rent", to=contact, return_envelope=5),
    )

    wanted = {
        "amount": 1250, "currencyCode": "CAD", "number": 7, "memo": "Rent", "digitalOnly": {"watermark": "Copy"},
        "bankAccount": IDS.encode("bank_account", 3), "letterTemplate": IDS.encode("template", 4),
        "returnEnvelope": IDS.encode("return_envelope", 5), "size": "us_legal", "mergeVariables": {"a": 1},
        "description": "About rent", "to": contact, "extraService": "certified", "mailingClass": "certified",
    }  # fmt: skip
    assert wanted.items() <= made.items()
    assert changing(made)["to"] == {"firstName": "Ann Lee", "postalOrZip": "60614", "countryCode": "US"}


def test_only_a_postcard_can_be_from_nobody() -> None:
    assert [
        "from" in order(SEND | {"kind": kind, "id": IDS.encode(kind, 1)}, trail("03-02 09:00 created"), US, IDS)
        for kind in ("postcard", "self_mailer", "cheque")
    ] == [False, True, True]


@pytest.mark.parametrize(
    ("send", "wanted"),
    [
        ({"extra_service": "certified"}, {"mailingClass": "certified", "extraService": "certified"}),
        ({"mailing_class": "marketing"}, {"mailingClass": "standard_class"}),
        ({"mailing_class": "lettermail"}, {"mailingClass": "ca_post_lettermail"}),
        ({"mailing_class": "usps_eddm"}, {"mailingClass": "usps_eddm"}),
        ({"send_date": date(2026, 4, 1)}, {"sendDate": "2026-04-01T00:00:00.000Z"}),
        (
            {"tracking_number": "9400", "carrier": "dhl", "expected_delivery": date(2026, 3, 9)},
            {
                "trackingNumber": "9400",
                "carrierTracking": {"carrier": "dhl", "trackingNumber": "9400", "expectedDelivery": "2026-03-09"},
            },
        ),
        ({"metadata": {"a": 1}}, {"metadata": {"a": 1}}),
    ],
)
def test_what_was_asked_for_stands_in_postgrids_words(send: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert wanted.items() <= order(SEND | send, trail("03-02 09:00 created"), US, IDS).items()


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

    assert order(SEND, [*trail("03-02 09:00 created"), last], US, IDS).get("cancellation") == cancellation


def test_an_order_was_updated_when_the_latest_became_known() -> None:
    at_nine = at("03-02 09:00")
    send = SEND | {"created_at": at_nine + timedelta(milliseconds=120)}
    events = [
        replace(event(f"03-02 09:00 {code}"), recorded_at=at_nine, occurred_at=at_nine + timedelta(milliseconds=ms))
        for code, ms in (("created", 120), ("addressed", -999_000), ("printed", 480), ("handed_over", 1_000))
    ]
    late = replace(events[1], recorded_at=at_nine + timedelta(seconds=2))

    shown = [order(send, some, US, IDS)["updatedAt"] for some in (events[:1], events[:2], events[:3], events)]

    assert [each[17:23] for each in shown] == ["00.120", "00.120", "00.480", "00.480"]
    assert order(send, [*events, late], US, IDS)["updatedAt"][17:23] == "02.000"


@given(any_trail(Kind.LETTER).filter(bool))
def test_what_was_shown_with_its_changes_is_what_is_shown(events: list[Event]) -> None:
    before: dict[str, Any] = dict.fromkeys(CHANGING)
    for seen in range(1, len(events) + 1):
        shown = order(SEND, events[:seen], US, IDS)
        now = changing(shown)
        assert before | changes(before, now, shown) == now | ({"to": shown["to"]} if seen == 1 else {})
        before = now
    assert changes(before, before, shown) == {}
