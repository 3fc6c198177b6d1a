"""Each vendor's documented messages end in the right observations, with honest evidence; and none breaks the reader."""

import io
import json
import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, EVENT_TYPES, Evidence, Kind
from sendtrail.domain.packing import ITEM, to_ms
from sendtrail.domain.send import settle
from sendtrail.domain.wordings import fitting
from sendtrail.feeds.vendors import sendoso
from sendtrail.feeds.vendors.catalogue import VENDORS
from sendtrail.feeds.vendors.reader import read
from tests.feeds.vendors import saying
from tests.feeds.vendors.saying import NOW, PARCEL, checkpoint, detail, say, tracked

CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
LETTER = "lob:ltr_4868c3b754655f90"
ORDER = "postgrid:letter_4nQBVsYx3bsYzQEgTk5BpV"


def certified(event: str, *, act: bool = True) -> dict[str, Any]:
    details = {"event": event, "description": "Told by USPS", "notes": "", "action_required": act}
    return tracked("Issue", "2026-03-04T09:00:00Z", type="certified", details=details)


@pytest.mark.parametrize(
    ("format", "body", "steps"),
    [
        ("lob", saying.lob("letter.created"), [("created", "reported")]),
        ("lob", saying.lob("postcard.rejected"), [("failed", "reported")]),
        ("lob", saying.lob("letter.rendered_pdf"), [("rendered", "reported")]),
        ("lob", saying.lob("letter.rendered_thumbnails"), []),
        ("lob", saying.lob("letter.deleted"), [("cancelled", "reported")]),
        ("lob", saying.lob("letter.mailed"), [("handed_over", "reported")]),
        ("lob", saying.lob("letter.in_local_area"), [("in_local_area", "reported")]),
        ("lob", saying.lob("self_mailer.processed_for_delivery"), [("out_for_delivery", "reported")]),
        ("lob", saying.lob("check.re-routed"), [("rerouted", "reported")]),
        ("lob", saying.lob("letter.returned_to_sender"), [("returned", "reported")]),
        ("lob", saying.lob("letter.delivered"), [("delivered", "logical")]),
        ("lob", saying.lob("letter.certified.delivered"), [("delivered", "reported")]),
        ("lob", saying.lob("letter.certified.pickup_available"), [("pickup_available", "reported")]),
        (
            "lob",
            saying.lob("letter.certified.issue", certified("delivery_attempted")),
            [("delivery_attempted", "reported")],
        ),
        ("lob", saying.lob("letter.certified.issue", certified("package_lost")), [("failed", "reported")]),
        ("lob", saying.lob("letter.certified.issue", certified("delayed", act=False)), [("in_transit", "reported")]),
        (
            "lob",
            saying.lob("letter.certified.issue", certified("contact_carrier")),
            [("delivery_attempted", "reported")],
        ),
        ("lob", saying.lob("letter.certified.issue", certified("address_issue")), [("delivery_attempted", "reported")]),
        ("lob", saying.lob("letter.certified.issue", certified("package_unclaimed")), [("returned", "reported")]),
        (
            "lob",
            saying.lob("letter.certified.issue", certified("package_undeliverable")),
            [("undeliverable", "reported")],
        ),
        ("lob", saying.lob("letter.international_exit"), [("in_transit", "reported")]),
        ("lob", saying.lob("letter.return_envelope.re_routed"), []),
        ("lob", saying.lob("letter.viewed"), [("link_opened", "reported")]),
        (
            "lob",
            saying.lob(
                "letter.in_local_area",
                tracked("In Transit", "2026-03-03T10:00:00Z"),
                tracked("In Local Area", "2026-03-04T10:00:00Z"),
            ),
            [("in_transit", "reported"), ("in_local_area", "reported")],
        ),
        ("postgrid", saying.postgrid("letter.created", status="ready"), [("created", "reported")]),
        ("postgrid", saying.postgrid(changed=["status"], status="printing"), [("in_production", "reported")]),
        ("postgrid", saying.postgrid(changed=["status"]), [("handed_over", "reported")]),
        ("postgrid", saying.postgrid(changed=["status"], status="completed"), [("delivered", "inferred")]),
        ("postgrid", saying.postgrid(changed=["url"]), []),
        ("postgrid", saying.postgrid(changed={"description": "x"}), []),
        ("postgrid", saying.postgrid(changed={"url": "x"}, imbStatus="out_for_delivery"), []),
        (
            "postgrid",
            saying.postgrid(changed={"status": "printing"}, status="printing"),
            [("in_production", "reported")],
        ),
        (
            "postgrid",
            saying.postgrid(
                changed=["status", "cancellation"],
                status="cancelled",
                cancellation={"reason": "invalid_content", "note": "No text"},
            ),
            [("failed", "reported")],
        ),
        (
            "postgrid",
            saying.postgrid(changed=["imbStatus"], imbStatus="entered_mail_stream", imbDate="2026-03-03T02:00:00Z"),
            [("scanned", "reported")],
        ),
        (
            "postgrid",
            saying.postgrid(changed=["imbStatus"], imbStatus="returned_to_sender", imbDate="2026-03-09T02:00:00Z"),
            [("returned", "reported")],
        ),
        ("postgrid", saying.postgrid("campaign.updated"), []),
        ("postgrid", saying.postgrid("tracker.visited", orderID="letter_1"), [("link_opened", "reported")]),
        ("stannp", saying.stannp({"id": 1, "status": "dispatched"}), [("handed_over", "reported")]),
        ("stannp", saying.stannp({"id": 1, "status": "local_delivery"}), [("out_for_delivery", "reported")]),
        (
            "stannp",
            saying.stannp({"id": 1, "status": "delivered"}, {"id": 2, "status": "returned"}),
            [("delivered", "inferred"), ("returned", "reported")],
        ),
        ("stannp", {"webhook_id": 0, "event": "test_url", "created": "2026-03-04 08:00:00", "retries": 0}, []),
        ("postalytics", saying.postalytics(0), [("rendered", "reported")]),
        ("postalytics", saying.postalytics(11), [("scanned", "reported")]),
        ("postalytics", saying.postalytics(11, to={"name": "A", "country": "Canada"}), [("handed_over", "reported")]),
        ("postalytics", saying.postalytics("ProcessedForDelivery"), [("out_for_delivery", "reported")]),
        ("postalytics", saying.postalytics(2), [("rerouted", "reported")]),
        ("postalytics", saying.postalytics(3), [("returned", "reported")]),
        ("postalytics", saying.postalytics(8), [("goal_reached", "reported")]),
        (
            "sendoso.delivered",
            {"send_gid": "g1", "status_changed_at": "2026-03-04T08:00:00Z"},
            [("delivered", "reported")],
        ),
        (
            "sendoso.send.redeemed",
            {"send_gid": "g1", "status_changed_at": "2026-03-04T08:00:00Z"},
            [("redeemed", "reported")],
        ),
        (
            "easypost",
            saying.easypost(
                detail("pre_transit", "2026-03-01T10:00:00Z"),
                detail("in_transit", "2026-03-02T10:00:00Z"),
                detail("in_transit", "2026-03-03T10:00:00Z", status_detail="received_at_destination_facility"),
                detail("out_for_delivery", "2026-03-04T10:00:00Z"),
                detail("failure", "2026-03-04T18:00:00Z", status_detail="delayed"),
                detail("delivered", "2026-03-05T10:00:00Z"),
            ),
            [
                ("in_transit", "reported"),
                ("in_local_area", "reported"),
                ("out_for_delivery", "reported"),
                ("delivery_attempted", "reported"),
                ("delivered", "reported"),
            ],
        ),
        ("easypost", {"description": "batch.updated", "result": {"object": "Batch"}}, []),
        (
            "aftership",
            saying.aftership(
                checkpoint("InfoReceived", "2026-03-01T10:00:00"),
                checkpoint("InTransit", "2026-03-02T10:00:00"),
                checkpoint("AvailableForPickup", "2026-03-03T10:00:00-05:00"),
                checkpoint("Exception", "2026-03-04T10:00:00", subtag="Exception_011"),
                checkpoint("Exception", "2026-03-05T10:00:00", subtag="Exception_005", subtag_message="Delayed"),
            ),
            [
                ("in_transit", "reported"),
                ("pickup_available", "reported"),
                ("returned", "reported"),
                ("in_transit", "reported"),
            ],
        ),
        (
            "karrio",
            saying.karrio(
                {"date": "2026-03-04", "time": "09:10 AM", "description": "On vehicle", "location": "FR", "code": "OT"},
                {"date": "2026-03-02", "time": "13:58", "description": "Scan", "location": "FR", "code": "MP"},
            ),
            [("out_for_delivery", "reported")],
        ),
        (
            "karrio",
            saying.karrio({"date": "2026-03-02", "time": "13:58", "status": "on_hold"}, status="delivered"),
            [("in_transit", "reported")],
        ),
        ("karrio", {"event": "shipment_purchased", "data": {}}, []),
    ],
)
def test_what_a_vendor_says_becomes_what_it_means(format: str, body: object, steps: list[tuple[str, str]]) -> None:
    said = say(format, body)

    assert said.problems == []
    assert said.steps == steps


def test_all_of_a_piece_s_history_is_told_with_its_places() -> None:
    said = say(
        "lob",
        saying.lob(
            "letter.certified.issue",
            tracked("In Transit", "2026-03-03T10:00:00-05:00", "10199"),
            tracked("Mailed", "2026-03-02T10:00:00Z", None),
            certified("notice_left"),
        ),
    )

    assert said.told == [
        (LETTER, "in_transit", "2026-03-03T15:00:00Z", "reported", "vendor"),
        (LETTER, "handed_over", "2026-03-02T10:00:00Z", "reported", "vendor"),
        (LETTER, "delivery_attempted", "2026-03-04T09:00:00Z", "reported", "vendor"),
    ]
    assert [each.zip for each in said.observations] == [10199, 0, 94107]
    assert json.loads(said.observations[2].detail) == {
        "issue": "notice left",
        "note": "Told by USPS",
        "action_required": "yes",
    }


@pytest.mark.parametrize(
    ("format", "body", "name", "kind", "expected"),
    [
        ("lob", saying.lob(), LETTER, "letter", ("HARRY ZHANG", "94107-1741", "US", "Lob")),
        ("postgrid", saying.postgrid(), ORDER, "letter", ("Kevin Smith", "02114", "US", "PostGrid")),
        (
            "postalytics.postcard",
            saying.postalytics(),
            "postalytics:77110",
            "postcard",
            ("Ann Lee", "02114", "US", "Postalytics"),
        ),
        (
            "stannp",
            saying.stannp(
                {
                    "id": 9,
                    "status": "printing",
                    "type": "letter",
                    "address": "1 High St",
                    "postcode": "EX4 3LS",
                    "country": "GB",
                }
            ),
            "stannp:9",
            "letter",
            ("", "EX4 3LS", "GB", "Stannp"),
        ),
    ],
)
def test_where_the_recipient_is_told_a_send_can_be_made(
    format: str, body: object, name: str, kind: str, expected: tuple[str, ...]
) -> None:
    send = settle(say(format, body).sends[name])

    assert (send.to.name, send.to.postal_code, send.to.country, send.supplier) == expected
    assert (send.kind, f"{send.vendor}:{send.vendor_id}", send.cost_cents) == (kind, name, 0)


def test_a_made_send_keeps_day_class_and_metadata() -> None:
    lob = settle(say("lob", saying.lob(extra_service="certified")).sends[LETTER])
    postalytics = say("postalytics", saying.postalytics()).sends["postalytics:77110"]
    postgrid = settle(
        say("postgrid", saying.postgrid(trackingNumber=PARCEL, mailingClass="standard_class")).sends[ORDER]
    )

    assert (lob.send_date, lob.mailing_class, lob.extra_service) == (date(2026, 3, 1), "first_class", "certified")
    assert lob.metadata == {"order": "A-1"}
    assert (postalytics.metadata, postalytics.to.email) == ({"hubspot_id": "551"}, "ann@example.com")
    assert (postgrid.mailing_class, postgrid.tracking_number, postgrid.carrier) == ("marketing", PARCEL, "usps")


def test_the_day_of_delivery_that_is_expected_comes_with_what_is_newest() -> None:
    days = (date(2026, 3, 7) - date(2020, 1, 1)).days
    newest = detail("in_transit", "2026-03-03T10:00:00Z")
    history = say("easypost", saying.easypost(newest, detail("in_transit", "2026-03-02T10:00:00Z")))

    assert [each.expected for each in history.observations] == [days, 0]
    assert say("postalytics", saying.postalytics()).observations[0].expected == days
    lob = saying.lob("letter.mailed", tracked("Mailed", "2026-03-02T10:00:00Z"), expected_delivery_date="2026-03-07")
    assert [each.expected for each in say("lob", lob).observations] == [days]


def test_times_without_an_offset_are_of_the_place_else_of_the_organization_else_marked() -> None:
    here = say("aftership", saying.aftership(checkpoint("InTransit", "2026-03-02T10:00:00", zip="10001")))
    nowhere = say("aftership", saying.aftership(checkpoint("InTransit", "2026-03-02T10:00:00")))
    ours = say("stannp", saying.stannp({"id": 1, "status": "printing"}), zone="America/New_York")

    assert (here.told[0][2], here.observations[0].zoneless) == ("2026-03-02T15:00:00Z", False)
    assert (nowhere.told[0][2], nowhere.observations[0].zoneless) == ("2026-03-02T10:00:00Z", True)
    assert ours.told[0][2] == "2026-03-04T13:00:00Z"


def test_a_carrier_names_its_parcel_as_sends_keep_the_number() -> None:
    spaced = saying.easypost(detail("delivered", "2026-03-05T10:00:00Z"), tracking_code="9400 1118-9922 3387 6241 11")

    assert say("easypost", spaced).told == [(PARCEL, "delivered", "2026-03-05T10:00:00Z", "reported", "carrier")]


@pytest.mark.parametrize(
    ("format", "body", "reason"),
    [
        ("lob", b"[1]", "the body must be a JSON object"),
        ("lob", b"{", "the body must be a JSON object"),
        ("lob", b"\xff", "the body must be a JSON object"),
        ("lob", b"[" * 100_000, "the body must be a JSON object"),
        ("lob", {}, "event_type.id is missing, such as letter.in_transit"),
        ("lob", saying.lob("letter.teleported"), 'event_type.id "letter.teleported" is none that we know'),
        ("lob", saying.lob(id="") | {"reference_id": None}, "body.id is missing: it says which send is meant"),
        ("lob", saying.lob() | {"date_created": "soon"}, 'date_created "soon" is not a date'),
        ("lob", saying.lob() | {"date_created": "2031-01-01T00:00:00Z"}, "is more than 24 hours in the future"),
        (
            "lob",
            saying.lob("letter.mailed", tracked("Melted", "2026-03-03T10:00:00Z")),
            'name "Melted" is none that we know',
        ),
        (
            "postgrid",
            saying.postgrid() | {"live": False},
            "live says that this is of test mode, but these",
        ),
        ("postgrid", saying.postgrid("letter.delivered"), 'type "letter.delivered" is none that we know'),
        ("postgrid", saying.postgrid(changed=["status"], status="lost"), 'data.status "lost" is none of ready'),
        ("postgrid", b"no.token", "the body is neither JSON nor a JSON Web Token"),
        ("stannp", saying.stannp(), "mailpieces must be a list of objects with at least one in it"),
        ("stannp", saying.stannp({"id": 1, "status": "melted"}), 'status "melted" is none of received'),
        ("stannp", saying.stannp(event="recipient_events", events=[{"name": "scan"}]), "mailpiece_id is missing"),
        ("postalytics", saying.postalytics(1), 'eventType "1" is none of the numbers 0, 2, 3'),
        ("postalytics.parcel", saying.postalytics(), 'the address ends in "parcel"'),
        (
            "sendoso",
            {"send_gid": "g1"},
            "the address does not say what happened; it must end in one of amazon_fulfilling",
        ),
        ("sendoso.shipped", {"send_gid": "g1"}, "status_changed_at is missing"),
        ("easypost", saying.easypost(tracking_code=""), "tracking_code is missing: it says which parcel is meant"),
        ("easypost", saying.easypost() | {"mode": "test"}, "mode says that this is of test mode, but"),
        ("easypost", saying.easypost(detail("beamed", "2026-03-05T10:00:00Z")), 'status "beamed" is none of unknown'),
        ("aftership", saying.aftership(checkpoint("Beamed", "2026-03-05T10:00:00")), 'tag "Beamed" is none of Pending'),
        ("karrio", saying.karrio({"date": "", "time": ""}), "date is missing"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(format: str, body: object, reason: str) -> None:
    said = say(format, body)

    assert [reason in problem for problem in said.problems] == [True], said.problems


def test_one_bad_entry_keeps_no_other_from_being_taken() -> None:
    said = say("stannp", saying.stannp({"id": 1, "status": "melted"}, {"id": 2, "status": "printing"}, {"status": "x"}))

    assert said.steps == [("in_production", "reported")]
    assert len(said.problems) == 2


def test_a_recipient_that_makes_no_send_loses_nothing_of_what_is_said() -> None:
    said = say("lob", saying.lob(send_date="someday"))

    assert said.steps == [("in_transit", "reported")]
    assert (list(said.sends), len(said.problems)) == ([], 1)
    assert said.problems[0].startswith(f"no send is made of {LETTER}: ")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*VENDORS]), st.data())
@example("lob", None)
def test_no_message_breaks_the_reader(vendor: str, data: Any) -> None:
    good = {
        "lob": saying.lob("letter.certified.issue", certified("other")),
        "postgrid": saying.postgrid(imbStatus="out_for_delivery", imbDate="2026-03-03T02:00:00Z"),
        "stannp": saying.stannp({"id": 1, "status": "printing", "type": "letter", "address": "1 High St"}),
        "postalytics": saying.postalytics(),
        "sendoso": {"send_gid": "g1", "status_changed_at": "2026-03-04T08:00:00Z"},
        "easypost": saying.easypost(detail("delivered", "2026-03-05T10:00:00Z")),
        "aftership": saying.aftership(checkpoint("InTransit", "2026-03-02T10:00:00")),
        "karrio": saying.karrio({"date": "2026-03-02", "time": "13:58", "status": "in_transit"}),
    }[vendor]
    body = good if data is None else _spoilt(good, data)
    try:
        content = json.dumps(body).encode()
    except UnicodeEncodeError:
        return

    said = say(f"{vendor}.shipped" if vendor == "sendoso" else vendor, content)

    for each in said.observations:
        fields = ITEM.unpack(each.item)
        assert fields
        assert not CONTROLS.search(each.send + each.detail)
    assert not any(CONTROLS.search(problem) for problem in said.problems)


def _spoilt(value: Any, data: Any) -> Any:
    """The message with one of its values replaced by anything."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        return value | {key: _spoilt(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(value) - 1))
        return [*value[:place], _spoilt(value[place], data), *value[place + 1 :]]
    return data.draw(values)


def test_every_type_of_sendoso_means_something_that_a_gift_or_an_egift_can_be() -> None:
    assert len(sendoso.TYPES) == 28
    for code in sendoso.TYPES.values():
        type_ = BY_CODE_AND_EVIDENCE[code, Evidence.REPORTED]
        assert type_.kinds & {Kind.GIFT, Kind.EGIFT}


def test_what_happened_is_said_in_the_words_of_the_kind_of_send() -> None:
    shipped = (
        say("sendoso.shipped", {"send_gid": "g", "status_changed_at": "2026-03-04T08:00:00Z"}).observations[0].item
    )
    code_of = {each.id: each.code for each in EVENT_TYPES}

    told = {kind: fitting(shipped, kind) for kind in Kind}

    assert {kind.word: item and code_of[ITEM.unpack(item)["sub"]] for kind, item in told.items()} == {
        "letter": "handed_over",
        "postcard": "handed_over",
        "cheque": "handed_over",
        "self_mailer": "handed_over",
        "gift": "shipped",
        "egift": None,
    }


def test_what_is_refused_of_a_history_is_told_by_its_own_number() -> None:
    told = saying.aftership(checkpoint("Beamed", "2026-03-05T10:00:00"), checkpoint("InTransit", "soon"))
    content = json.dumps(told).encode()
    batches = read(io.BytesIO(content), "aftership", now_ms=to_ms(NOW), zone=ZoneInfo("UTC"), live=True)

    assert [problem.line for batch in batches for problem in batch.problems] == [1, 2]
