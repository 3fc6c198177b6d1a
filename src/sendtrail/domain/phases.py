"""Mail phases and operation codes: what a postal scan means.

The phase decides; the operation code only where the phase is missing. A phase or code that we do not know stays a
plain `scanned` and keeps its raw text. Phase texts vary in spelling, so they are parsed, never compared (phases as
seen in Informed Visibility data; meanings after Lob's published tracking events).
"""

import re
from enum import IntEnum


class Phase(IntEnum):
    """The number under which a phase is stored: never changes."""

    NONE = 0
    ORIGIN_CANCELLATION = 1  # "Phase 0": the postmark of loose mail, not a cancelled order
    ORIGIN = 2
    ORIGIN_PRIMARY = 3
    ORIGIN_SECONDARY = 4
    DESTINATION = 5
    DESTINATION_MMP = 6
    DESTINATION_SCF = 7
    DESTINATION_PRIMARY = 8
    DESTINATION_SECONDARY = 9
    DESTINATION_BOX = 10
    DESTINATION_SEQUENCED = 11
    DELIVERY = 12
    PARS = 13
    FOREIGN = 14
    MISCELLANEOUS = 15
    UNRECOGNISED = 16
    FPARS = 17
    CARRIER = 18  # "Phase 3" without a letter
    DELIVERY_OTHER = 19  # "Phase 4" without a letter: never seen yet


CODE_BY_PHASE = {
    Phase.ORIGIN_CANCELLATION: "in_transit",
    Phase.ORIGIN: "in_transit",
    Phase.ORIGIN_PRIMARY: "in_transit",
    Phase.ORIGIN_SECONDARY: "in_transit",
    Phase.DESTINATION: "in_local_area",
    Phase.DESTINATION_MMP: "in_local_area",
    Phase.DESTINATION_SCF: "in_local_area",
    Phase.DESTINATION_PRIMARY: "in_local_area",
    Phase.DESTINATION_SECONDARY: "out_for_delivery",
    Phase.DESTINATION_BOX: "out_for_delivery",
    Phase.DESTINATION_SEQUENCED: "out_for_delivery",
    Phase.DELIVERY: "delivered",
    Phase.PARS: "rerouted",
    Phase.FPARS: "rerouted",
    Phase.FOREIGN: "in_transit",
    Phase.MISCELLANEOUS: "scanned",
    Phase.UNRECOGNISED: "scanned",
    Phase.CARRIER: "scanned",
    Phase.DELIVERY_OTHER: "scanned",
}

_NUMBERED = re.compile(r"(?i)^\s*phase\s*(\d)\s*([a-z]?)(?![a-z0-9])")
_BY_NUMBER = {
    "0": Phase.ORIGIN_CANCELLATION,
    "1": Phase.ORIGIN,
    "1a": Phase.ORIGIN_PRIMARY,
    "1b": Phase.ORIGIN_SECONDARY,
    "2": Phase.DESTINATION,
    "2a": Phase.DESTINATION_MMP,
    "2b": Phase.DESTINATION_SCF,
    "2c": Phase.DESTINATION_PRIMARY,
    "3": Phase.CARRIER,
    "3a": Phase.DESTINATION_SECONDARY,
    "3b": Phase.DESTINATION_BOX,
    "3c": Phase.DESTINATION_SEQUENCED,
    "4": Phase.DELIVERY_OTHER,
    "4c": Phase.DELIVERY,
}
_BY_WORD = (
    ("fpars", Phase.FPARS),
    ("pars", Phase.PARS),
    ("foreign", Phase.FOREIGN),
    ("misc", Phase.MISCELLANEOUS),
)


def phase_of(text: str) -> Phase:
    """The phase that a feed's text names; empty text is `Phase.NONE`, unknown text `Phase.UNRECOGNISED`."""
    text = text.strip()
    if not text:
        return Phase.NONE
    numbered = _NUMBERED.match(text)
    if numbered:
        return _BY_NUMBER.get("".join(numbered.groups()).lower(), Phase.UNRECOGNISED)
    lowered = text.lower()
    return next((phase for word, phase in _BY_WORD if lowered.startswith(word)), Phase.UNRECOGNISED)
