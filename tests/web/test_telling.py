"""Events in plain words, without a page around them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sendtrail.web.rendering import moment
from sendtrail.web.telling import Said, expected, told
from sendtrail.web.wording import spelled

AT = datetime(2026, 3, 9, 15, tzinfo=UTC)


def event(seq: int = 1, heard_after: int = 0, **fields: Any) -> dict[str, Any]:
    """An event as `services.views` has it, of which we heard so many days later."""
    at = AT + timedelta(hours=seq)
    return {
        "seq": seq,
        "code": "in_transit",
        "label": "In transit",
        "occurred_at": at,
        "local_time": None,
        "zone_known": True,
        "recorded_at": at + timedelta(days=heard_after),
        "source": "usps",
        "evidence": "scanned",
        "place": None,
        "phase": None,
        "operation": None,
        "detail": None,
    } | fields


def said(**fields: Any) -> tuple[Said, ...]:
    (telling,) = told([event(**fields)], lambda moment: moment).tellings
    return telling.said


class TestTelling:
    def test_latest_first_whatever_came_first(self) -> None:
        trail = told([event(2), event(3), event(1)], lambda moment: moment)
        assert [telling.at for telling in trail.tellings] == [AT + timedelta(hours=n) for n in (3, 2, 1)]

    def test_what_was_told_late_says_so(self) -> None:
        trail = told([event(1, heard_after=4), event(2, heard_after=1)], lambda moment: moment)
        assert [telling.late for telling in trail.tellings] == ["", "told 4 days later"]
        assert not trail.note

    def test_what_was_all_told_on_one_day_says_so_once(self) -> None:
        heard = AT + timedelta(days=20)
        trail = told([event(n, recorded_at=heard) for n in (1, 2, 3)], lambda moment: moment)
        assert not any(telling.late for telling in trail.tellings)
        assert trail.note == "What happened earlier was told on 29 Mar 2026, all at once."

    def test_a_place_reads_like_an_address(self) -> None:
        place = {"facility": "MORGAN P&DC", "city": "NEW YORK", "state": "NY", "zip": "10199"}
        (telling,) = told([event(place=place)], lambda moment: moment).tellings
        assert telling.place == "MORGAN P&DC, New York, NY 10199"
        (telling,) = told([event(place=dict.fromkeys(place, "") | {"zip": "10199"})], lambda moment: moment).tellings
        assert telling.place == "10199"

    @pytest.mark.parametrize(
        ("code", "evidence", "detail", "words"),
        [
            ("returned", "reported", {"nixie": "V", "reason": "vacant"}, ["The place is vacant."]),
            ("rerouted", "reported", {"acs": "F", "new_address": "7 Elm"}, ["The whole family moved.", "New address"]),
            ("returned", "reported", {"reason": "wet"}, ["Reason: wet"]),
            ("held", "reported", {"note": "no stock"}, ["“no stock”"]),
            (
                "delivered",
                "inferred",
                {"rests_on": "out_for_delivery", "business_days": 2},
                ["It was out for delivery, and 2 business days went by without another word."],
            ),
            (
                "delivered",
                "inferred",
                {"rests_on": "handed_over", "business_days": 10},
                ["It was handed over, and 10 business days went by without another word."],
            ),
            (
                "returned",
                "inferred",
                {"rests_on": "in_local_area"},
                ["It was scanned where its sender lives, after it had been sent another way."],
            ),
            ("scanned", "scanned", {"mail_phase": "Phase 9"}, ["The post calls this step “Phase 9”."]),
            ("scanned", "scanned", {"zip_read": "02139"}, ["Read with ZIP Code 02139, which is not the printed one."]),
        ],
    )
    def test_details_are_said_in_words(
        self, code: str, evidence: str, detail: dict[str, object], words: list[str]
    ) -> None:
        assert [each.text for each in said(code=code, evidence=evidence, detail=detail)] == words


class TestExpected:
    @pytest.mark.parametrize(
        ("code", "day", "today", "met", "good"),
        [
            ("delivered", date(2026, 3, 9), date(2026, 3, 20), "came on the day", True),
            ("delivered", date(2026, 3, 10), date(2026, 3, 20), "came 1 day early", True),
            ("delivered", date(2026, 3, 6), date(2026, 3, 20), "came 3 days late", False),
            ("in_transit", date(2026, 3, 9), date(2026, 3, 9), "", True),
            ("in_transit", date(2026, 3, 9), date(2026, 3, 11), "2 days overdue", False),
            ("returned", date(2026, 3, 9), date(2026, 3, 11), "", True),
        ],
    )
    def test_it_is_compared_with_what_happened(self, code: str, day: date, today: date, met: str, good: bool) -> None:
        one = event(code=code, evidence="reported")
        status = {"code": code, "since": one["occurred_at"], "evidence": "reported"}
        found = expected({"expected_delivery": day, "status": status, "trail": [one]}, lambda moment: moment, today)
        assert found
        assert (found.day, found.met, found.good) == (day, met, good)

    def test_a_presumed_delivery_met_no_day(self) -> None:
        one = event(code="delivered", evidence="inferred")
        status = {"code": "delivered", "since": one["occurred_at"], "evidence": "inferred"}
        send = {"expected_delivery": date(2026, 3, 9), "status": status, "trail": [one]}
        found = expected(send, lambda moment: moment, date(2026, 3, 20))
        assert found
        assert (found.met, found.good) == ("", True)

    def test_nothing_is_said_where_nobody_said(self) -> None:
        assert expected({"expected_delivery": None}, lambda moment: moment, date(2026, 3, 9)) is None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("first_class", "First class"),
        ("usps_first_class_certified", "USPS first class certified"),
        ("usps_eddm", "USPS EDDM"),
        ("canada_post", "Canada Post"),
        ("egift", "eGift"),
        ("self_mailer", "Self mailer"),
    ],
)
def test_words_of_the_api_are_spelled_as_people_write_them(word: str, text: str) -> None:
    assert spelled(word) == text


def test_what_was_told_with_a_day_only_has_no_time() -> None:
    zone = ZoneInfo("America/New_York")
    assert moment(datetime(2026, 11, 19, 23, 59, 59, tzinfo=zone)) == "19 Nov 2026"
    assert moment(datetime(2026, 11, 19, 23, 59, 58, tzinfo=zone)) == "19 Nov 2026, 23:59 EST"
