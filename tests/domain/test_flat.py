"""Notifications in one level and in words."""

import copy
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sendtrail.domain import notices
from sendtrail.domain.flat import FIELDS, flat
from sendtrail.domain.messages import chat_line, line, text
from sendtrail.domain.notice_bodies import NATIVE, POSTGRID, Body, Told
from sendtrail.domain.notice_samples import made_up


def changed(body: Body, **send: object) -> Body:
    """An example of ours with other things said of its send."""
    new = copy.deepcopy(body)
    new["data"]["send"] |= send
    return new


def told_as(reader: str, word: str) -> Body:
    """Our example in a reader's word."""
    code = {"vocabulary": reader, "name": word, "number": None}
    return {**NATIVE, "type": f"{reader}.{word}", "data": {**NATIVE["data"], "code": code}}


@pytest.mark.parametrize("body", [NATIVE, POSTGRID, changed(NATIVE, to={"name": "Bo"}, campaign=None)])
def test_every_body_has_the_same_fields_in_one_level(body: Body) -> None:
    told = flat(body)

    assert tuple(told)[: len(FIELDS)] == FIELDS
    assert not any(isinstance(value, dict | list) for value in told.values())


def test_a_body_of_ours_says_what_happened_to_whose_mail() -> None:
    told = flat(NATIVE)

    assert (told["event"], told["code"], told["status"]) == ("Out for delivery", None, "out_for_delivery")
    assert (told["to_email"], told["external_id"], told["tags"]) == (
        "ann@example.com",
        "crm-20418",
        "new-customer,north",
    )
    assert (told["place_city"], told["previous_status"], told["sequence"]) == ("CHICAGO", "in_local_area", 7)
    assert (told["metadata_policy"], told["metadata_region"]) == ("HV-771204", 3)


def test_a_readers_word_takes_the_place_of_the_label() -> None:
    body = copy.deepcopy(NATIVE)
    body["data"]["code"] = {"vocabulary": "postalytics", "name": "ProcessedForDelivery", "number": 6}

    assert (flat(body)["event"], flat(body)["code"]) == ("ProcessedForDelivery", 6)


def told_of(event: Body, code: Body | None = None, **more: object) -> Body:
    """An example of a send that is out for delivery, told by another event."""
    body = changed(NATIVE)
    body["data"] |= {"status_changed": False, "previous_status": None, **more, **({"code": code} if code else {})}
    body["data"]["event"] |= event
    return body


LATE = {"code": "in_transit", "occurred_at": "2026-11-18T08:00:00Z"}


@pytest.mark.parametrize(
    ("body", "current"),
    [
        (NATIVE, True),
        (POSTGRID, True),
        (told_of(LATE), False),
        (told_of(LATE, {"vocabulary": "postalytics", "name": "InTransit", "number": 4}), False),
        (told_of(LATE, {"vocabulary": "postalytics", "name": "ProcessedForDelivery", "number": 6}), True),
        (told_of(LATE, {"vocabulary": "lob", "name": "In Transit", "number": None}), False),
        (told_of(LATE, {"vocabulary": "lob", "name": "Processed for Delivery", "number": None}), True),
        (told_of({}, {"vocabulary": "postalytics", "name": "Mailed", "number": 11}), True),
        (told_of({"occurred_at": "2026-11-20T09:04:05-06:00"}), True),
        (told_of({"occurred_at": "2026-11-19T15:04:05Z"}), False),
        (told_of({"code": "link_opened", "response": {"device": "phone"}}), True),
        (told_of({"code": "updated"}, updated_fields=["to.name"]), True),
        (told_of(LATE, status_changed=True), True),
    ],
)
def test_it_says_whether_it_is_the_latest_word_on_its_send(body: Body, current: bool) -> None:
    assert flat(body)["current"] is current


@pytest.mark.parametrize("type_", notices.TYPES)
def test_what_is_made_up_is_the_latest_word(type_: str) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert flat(made_up(Told("event_1", type_, now, now, 1, live=True), NATIVE["organization"]))["current"] is True


@pytest.mark.parametrize("body", [NATIVE, POSTGRID])
def test_what_is_made_up_says_says_so_and_nothing_else_does(body: Body) -> None:
    assert flat({**body, "sample": True}) == {**flat(body), "sample": True}
    assert "sample" not in flat(body)


def test_metadata_with_parts_becomes_json() -> None:
    assert flat(changed(NATIVE, metadata={"a": [1, {"b": 2}]}))["metadata_a"] == '[1,{"b":2}]'


def test_an_order_of_postgrid_is_told_by_the_same_fields() -> None:
    told = flat(POSTGRID)

    assert (told["send_id"], told["kind"], told["to_name"]) == ("letter_3xq1m8t0d5n7k", "letter", "Ann Lee")
    assert (told["status_label"], told["updated_fields"]) == ("Processed for delivery", "imbStatus,imbDate,imbZIPCode")


def test_people_read_a_line_and_a_short_text() -> None:
    assert line(NATIVE) == "Out for delivery: letter to Ann Lee (Welcome kit)"
    assert text(NATIVE, "https://mail.example.com/sends/letter_3xq1m8t0d5n7k").splitlines() == [
        "Out for delivery: letter to Ann Lee (Welcome kit)",
        "",
        "When: 20 November 2026, 15:04 UTC, LINCOLN PARK, CHICAGO IL 60614",
        "How we know: scanned",
        "Status: Out for delivery (it was in local area)",
        "Expected delivery: 20 November 2026",
        "To: Ann Lee, Lee & Daughters, ann@example.com",
        "Your reference: crm-20418",
        "Send: https://mail.example.com/sends/letter_3xq1m8t0d5n7k",
    ]


def updated(**fields: object) -> Body:
    """PostGrid's example with other things that became others."""
    return {**POSTGRID, "data": {**POSTGRID["data"], **fields}, "updatedFields": fields}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (POSTGRID, "Out for delivery (PostGrid letter updated)"),
        (updated(imbDate="2026-11-21T15:04:05.000Z"), "Out for delivery (PostGrid letter updated)"),
        (updated(imbStatus="returned_to_sender"), "Returned to sender (PostGrid letter updated)"),
        (updated(status="completed", imbZIPCode="60614"), "Completed (PostGrid letter updated)"),
        (updated(status="printing"), "Printing (PostGrid letter updated)"),
        (updated(trackingNumber="9400"), "Changed (PostGrid letter updated)"),
        (POSTGRID | {"type": "self_mailer.created", "updatedFields": None}, "Created (PostGrid self mailer created)"),
        (told_as("stannp", "local_delivery"), "Local delivery (Stannp)"),
        (told_as("sendoso", "Shipped"), "Shipped (Sendoso)"),
        (told_as("lob", "Re-Routed"), "Re-routed (Lob)"),
        (told_as("postalytics", "ProcessedForDelivery"), "Processed for delivery (Postalytics)"),
        (told_as("postalytics", "ReRouted"), "Rerouted (Postalytics)"),
        (told_as("postalytics", "pURLOpened"), "pURL opened (Postalytics)"),
        (NATIVE | {"type": "send.status_changed"}, "Status is now Out for delivery"),
    ],
)
def test_people_are_told_in_their_words_what_another_reader_has_a_type_for(body: Body, said: str) -> None:
    assert line(body).partition(": ")[0] == said


def test_a_visit_of_a_tracker_is_told_in_words() -> None:
    visit = {"object": "tracker_visit", "orderID": "letter_1", "device": "phone"}
    body = POSTGRID | {"type": "tracker.visited", "data": visit, "updatedFields": None}
    assert line(body) == "Link visited (PostGrid tracker visited): send to letter_1"


def test_a_name_from_outside_cannot_begin_a_line_and_test_mail_says_so() -> None:
    body = changed(NATIVE, to={"name": "Ann\r\nBcc: all@example.com"}) | {"live": False}

    assert line(body) == "[test] Out for delivery: letter to Ann Bcc: all@example.com (Welcome kit)"


def test_a_name_does_not_format_a_line_in_a_chat() -> None:
    for name, shown in (
        ("*Ann* _Lee_ ~x~ `y`", "∗Ann∗ ‗Lee‗ ∼x∼ ˋyˋ"),
        ("<!channel> & <https://evil.example|x>", "&lt;!channel&gt; &amp; &lt;https://evil.example|x&gt;"),
        ("ann_lee", "ann_lee"),
    ):
        assert chat_line(changed(NATIVE, to={"name": name})) == f"Out for delivery: letter to {shown} (Welcome kit)"


def test_the_documentation_shows_these_very_bodies() -> None:
    text = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")
    shown = [json.loads(block) for block in re.findall(r"```json\n(\{\n.*?\n\})\n```", text, re.DOTALL)]

    assert [body for body in (NATIVE, POSTGRID, flat(NATIVE)) if body not in shown] == []


def test_people_are_told_of_what_is_made_up_that_it_never_happened() -> None:
    body = {**NATIVE, "sample": True}
    assert line(body) == "[sample] Out for delivery: letter to Ann Lee (Welcome kit) – it never happened"
    first, _, second, *details = text(body, "https://mail.example.com/sends/letter_3xq1m8t0d5n7k").splitlines()
    assert first == line(body)
    assert second == "This was made up to try the hook: it never happened, and there is no such send."
    assert not [each for each in details if "letter_" in each or "http" in each]
