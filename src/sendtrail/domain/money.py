"""What money does when a send moves: the one place that decides what is owed, what goes back, and what a send costs.

A send is owed from the moment it is accepted for as long as its status is none of `NOT_OWED`. What it cost is charged
when it comes to be owed and given back, to the source that was charged, when it ceases to be.
"""

from collections.abc import Mapping
from enum import IntEnum

from sendtrail.domain.events import ID_BY_CODE
from sendtrail.domain.packing import BEST

NOT_OWED: Mapping[str, str] = {
    "cancelled": "It was called off before it left.",
    "confirmation_expired": "The recipient confirmed no address in time, so it was never sent.",
    "refunded": "The offer ran out unopened or its e-mail bounced, or whoever took the order gave the money back.",
    "failed": "It could not be carried out: nothing went out, so nothing is owed.",
}
"""The statuses of a send that costs nothing, and why. The first three are Sendoso's (its Send Tracker's list of
statuses); the last is ours. An eGift that `expired` after it was opened is owed: it was used, though not taken."""

WITNESSES = ("opened", "clicked")
"""What shows that an eGift was looked at: with one of these in its trail it is not refunded when it expires."""

_NOT_OWED = frozenset(ID_BY_CODE[code] for code in NOT_OWED)
_CODE_MASK = (1 << BEST.width("code")) - 1


class EntryType(IntEnum):
    """What an entry of the ledger is. The numbers are stored and never change."""

    DEPOSIT = 1
    CHARGE = 2
    REFUND = 3
    ADJUSTMENT = 4

    @property
    def word(self) -> str:
        return self.name.lower()


SPENDING = (EntryType.CHARGE, EntryType.REFUND)
"""Together, below zero, they are what was spent."""


def owed(status: int) -> bool:
    """Whether a send of this status (`best`, or `best & packing.STATUS_MASK`; 0: not made yet) is to be paid for."""
    return status != 0 and status & _CODE_MASK not in _NOT_OWED


Prices = Mapping[tuple[int, str, str], int]
"""Kind, mailing class and extra service → cents; an empty text stands for any."""


def price_of(prices: Prices, kind: int, mailing_class: str, extra_service: str) -> int:
    """Cents by the most specific price of a kind; 0 where none fits.

    In this order: that of the class with the extra service, of the extra service with any class, of the class with any
    service, of the kind. A service weighs more than a class because it costs more than all else.
    """
    for key in ((mailing_class, extra_service), ("", extra_service), (mailing_class, ""), ("", "")):
        if (cents := prices.get((kind, *key))) is not None:
            return cents
    return 0
