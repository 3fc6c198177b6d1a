"""Orders: the status goes forward only, the barcode's word is the greatest event's."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import MAIL, Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Event, order_key
from sendtrail.domain.vocabularies.postgrid import Order, order, tell
from tests.domain.trails import any_trail, at, event, trail

US = Facts(Kind.LETTER, post="usps")
PROGRESS = ["ready", "printing", "processed_for_delivery", "completed"]
NO_ENDS = any_trail(Kind.LETTER).map(lambda events: [e for e in events if e.code not in ("cancelled", "failed")])


@given(NO_ENDS)
def test_an_orders_status_never_goes_backwards(events: list[Event]) -> None:
    seen = [order(events[:seq], US).status for seq in range(1, len(events) + 1)]
    steps = [PROGRESS.index(status) for status in seen if status]
    assert steps == sorted(steps)
    assert len(steps) == len(events)


@given(any_trail(Kind.LETTER), st.randoms(use_true_random=False))
def test_imb_status_is_that_of_the_greatest_event_that_has_one(events: list[Event], chance: random.Random) -> None:
    with_imb = [e for e in events if "/" in e.type.postgrid]
    told = order(chance.sample(events, len(events)), US)
    if with_imb:
        greatest = max(with_imb, key=order_key)
        assert (told.imb_status or "")[0].upper() == greatest.type.postgrid[-1]
        assert told.imb_date == greatest.occurred_at
    else:
        assert (told.imb_status, told.imb_date, told.imb_zip_code) == (None, None, None)


@pytest.mark.parametrize("kind", sorted(Kind))
def test_only_mail_pieces_are_orders(kind: Kind) -> None:
    told = order(trail("03-02 09:00 created"), Facts(kind, post="usps"))
    assert told == (Order("ready") if kind in MAIL else Order())


@pytest.mark.parametrize("post", ["canada_post", ""])
def test_no_other_post_has_an_imb_status(post: str) -> None:
    told = order(trail("03-05 04:30 out_for_delivery scanned 10199"), Facts(Kind.LETTER, post=post))
    assert told == Order("processed_for_delivery")


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        (["03-02 09:00 link_opened"], "ready"),
        (["03-09 09:00 returned reported"], "processed_for_delivery"),
        (["03-02 09:00 created", "03-03 09:00 printed", "03-09 09:00 returned reported"], "processed_for_delivery"),
        (["03-03 18:00 handed_over", "03-09 09:00 returned reported"], "processed_for_delivery"),
        (["03-05 16:00 delivered logical", "03-09 09:00 returned reported"], "completed"),
        (["03-05 16:00 delivered inferred", "03-06 04:30 out_for_delivery"], "completed"),
        (["03-05 16:00 delivered logical", "03-06 02:00 rerouted"], "completed"),
        # of two ends the first to happen stays
        (["03-03 09:00 cancelled", "03-05 16:00 delivered logical"], "cancelled"),
        (["03-03 09:00 failed", "03-05 16:00 delivered logical"], "cancelled"),
        (["03-05 16:00 delivered logical", "03-06 09:00 failed"], "completed"),
    ],
)
def test_the_status_is_the_furthest_that_the_order_came(texts: list[str], status: str) -> None:
    assert order(trail(*texts), US).status == status
    assert order(trail(*reversed(texts)), US).status == status


def test_a_returned_piece_stays_returned_while_it_is_scanned_on_its_way_back() -> None:
    texts = ["03-09 09:00 returned reported", "03-11 02:00 in_transit scanned 10199"]
    assert order(trail(*texts), US).imb_status == "returned_to_sender"


def test_a_presumed_return_gives_way_to_a_later_scan() -> None:
    texts = ["03-09 02:00 returned inferred 60601", "03-11 02:00 in_local_area scanned 94188"]
    assert order(trail(*texts), US) == Order(
        "processed_for_delivery", "entered_mail_stream", at("03-11 02:00"), "94188"
    )


def test_times_have_milliseconds_and_a_missing_zip_is_null() -> None:
    scan = event("03-05 04:30 in_transit")
    assert tell([scan], US) == {
        "status": "processed_for_delivery",
        "imbStatus": "entered_mail_stream",
        "imbDate": "2026-03-05T04:30:00.000Z",
        "imbZIPCode": None,
    }
