"""How long an organization waits before something is said or presumed: every threshold, in one table.

An organization's own values are rows of the database; what it has not changed is the default here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sendtrail.domain.business_days import USUAL_DAYS
from sendtrail.domain.presumption import QUIET_DAYS
from sendtrail.domain.problems import Invalid

PRESUMED = "Presumed delivery"
ATTENTION = "Needs attention"

Unit = Literal["business days", "days", "cents"]
"""Business days are the post's (domain/business_days); days are those of the calendar; cents of the organization's
currency."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row of the table; `lowest` and `highest` are allowed themselves."""

    name: str
    group: str
    title: str
    default: int
    unit: Unit
    lowest: int
    highest: int
    meaning: str

    @property
    def can_end(self) -> bool:
        """Whether 0 ends what it is for; of the others 0 is no value at all."""
        return self.lowest == 0


_LONG = 250
"""Business days of a year."""
_YEAR = 365
_MOST_CENTS = 10**11


def _usual(name: str, title: str, what: str) -> Threshold:
    meaning = f"{what} that was handed over and never scanned is presumed delivered after so long."
    return Threshold(name, PRESUMED, title, USUAL_DAYS[name], "business days", 1, _LONG, meaning)


def _waits(name: str, title: str, default: int, unit: Unit, meaning: str) -> Threshold:
    highest = {"business days": _LONG, "days": _YEAR, "cents": _MOST_CENTS}[unit]
    return Threshold(name, ATTENTION, title, default, unit, 0, highest, meaning)


TABLE = (
    Threshold(
        "quiet_days",
        PRESUMED,
        "Quiet days",
        QUIET_DAYS,
        "business days",
        1,
        _LONG,
        "What was out for delivery and not heard of since is presumed delivered after so long.",
    ),
    _usual("first_class", "First-class", "First-class mail"),
    _usual("marketing", "Marketing", "Marketing mail"),
    _usual("lettermail", "Lettermail", "Canada Post's Lettermail"),
    _waits("ordered_days", "Ordered", 7, "days", "A send that was ordered has not moved on for longer."),
    _waits("held_days", "Held", 3, "days", "A send has been on hold for longer."),
    _waits("printer_days", "At the printer", 2, "business days", "A piece has been at the printer for longer."),
    _waits(
        "unscanned_first_class",
        "First-class not scanned",
        4,
        "business days",
        "First-class mail was handed over and not scanned for longer; its first scan usually comes within two days.",
    ),
    _waits(
        "unscanned_marketing",
        "Marketing not scanned",
        8,
        "business days",
        "Marketing mail was handed over and not scanned for longer; its first scan usually comes within a week.",
    ),
    _waits(
        "unscanned_parcel",
        "Parcels not scanned",
        5,
        "business days",
        "A gift was shipped, or a piece by a parcel class handed over, and not scanned for longer.",
    ),
    _waits(
        "out_for_delivery_days",
        "Out for delivery",
        3,
        "business days",
        "A send has been out for delivery, or waiting to be picked up, for longer.",
    ),
    _waits(
        "number_days",
        "Without tracking number",
        3,
        "business days",
        "A send by a service that can be tracked is on its way, and has had no tracking number for longer.",
    ),
    _waits(
        "unmatched_days",
        "Unmatched scans",
        1,
        "days",
        "Scans of your own Mailer IDs that belong to no send have waited for one for longer.",
    ),
    _waits("feed_days", "Quiet feeds", 4, "days", "A feed that used to bring scans has brought none for longer."),
    _waits("balance_cents", "Balance", 100_00, "cents", "The balance is below this amount, once a deposit was made."),
    Threshold(
        "window_days",
        ATTENTION,
        "How far back",
        90,
        "days",
        1,
        _YEAR,
        "What began longer ago is left out, so that what is old hides nothing that is new.",
    ),
)

BY_NAME: Mapping[str, Threshold] = {each.name: each for each in TABLE}
DEFAULTS: Mapping[str, int] = {each.name: each.default for each in TABLE}
GROUPS: Mapping[str, tuple[Threshold, ...]] = {
    group: tuple(each for each in TABLE if each.group == group) for group in (PRESUMED, ATTENTION)
}


def checked(name: str, value: int) -> int:
    """The value; Invalid names the threshold where there is none of this name, or where it lies outside its bounds."""
    known = BY_NAME.get(name)
    if known is None:
        raise Invalid(f"{name[:40]!a} is no threshold; there is {', '.join(BY_NAME)}", name)
    if not known.lowest <= value <= known.highest:
        raise Invalid(f"{name} must be {known.lowest} to {known.highest} {known.unit}", name)
    return value
