"""The event table: what is stored never moves, and every row can be told."""

import pytest

from sendtrail.domain.events import (
    BY_CODE_AND_EVIDENCE,
    CODE_BY_ID,
    CODES,
    EVENT_TYPES,
    ID_BY_CODE,
    MAIL,
    SCAN_EVIDENCE,
    Evidence,
    Kind,
    Source,
    event_type,
    label,
)
from sendtrail.domain.packing import BEST
from sendtrail.domain.phases import CODE_BY_PHASE, Phase

STORED_IDS = {
    "link_opened": 1,
    "goal_reached": 2,
    "created": 3,
    "awaiting_approval": 4,
    "address_requested": 5,
    "ordered": 6,
    "held": 7,
    "resumed": 8,
    "supplier_fulfilling": 9,
    "supplier_shipped": 10,
    "offer_sent": 11,
    "in_production": 12,
    "rendered": 13,
    "addressed": 14,
    "printed": 15,
    "reprinting": 16,
    "opened": 17,
    "handed_over": 18,
    "shipped": 19,
    "scanned": 20,
    "clicked": 21,
    "in_transit": 22,
    "in_local_area": 23,
    "out_for_delivery": 24,
    "rerouted": 25,
    "delivery_attempted": 26,
    "pickup_available": 27,
    "delivered": 28,
    "expired": 29,
    "undeliverable": 30,
    "redeemed": 31,
    "returned": 32,
    "confirmation_expired": 33,
    "failed": 34,
    "cancelled": 35,
    "refunded": 36,
}
GIFT, EGIFT = {Kind.GIFT}, {Kind.EGIFT}
KINDS = {
    "address_requested": GIFT,
    "ordered": GIFT,
    "supplier_fulfilling": GIFT,
    "supplier_shipped": GIFT,
    "shipped": GIFT,
    "undeliverable": GIFT,
    "confirmation_expired": GIFT,
    "offer_sent": EGIFT,
    "opened": EGIFT,
    "clicked": EGIFT,
    "expired": EGIFT,
    "redeemed": EGIFT,
    "refunded": GIFT | EGIFT,
    "in_production": MAIL,
    "rendered": MAIL,
    "addressed": MAIL,
    "printed": MAIL,
    "reprinting": MAIL,
    "handed_over": MAIL,
    "scanned": MAIL,
    "in_transit": MAIL | GIFT,
    "in_local_area": MAIL | GIFT,
    "out_for_delivery": MAIL | GIFT,
    "rerouted": MAIL | GIFT,
    "delivery_attempted": MAIL | GIFT,
    "pickup_available": MAIL | GIFT,
    "delivered": MAIL | GIFT,
    "returned": MAIL | GIFT,
}


def test_stored_ids_never_change() -> None:
    assert {code: ID_BY_CODE[code] for code in STORED_IDS} == STORED_IDS


def test_an_id_belongs_to_one_code() -> None:
    assert len(set(ID_BY_CODE.values())) == len(CODES)
    assert all(ID_BY_CODE[code] == id_ for id_, code in CODE_BY_ID.items())


def test_stored_numbers_of_kinds_evidence_and_sources_never_change() -> None:
    assert [(k.word, int(k)) for k in Kind] == [
        ("letter", 1),
        ("postcard", 2),
        ("cheque", 3),
        ("self_mailer", 4),
        ("gift", 5),
        ("egift", 6),
    ]
    assert [(e.word, int(e)) for e in Evidence] == [
        ("unknown", 0),
        ("inferred", 1),
        ("assumed", 2),
        ("logical", 3),
        ("reported", 4),
        ("scanned", 5),
    ]
    assert [(s.word, int(s)) for s in Source] == [
        ("system", 0),
        ("usps", 1),
        ("printer", 2),
        ("carrier", 3),
        ("vendor", 4),
        ("person", 5),
        ("recipient", 6),
    ]


def test_every_code_stands_somewhere_by_every_evidence() -> None:
    assert set(BY_CODE_AND_EVIDENCE) == {(code, evidence) for code in CODES for evidence in Evidence}


def test_rows_of_a_code_share_no_evidence() -> None:
    assert sum(len(t.evidence) for t in EVENT_TYPES) == len(BY_CODE_AND_EVIDENCE)


@pytest.mark.parametrize("code", CODES)
def test_a_code_belongs_to_its_kinds(code: str) -> None:
    expected = KINDS.get(code, set(Kind))
    assert all(t.kinds == expected for t in EVENT_TYPES if t.code == code)


def test_a_send_can_be_cancelled_until_it_is_produced() -> None:
    assert {
        "created",
        "awaiting_approval",
        "address_requested",
        "ordered",
        "held",
        "resumed",
        "offer_sent",
        "opened",
        "clicked",
    } == {each.code for each in EVENT_TYPES if each.cancellable}


def test_every_row_has_a_label_and_every_status_a_category() -> None:
    assert all(t.label for t in EVENT_TYPES)
    assert all(t.stannp for t in EVENT_TYPES if t.stage > 0)


def test_responses_are_the_only_events_below_every_stage() -> None:
    assert {t.code for t in EVENT_TYPES if t.stage == 0} == {"link_opened", "goal_reached"}


@pytest.mark.parametrize(
    ("code", "evidence", "stage"),
    [
        ("delivered", Evidence.UNKNOWN, 4),
        ("delivered", Evidence.INFERRED, 4),
        ("delivered", Evidence.ASSUMED, 4),
        ("delivered", Evidence.LOGICAL, 4),
        ("delivered", Evidence.REPORTED, 5),
        ("delivered", Evidence.SCANNED, 5),
        ("returned", Evidence.INFERRED, 4),
        ("returned", Evidence.REPORTED, 6),
        ("returned", Evidence.SCANNED, 6),
    ],
)
def test_how_we_know_decides_the_stage(code: str, evidence: Evidence, stage: int) -> None:
    assert event_type(code, evidence).stage == stage


def test_only_what_was_inferred_is_called_presumed() -> None:
    presumed = {(code, e) for code in CODES for e in Evidence if label(code, e).startswith("Presumed")}
    assert presumed == {("delivered", Evidence.INFERRED), ("returned", Evidence.INFERRED)}
    assert label("delivered", Evidence.LOGICAL) == "Delivered"


def test_the_table_fits_into_the_packed_status() -> None:
    assert max(t.stage for t in EVENT_TYPES) < 1 << BEST.width("stage")
    assert max(t.rank for t in EVENT_TYPES) < 1 << BEST.width("rank")
    assert max(t.id for t in EVENT_TYPES) < 1 << BEST.width("code")
    assert max(Evidence) < 1 << BEST.width("evidence")


def test_a_postal_scan_has_no_evidence_that_a_report_has() -> None:
    assert set(Evidence) - SCAN_EVIDENCE == {Evidence.INFERRED, Evidence.REPORTED}


def test_every_phase_means_a_code_of_the_table() -> None:
    assert set(CODE_BY_PHASE) == set(Phase) - {Phase.NONE}
    assert set(CODE_BY_PHASE.values()) <= set(CODES)
