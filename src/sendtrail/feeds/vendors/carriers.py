"""Carriers' updates of parcels, through who collects them: EasyPost, AfterShip and Karrio.

They name a parcel by its tracking number and tell all of its history each time; what was told before changes nothing.
All of it is the carrier's word: `reported`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sendtrail.domain.events import Source
from sendtrail.feeds.intake import FieldError, shown
from sendtrail.feeds.vendors.intake import Object, VendorIntake, number_of, raw_of, text


class Sighting(NamedTuple):
    """One entry of a parcel's history as a carrier told it. `code`: ours, '' for what says nothing of its way."""

    code: str
    at_field: str
    at: object
    zip5: int
    said: Mapping[str, object]


def parcel(fields: Object, field: str, intake: VendorIntake) -> str:
    """The tracking number as sends keep it; FieldError names the field where it is missing."""
    number = text(fields, field)
    if not number:
        raise FieldError(f"{field} is missing: it says which parcel is meant")
    return number_of(number)


def tell(
    number: str,
    entries: Sequence[Object],
    sighted: Callable[[Object], Sighting | None],
    expected: int,
    intake: VendorIntake,
) -> None:
    """Take the history of a parcel; the newest of it tells when it is expected.

    `sighted`: what an entry says, None for nothing; FieldError refuses that entry alone.
    """
    known = len(intake.observations)
    for intake.line, entry in enumerate(entries, 1):
        try:
            each = sighted(entry)
            if each is None or not each.code:
                continue
            at = intake.moment(each.at_field, each.at, each.zip5)
        except FieldError as error:
            intake.refuse(intake.line, error.reason, raw_of(entry))
            continue
        intake.tell(number, each.code, at, source=Source.CARRIER, detail=each.said, zip5=each.zip5)
    told = intake.observations[known:]
    if expected and told:
        newest = max(range(len(told)), key=lambda place: told[place].item)
        intake.observations[known + newest] = told[newest]._replace(expected=expected)


def code_of(codes: Mapping[str, str], word: str, field: str) -> str:
    """What a carrier's word means; FieldError for one that we do not know."""
    if word not in codes:
        raise FieldError(f"{field} {shown(word)} is none of {', '.join(codes)}")
    return codes[word]
