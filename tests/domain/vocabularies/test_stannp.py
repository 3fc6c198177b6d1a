"""Eight categories; every status of every kind stands in exactly one."""

import pytest

from sendtrail.domain.events import CODES, Evidence
from sendtrail.domain.vocabularies.stannp import CATEGORIES, category

WORDS = [
    "received",
    "producing",
    "handed_over",
    "in_transit",
    "local_delivery",
    "delivered",
    "returned",
    "cancelled",
]


def test_there_are_eight_categories_in_the_order_of_a_life() -> None:
    assert [c.word for c in CATEGORIES] == WORDS
    assert [c.label for c in CATEGORIES] == [
        "Received",
        "Producing",
        "Handed over",
        "In transit",
        "Local delivery",
        "Delivered",
        "Returned",
        "Cancelled",
    ]
    assert all(c.description.endswith(".") for c in CATEGORIES)


@pytest.mark.parametrize("code", CODES)
def test_every_status_has_one_category_whatever_its_evidence(code: str) -> None:
    found = {category(code, evidence) for evidence in Evidence}
    assert len(found) == 1
    assert found <= set(WORDS)


def test_a_send_of_which_only_a_visit_is_known_was_received() -> None:
    assert category("link_opened", Evidence.REPORTED) == "received"
