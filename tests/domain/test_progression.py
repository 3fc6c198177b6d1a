"""What usually comes next."""

import pytest

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, CODES, Evidence, Kind
from sendtrail.domain.progression import TOLD_BY, Way, next_event, usual, way_of

KINDS: dict[Way, Kind] = {
    "mail": Kind.LETTER,
    "lettermail": Kind.LETTER,
    "gift": Kind.GIFT,
    "amazon": Kind.GIFT,
    "egift": Kind.EGIFT,
}
ENDS = {"delivered", "returned", "undeliverable", "redeemed", "expired", "failed", "cancelled", "refunded"}


@pytest.mark.parametrize(
    ("kind", "post", "supplier", "way"),
    [
        (Kind.LETTER, "usps", "", "mail"),
        (Kind.CHEQUE, "canada_post", "", "lettermail"),
        (Kind.GIFT, "", "Thoughtful Parcel Co.", "gift"),
        (Kind.GIFT, "", "AMAZON.com", "amazon"),
        (Kind.EGIFT, "", "Amazon", "egift"),
    ],
)
def test_kind_post_and_supplier_make_the_way(kind: Kind, post: str, supplier: str, way: Way) -> None:
    assert way_of(kind, post, supplier) == way


def test_a_letter_goes_from_its_order_to_the_mailbox() -> None:
    assert usual("mail")[:4] == ("rendered", "addressed", "printed", "handed_over")
    assert usual("mail")[4:] == ("in_transit", "in_local_area", "out_for_delivery", "delivered")
    assert usual("mail", "rerouted") == ("in_local_area", "out_for_delivery", "delivered")
    assert usual("lettermail", "printed") == ("handed_over", "delivered")
    assert usual("egift") == ("offer_sent", "opened", "clicked", "redeemed")
    assert usual("amazon")[:3] == ("ordered", "supplier_fulfilling", "supplier_shipped")


@pytest.mark.parametrize("way", KINDS)
def test_whatever_the_status_the_way_leads_up_to_an_end(way: Way) -> None:
    kind = KINDS[way]
    for status in CODES:
        type_ = BY_CODE_AND_EVIDENCE[status, Evidence.REPORTED]
        if kind not in type_.kinds or not type_.stage:
            continue
        if status in ENDS | {"confirmation_expired"}:
            assert next_event(way, status) is None
            continue
        follow = usual(way, status)
        assert follow[-1] == ("redeemed" if way == "egift" else "delivered")
        stages = [BY_CODE_AND_EVIDENCE[code, Evidence.REPORTED] for code in (status, *follow)]
        assert [each.stage for each in stages] == sorted(each.stage for each in stages)
        assert all(kind in each.kinds for each in stages)


def test_somebody_tells_of_every_status_but_cancelling() -> None:
    statuses = {code for code in CODES if BY_CODE_AND_EVIDENCE[code, Evidence.REPORTED].stage}
    assert TOLD_BY.keys() == statuses - {"cancelled"}
