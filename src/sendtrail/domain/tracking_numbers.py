"""Tracking numbers of parcels and certified mail: whose they are, whether they are written right, where to follow them.

Only forms with a published check digit are recognised: a typing error is seen, and no carrier is guessed.
"""

import re
from collections.abc import Callable
from itertools import cycle
from typing import NamedTuple
from urllib.parse import quote

from sendtrail.domain.problems import Invalid


class TrackingNumber(NamedTuple):
    """A number whose form and check digit fit."""

    carrier: str
    """`usps`, `canada_post`, `ups`, `fedex`; `post` for the post of any other country, told by the last two letters."""
    number: str
    """As the carrier knows it: capitals, no blanks, without the routing prefix of a label."""


def recognise(text: str) -> TrackingNumber | None:
    """The tracking number that `text` is, blanks and hyphens ignored; None where no form or check digit fits."""
    number = compact(text)
    if not number.strip("0"):
        return None  # zeros alone fit every weighting
    return next((found for form, read in _FORMS if (match := form.fullmatch(number)) and (found := read(match))), None)


def parse(text: str, param: str = "tracking_number") -> TrackingNumber:
    """As `recognise`; raises Invalid where there is nothing to recognise."""
    found = recognise(text)
    if found is None:
        raise Invalid(
            f"{param} {text[:50]!a} is no number of USPS, Canada Post, UPS, FedEx or a post of the S10 standard: "
            "its length, its form or its check digit is wrong",
            param,
        )
    return found


def looks_checked(text: str) -> bool:
    """Whether the text has the form of a number with a check digit that only one carrier or standard uses."""
    return bool(_CHECKED_FORM.fullmatch(compact(text)))


def made_up(post: str, n: int) -> TrackingNumber:
    """The n-th number that nobody has, to rehearse with: its form and check digit fit. `post`: as a send has it."""
    carrier, body = ("canada_post", f"7{n % 10**14:014d}") if post == "canada_post" else ("usps", f"9407{n:017d}")
    return next(TrackingNumber(carrier, body + digit) for digit in "0123456789" if mod10(body + digit))


def compact(text: str) -> str:
    """Capitals, without blanks and hyphens."""
    return re.sub(r"[\s-]+", "", text).upper()


def mod10(digits: str) -> bool:
    """Whether the last digit is the check digit of USPS and Canada Post: going left from it, weights 3, 1, 3, 1 …"""
    return _weighted(digits[::-1], (1, 3)) % 10 == 0


def s10(number: str) -> bool:
    """Whether the last digit of `AA#########CC` is the check digit of the Universal Postal Union's standard S10."""
    check = 11 - _weighted(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return int(number[10]) == {10: 0, 11: 5}.get(check, check)


def _fedex_express(number: str) -> bool:
    return int(number[-1]) == _weighted(number[:-1], (3, 1, 7)) % 11 % 10


def _ups(number: str) -> bool:
    """Behind `1Z`, weights 1, 2, 1, 2 …; the letters A, B, C … count 2, 3, 4 …, of which the last digit."""
    digits = "".join(str((ord(sign) - 63) % 10) if sign.isalpha() else sign for sign in number[2:-1])
    return (_weighted(digits, (1, 2)) + int(number[-1])) % 10 == 0


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, cycle(weights), strict=False))


def _carried_by(carrier: str, fits: Callable[[str], bool]) -> Callable[[re.Match[str]], TrackingNumber | None]:
    """Reads the number in group 1."""
    return lambda match: TrackingNumber(carrier, match[1]) if fits(match[1]) else None


def _usps_label(match: re.Match[str]) -> TrackingNumber | None:
    """Twenty digits as they stand; an older number fits only with 91 in front, and is then known by all 22 digits."""
    return next((TrackingNumber("usps", number) for number in (match[1], "91" + match[1]) if mod10(number)), None)


_POSTS = {"US": "usps", "CA": "canada_post"}


def _s10(match: re.Match[str]) -> TrackingNumber | None:
    return TrackingNumber(_POSTS.get(match[2], "post"), match[1]) if s10(match[1]) else None


_USPS = _carried_by("usps", mod10)
_FORMS = [
    (re.compile(form, re.ASCII), read)
    for form, read in (
        # A label's routing prefix changes nothing in the check where the ZIP+4 ends in zeros: its length decides.
        (r"420\d{5}(9[1-5]\d{20})", _USPS),
        (r"420\d{9}(9[1-5]\d{20})", _USPS),
        (r"(9[1-5](?:\d{20}|\d{24,32}))", _USPS),
        (r"(\d{20})", _usps_label),
        (r"(\d{16})", _carried_by("canada_post", mod10)),
        (r"(\d{15})", _carried_by("fedex", mod10)),
        (r"(\d{12})", _carried_by("fedex", _fedex_express)),
        (r"(1Z[0-9A-Z]{15}\d)", _carried_by("ups", _ups)),
        (r"([A-Z]{2}\d{9}([A-Z]{2}))", _s10),
    )
]

_CHECKED_FORM = re.compile(r"9[1-5]\d{20}|9[1-5]\d{24}|1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}", re.ASCII)

_PAGES = {
    "amazon": "https://track.amazon.com/tracking/{}",
    "canada_post": "https://www.canadapost-postescanada.ca/track-reperage/en#/details/{}",
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "ups": "https://www.ups.com/track?tracknum={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
}


def tracking_url(carrier: str, number: str) -> str:
    """The carrier's public page for a number; empty for a carrier or a number that has none.

    Takes a carrier in any writing (`Canada Post`, `canada-post`); the number need not be one that we recognise.
    """
    carrier = re.sub(r"[\s_-]+", "_", carrier.strip()).lower()
    found = recognise(number)
    number = found.number if found and found.carrier == carrier else compact(number)
    if not number or carrier not in _PAGES or (carrier == "amazon" and not number.startswith("TB")):
        return ""  # Amazon's own order numbers open no public page, its parcels' (TBA, TBC, TBM) do
    return _PAGES[carrier].format(quote(number, safe=""))
