"""Presumed deliveries and inferred returns: on what ground, from when on, and when not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, Kind, Source
from sendtrail.domain.facts import Facts
from sendtrail.domain.presumption import inferred_return, presumed_delivery
from sendtrail.domain.trail import Event, best, order_key, status
from tests.domain.trails import any_trail, at, event, trail

LETTER = Facts(Kind.LETTER, post="usps", mailing_class="first_class", return_zip="60601-2345", recipient_zip="10001")
MARKETING = Facts(Kind.POSTCARD, post="usps", mailing_class="standard_class")
CANADIAN = Facts(Kind.LETTER, post="canada_post", mailing_class="lettermail")
GIFT = Facts(Kind.GIFT)
OUT = ["03-02 09:00 created", "03-04 18:00 handed_over", "03-06 04:30 out_for_delivery scanned 10199"]  # a Friday
HANDED_OVER = ["03-02 09:00 created", "03-04 18:00 handed_over"]  # a Wednesday
WAY_BACK = [*OUT, "03-09 02:00 rerouted scanned 10199", "03-12 03:00 in_local_area scanned 60601"]


def presumed_from(texts: list[str], facts: Facts) -> str | None:
    """The first minute of a day from which the delivery is presumed; None if that never comes in 2026."""
    events = trail(*texts)
    days = (datetime(2026, month, day, tzinfo=UTC) for month in range(3, 7) for day in range(1, 31))
    return next((f"{day:%m-%d}" for day in days if presumed_delivery(events, facts, day)), None)


@pytest.mark.parametrize(
    ("texts", "facts", "first"),
    [
        # Friday; quiet on Monday and Tuesday
        (OUT, LETTER, "03-11"),
        # Friday before Memorial Day; quiet on Tuesday and Wednesday
        (["05-22 04:30 out_for_delivery"], LETTER, "05-28"),
        # not a holiday in Canada's post, but its Victoria Day is
        (["05-15 04:30 out_for_delivery reported"], CANADIAN, "05-21"),
        (["05-15 04:30 out_for_delivery"], LETTER, "05-20"),
        # the second pass of the sorter is the last word
        ([*OUT, "03-07 04:10 out_for_delivery scanned 10199"], LETTER, "03-11"),
        ([*OUT, "03-09 04:10 out_for_delivery scanned 10199"], LETTER, "03-12"),
        # a scan that we cannot read breaks the quiet too
        ([*OUT, "03-09 04:10 scanned scanned 10199"], LETTER, "03-12"),
        # a visit does not
        ([*OUT, "03-09 18:00 link_opened"], LETTER, "03-11"),
        (["03-06 12:00 shipped", "03-06 14:00 out_for_delivery reported"], GIFT, "03-11"),
        (HANDED_OVER, LETTER, "03-19"),
        (HANDED_OVER, MARKETING, "03-26"),
        (HANDED_OVER, CANADIAN, "03-19"),
        ([*HANDED_OVER, "03-06 09:00 link_opened"], LETTER, "03-19"),
        # two reports of the printer: the later one counts
        ([*HANDED_OVER, "03-05 18:00 handed_over"], LETTER, "03-20"),
    ],
)
def test_a_quiet_piece_is_presumed_delivered_from_the_day_after_its_last_quiet_day(
    texts: list[str], facts: Facts, first: str
) -> None:
    assert presumed_from(texts, facts) == first


@pytest.mark.parametrize(
    ("mailing_class", "post", "first"),
    [
        ("", "usps", "03-19"),
        ("usps_first_class", "usps", "03-19"),
        ("marketing", "usps", "03-26"),
        ("usps_standard_class", "usps", "03-26"),
        ("usps_eddm", "usps", "03-26"),
        ("", "canada_post", "03-19"),
        ("first_class", "canada_post", "03-19"),
        ("ca_post_lettermail", "canada_post", "03-19"),
        ("ca_post_personalized", "canada_post", "03-26"),
        ("usps_express_2_day", "usps", None),
        ("royal_mail_first_class", "", None),
    ],
)
def test_the_class_has_its_usual_days(mailing_class: str, post: str, first: str | None) -> None:
    assert presumed_from(HANDED_OVER, Facts(Kind.LETTER, post=post, mailing_class=mailing_class)) == first


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["03-02 09:00 created"],
        ["03-02 09:00 created", "03-03 09:00 printed"],
        ["03-02 09:00 link_opened"],
        [*HANDED_OVER, "03-05 20:00 in_transit"],
        [*HANDED_OVER, "03-04 12:00 scanned"],
        [*OUT, "03-06 18:00 delivery_attempted reported"],
        [*OUT, "03-06 18:00 pickup_available reported"],
        [*OUT, "03-06 18:00 rerouted"],
        [*OUT, "03-06 15:00 delivered logical"],
        [*OUT, "03-06 04:30 delivered inferred"],
        [*OUT, "03-20 12:00 returned reported"],
        [*OUT, "03-03 12:00 cancelled"],
    ],
)
def test_nothing_is_presumed_without_ground(texts: list[str]) -> None:
    assert presumed_from(texts, LETTER) is None


@pytest.mark.parametrize(
    "facts",
    [
        Facts(Kind.LETTER, post="usps", mailing_class="first_class", extra_service="certified"),
        Facts(Kind.CHEQUE, post="usps", mailing_class="first_class", extra_service="registered"),
        Facts(Kind.LETTER, post="usps", mailing_class="usps_first_class_certified_return_receipt"),
        Facts(Kind.LETTER, post="usps", mailing_class="usps_express_3_day_signature_confirmation"),
    ],
)
def test_what_is_signed_for_is_never_presumed_delivered(facts: Facts) -> None:
    assert presumed_from(OUT, facts) is None
    assert presumed_from(HANDED_OVER, facts) is None


def test_a_gift_that_was_only_shipped_stays_shipped() -> None:
    assert presumed_from(["03-02 09:00 created", "03-04 18:00 shipped"], GIFT) is None


def test_days_are_those_of_the_organization() -> None:
    late = trail("03-03 03:56 out_for_delivery scanned 07675")  # Monday evening in New York
    new_york = Facts(Kind.LETTER, post="usps", time_zone="America/New_York")
    assert presumed_delivery(late, new_york, at("03-05 04:59")) is None
    assert presumed_delivery(late, new_york, at("03-05 05:00"))
    assert presumed_delivery(late, Facts(Kind.LETTER, post="usps"), at("03-05 23:59")) is None


def test_the_setting_decides_how_long_is_quiet() -> None:
    now = at("03-10 12:00")
    assert presumed_delivery(trail(*OUT), LETTER, now) is None
    assert presumed_delivery(trail(*OUT), LETTER, now, quiet_days=1)
    assert presumed_delivery(trail(*HANDED_OVER), LETTER, now) is None
    assert presumed_delivery(trail(*HANDED_OVER), LETTER, now, usual_days={"first_class": 3})
    assert presumed_delivery(trail(*HANDED_OVER), LETTER, at("06-30 12:00"), usual_days={}) is None


def test_a_presumed_delivery_has_time_and_place_of_what_it_rests_on() -> None:
    now = at("03-13 06:00")
    assert presumed_delivery(trail(*OUT), LETTER, now) == Event(
        4,
        "delivered",
        at("03-06 04:30"),
        now,
        Source.SYSTEM,
        Evidence.INFERRED,
        zip="10199",
        detail={"rests_on": "out_for_delivery", "business_days": 2},
    )


@pytest.mark.parametrize(
    "later", ["03-16 04:30 out_for_delivery", "03-16 02:00 rerouted", "03-06 15:00 delivered logical"]
)
def test_a_presumed_delivery_gives_way_and_can_be_presumed_anew(later: str) -> None:
    presumed = presumed_delivery(trail(*OUT), LETTER, at("03-13 06:00"))
    assert presumed
    after = [*trail(*OUT), presumed, event(later, 5)]
    now = status(after)
    assert (now.code, now.evidence is Evidence.INFERRED) == (later.split()[2], False)
    again = presumed_delivery(after, LETTER, at("03-25 06:00"))
    assert (again and again.occurred_at) == (at("03-16 04:30") if "out_for" in later else None)


def test_a_destination_scan_at_the_senders_zip_after_a_reroute_is_a_return() -> None:
    now = at("03-12 06:00")
    returned = inferred_return(trail(*WAY_BACK), LETTER, now)
    assert returned == Event(
        6,
        "returned",
        at("03-12 03:00"),
        now,
        Source.SYSTEM,
        Evidence.INFERRED,
        zip="60601",
        detail={"rests_on": "in_local_area"},
    )
    assert status([*trail(*WAY_BACK), returned]).label == "Presumed returned"


def test_a_logical_delivery_at_the_senders_zip_is_a_return_too() -> None:
    texts = [*OUT, "03-09 02:00 rerouted", "03-13 16:00 delivered logical 60601"]
    returned = inferred_return(trail(*texts), LETTER, at("03-13 17:00"))
    assert returned
    assert status([*trail(*texts), returned]).code == "returned"


def test_a_return_is_inferred_whatever_the_order_of_arrival() -> None:
    assert inferred_return(list(reversed(trail(*WAY_BACK))), LETTER, at("03-12 06:00"))


def test_a_further_scan_on_the_way_back_renews_the_inference() -> None:
    returned = inferred_return(trail(*WAY_BACK), LETTER, at("03-12 06:00"))
    assert returned
    known = [*trail(*WAY_BACK), returned]
    assert inferred_return(known, LETTER, at("03-12 07:00")) is None
    known.append(event("03-13 04:30 out_for_delivery scanned 60601", 7))
    assert status(known).code == "out_for_delivery"
    assert presumed_delivery(known, LETTER, at("03-30 06:00")) is None
    again = inferred_return(known, LETTER, at("03-13 06:00"))
    assert again
    assert (again.seq, again.occurred_at) == (8, at("03-13 04:30"))


@pytest.mark.parametrize(
    ("texts", "facts"),
    [
        (WAY_BACK, Facts(Kind.LETTER, post="usps")),
        (WAY_BACK, Facts(Kind.LETTER, post="usps", return_zip="60602")),
        # a plant that serves both sender and recipient
        (WAY_BACK, Facts(Kind.LETTER, post="usps", return_zip="60601", recipient_zip="60614")),
        # no reroute, or a reroute only afterwards
        ([*OUT, "03-12 03:00 in_local_area scanned 60601"], LETTER),
        ([*OUT, "03-12 03:00 in_local_area scanned 60601", "03-12 04:00 rerouted"], LETTER),
        ([*OUT, "03-12 03:00 in_local_area scanned 60601", "03-12 03:00 rerouted"], LETTER),
        # origin processing at the sender's
        ([*OUT, "03-09 02:00 rerouted", "03-12 03:00 in_transit scanned 60601"], LETTER),
        # not scanned by the post
        ([*OUT, "03-09 02:00 rerouted", "03-12 03:00 in_local_area reported 60601"], LETTER),
        # seen delivered or returned
        ([*WAY_BACK, "03-13 03:00 delivered reported"], LETTER),
        ([*WAY_BACK, "03-13 03:00 returned reported"], LETTER),
        # seen elsewhere since
        ([*WAY_BACK, "03-13 03:00 in_local_area scanned 94105"], LETTER),
    ],
)
def test_no_return_is_inferred_on_less(texts: list[str], facts: Facts) -> None:
    assert inferred_return(trail(*texts), facts, at("03-14 06:00")) is None


def test_a_reroute_with_a_new_address_is_a_forwarding() -> None:
    events = trail(*WAY_BACK)
    events[3] = event("03-09 02:00 rerouted reported", 4, {"new_address": "1 Main St, Chicago IL 60601"}, Source.USPS)
    assert inferred_return(events, LETTER, at("03-12 06:00")) is None


@given(any_trail(Kind.LETTER), st.integers(1, 28))
def test_an_inference_is_the_status_and_is_made_once(events: list[Event], day: int) -> None:
    now = datetime(2026, 4, day, tzinfo=UTC)
    facts = Facts(Kind.LETTER, post="usps", return_zip="10001", recipient_zip="94105")
    for inferred in (presumed_delivery(events, facts, now), inferred_return(events, facts, now)):
        if inferred:
            assert inferred.evidence is Evidence.INFERRED
            assert inferred.source is Source.SYSTEM
            assert order_key(inferred) > best(events)
            after = [*events, inferred]
            assert status(after).code == inferred.code
            assert presumed_delivery(after, facts, now) is None
            assert inferred_return(after, facts, now) is None
