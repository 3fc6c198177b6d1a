"""Mail phases: the number is stored, the text varies from feed to feed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.packing import ITEM
from sendtrail.domain.phases import CODE_BY_PHASE, Phase, phase_of

STORED = {
    "NONE": 0,
    "ORIGIN_CANCELLATION": 1,
    "ORIGIN": 2,
    "ORIGIN_PRIMARY": 3,
    "ORIGIN_SECONDARY": 4,
    "DESTINATION": 5,
    "DESTINATION_MMP": 6,
    "DESTINATION_SCF": 7,
    "DESTINATION_PRIMARY": 8,
    "DESTINATION_SECONDARY": 9,
    "DESTINATION_BOX": 10,
    "DESTINATION_SEQUENCED": 11,
    "DELIVERY": 12,
    "PARS": 13,
    "FOREIGN": 14,
    "MISCELLANEOUS": 15,
    "UNRECOGNISED": 16,
    "FPARS": 17,
    "CARRIER": 18,
    "DELIVERY_OTHER": 19,
}


def test_stored_numbers_never_change() -> None:
    assert {name: int(Phase[name]) for name in STORED} == STORED
    assert max(Phase) < 1 << ITEM.width("sub")


@pytest.mark.parametrize(
    ("text", "phase", "code"),
    [
        ("Phase 0 - Origin Processing Cancellation of Postage", Phase.ORIGIN_CANCELLATION, "in_transit"),
        ("Phase 1 - Origin Processing", Phase.ORIGIN, "in_transit"),
        ("Phase 1a - Origin Primary Processing", Phase.ORIGIN_PRIMARY, "in_transit"),
        ("Phase 1b- Origin Secondary Processing", Phase.ORIGIN_SECONDARY, "in_transit"),
        ("Phase 2 - Destination Processing", Phase.DESTINATION, "in_local_area"),
        ("Phase 2a - Destination MMP Processing", Phase.DESTINATION_MMP, "in_local_area"),
        ("Phase 2b - Destination SCF Processing", Phase.DESTINATION_SCF, "in_local_area"),
        ("Phase 2c - Destination Primary Processing", Phase.DESTINATION_PRIMARY, "in_local_area"),
        ("Phase 3a - Destination Secondary Processing", Phase.DESTINATION_SECONDARY, "out_for_delivery"),
        ("Phase 3b - Destination Box Mail Processing", Phase.DESTINATION_BOX, "out_for_delivery"),
        ("Phase 3c - Destination Sequenced Carrier Sortation", Phase.DESTINATION_SEQUENCED, "out_for_delivery"),
        ("Phase 3c- Destination Sequenced Carrier Sortation", Phase.DESTINATION_SEQUENCED, "out_for_delivery"),
        ("  phase 3C-destination", Phase.DESTINATION_SEQUENCED, "out_for_delivery"),
        ("PHASE3c", Phase.DESTINATION_SEQUENCED, "out_for_delivery"),
        ("Phase 4c - Delivery", Phase.DELIVERY, "delivered"),
        ("PARS Processing", Phase.PARS, "rerouted"),
        ("FPARS Processing", Phase.FPARS, "rerouted"),
        ("Foreign Processing", Phase.FOREIGN, "in_transit"),
        ("Miscellaneous", Phase.MISCELLANEOUS, "scanned"),
        ("Phase 3 - something", Phase.CARRIER, "scanned"),
        ("Phase 4 - something", Phase.DELIVERY_OTHER, "scanned"),
        ("Phase 3d - never seen", Phase.UNRECOGNISED, "scanned"),
        ("Phase 4a - never seen", Phase.UNRECOGNISED, "scanned"),
        ("Phase 9", Phase.UNRECOGNISED, "scanned"),
        ("Phase 12 - two digits", Phase.UNRECOGNISED, "scanned"),
        ("Phase 3cc", Phase.UNRECOGNISED, "scanned"),
        ("Return Processing", Phase.UNRECOGNISED, "scanned"),
    ],
)
def test_a_phase_text_is_parsed_not_compared(text: str, phase: Phase, code: str) -> None:
    assert phase_of(text) is phase
    assert CODE_BY_PHASE[phase] == code


@pytest.mark.parametrize("text", ["", "  ", "\t\n"])
def test_no_text_is_no_phase(text: str) -> None:
    assert phase_of(text) is Phase.NONE


@given(st.text())
def test_any_text_has_a_phase(text: str) -> None:
    assert (phase_of(text) is Phase.NONE) == (not text.strip())
