"""The machines that a piece passes, what their scans say, and how often they miss one.

`means` is what the simulator holds a scan to mean, for its ledger: written down here, not looked up in the product.
Operation codes are those of public readers of the feed and, for sorters, of the post's own lists of operations; some
are none that Sendtrail knows, as in real files. Rates of missing scans are such that of all a letter's scans about a
tenth is missing and of a flat's about three tenths, less at the end of the way (SnailWorks, Pitney Bowes).
"""

from typing import NamedTuple

from sendtrail.domain.events import Evidence


class Step(NamedTuple):
    """One kind of scan."""

    operation: str
    phase: str
    """Empty: the feed gives none."""
    means: str
    """An event's code."""
    bare: str
    """The same for one who is not told the phase."""
    missed: float = 0.0
    handling: str = "A"
    machine: str = "DBCS"

    @property
    def evidence(self) -> Evidence:
        return _EVIDENCE[self.handling]


_EVIDENCE = {"A": Evidence.SCANNED, "L": Evidence.LOGICAL, "S": Evidence.ASSUMED}


class Way(NamedTuple):
    """The steps of one shape of mail, from the first machine to the mailbox."""

    shape: str
    origin_primary: Step
    origin_secondary: Step
    arrival: Step
    local_sort: Step
    destination_primary: Step
    secondary: Step | None
    first_pass: Step | None
    second_pass: Step | None
    delivery: Step
    forwarding: Step


_1A, _1B = "Phase 1a - Origin Primary", "Phase 1b - Origin Secondary"
_2A, _2B, _2C = "Phase 2a - Destination MMP", "Phase 2b - Destination SCF", "Phase 2c - Destination Primary"
_3A, _3C = "Phase 3a - Destination Secondary", "Phase 3c - Destination Sequenced Carrier Sortation"
_4C = "Phase 4c - Delivery"

LETTER = Way(
    shape="Letter",
    origin_primary=Step("141", _1A, "in_transit", "in_transit", 0.09),
    origin_secondary=Step("892", _1B, "in_transit", "scanned", 0.17),
    arrival=Step("893", _2A, "in_local_area", "in_local_area", 0.13),
    local_sort=Step("894", _2B, "in_local_area", "scanned", 0.14),
    destination_primary=Step("464", _2C, "in_local_area", "in_local_area", 0.09),
    secondary=None,
    first_pass=Step("918", _3C, "out_for_delivery", "out_for_delivery", 0.11),
    second_pass=Step("919", "Phase 3c- Destination Sequenced Carrier Sortation", "out_for_delivery",
                     "out_for_delivery", 0.06),
    delivery=Step("517", _4C, "delivered", "delivered", 0.035, "L", ""),
    forwarding=Step("291", "PARS Processing", "rerouted", "scanned", 0.07, "A", "CIOSS"),
)  # fmt: skip
FLAT = Way(
    shape="Flat",
    origin_primary=Step("438", _1A, "in_transit", "in_transit", 0.28, "A", "AFSM"),
    origin_secondary=Step("332", _1B, "in_transit", "scanned", 0.38, "A", "AFSM"),
    arrival=Step("333", _2A, "in_local_area", "in_local_area", 0.34, "A", "AFSM"),
    local_sort=Step("334", _2B, "in_local_area", "in_local_area", 0.36, "A", "AFSM"),
    destination_primary=Step("335", _2C, "in_local_area", "in_local_area", 0.30, "A", "AFSM"),
    secondary=Step("336", _3A, "out_for_delivery", "out_for_delivery", 0.32, "A", "AFSM"),
    first_pass=None,
    second_pass=None,
    delivery=Step("517", _4C, "delivered", "delivered", 0.09, "L", ""),
    forwarding=Step("291", "FPARS Processing", "rerouted", "scanned", 0.2, "A", "AFSM"),
)  # fmt: skip

POSTMARK = Step("015", "Phase 0 - Origin Processing Cancellation of Postage", "in_transit", "scanned", 0.1, "A", "AFCS")
"""Loose mail's first machine."""
TRUCK = Step("873", "", "in_transit", "in_transit", 0.0, "S", "")
"""The container arrived that the piece is known to lie in: nobody saw the piece."""
MISCELLANEOUS = Step("128", "Miscellaneous", "scanned", "scanned")
CARRIER_ROUTE = Step("132", "Phase 4b - Carrier Route", "scanned", "scanned")
"""A phase that no list names."""
EVERY_STEP = frozenset(
    {step for way in (LETTER, FLAT) for step in way[1:] if step}
    | {POSTMARK, TRUCK, MISCELLANEOUS, CARRIER_ROUTE}
)  # fmt: skip
