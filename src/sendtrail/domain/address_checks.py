"""Whether an address can be one: its parts are there, its codes have their shape, its ZIP Code lies in its state.

This is structure, not a list of all addresses: only a licensed one (CASS, SERP) knows whether a house stands there.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal, NamedTuple

from sendtrail.domain.send import US_MAIL
from sendtrail.domain.zip_areas import AREAS, PROVINCE_NAMES, PROVINCES, STATE_NAMES, STATES

AddressStatus = Literal["verified", "corrected", "failed"]
ZIP = re.compile(r"(\d{5})(?:[\s-]*(\d{4}))?")
CANADIAN = re.compile(r"([ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z])[\s-]*(\d[ABCEGHJ-NPRSTV-Z]\d)")
"""Canada Post, Addressing Guidelines: no D, F, I, O, Q or U, and no W or Z at the beginning."""


class Place(NamedTuple):
    """The part of an address that is checked. `country`: two capital letters."""

    city: str
    state: str
    postal_code: str
    country: str


class Checked(NamedTuple):
    """`place`: as it should be written; `errors`: what is wrong with it, or what was put right, in words."""

    place: Place
    status: AddressStatus
    errors: str


def check_address(place: Place) -> Checked:
    """What can be said of an address without asking anybody. One that fails stays as it was given."""
    right, wrong = place, ["the city is missing"] if not place.city and place.country in {*US_MAIL, "CA"} else []
    if place.country in US_MAIL:
        right, more = _of_united_states(place)
        wrong += more
    elif place.country == "CA":
        right, more = _of_canada(place)
        wrong += more
    if wrong:
        return Checked(place, "failed", "; ".join(wrong))
    put_right = [
        f"the {what} {was!a} was written as {now}" if was else f"the {what} {now} was added"
        for what, was, now in (
            ("state", place.state, right.state),
            ("postal code", place.postal_code, right.postal_code),
        )
        if was != now
    ]
    return Checked(right, "corrected" if put_right else "verified", "; ".join(put_right))


def _of_united_states(place: Place) -> tuple[Place, list[str]]:
    state = letters_of(place.state, STATE_NAMES)
    if not place.state and place.country in STATES and place.country != "US":
        state = place.country  # a territory that is given as a country
    found = ZIP.fullmatch(place.postal_code)
    if state and state not in STATES:
        return place, [f"there is no state {place.state[:40]!a}"]
    if not found:
        what = f"{place.postal_code[:20]!a} is no ZIP Code: it has five or nine digits" if place.postal_code else ""
        return place, [what or "the ZIP Code is missing"]
    states = AREAS.get(found[1][:3], ())
    if not states:
        return place, [f"no ZIP Code begins with {found[1][:3]}"]
    if not state and len(states) == 1:
        state = states[0]
    if state not in states:
        there = f"the ZIP Code {found[1]} lies in {' or '.join(states)}"
        return place, [f"{there}, not in {state}" if state else f"the state is missing: {there}"]
    return place._replace(state=state, postal_code="-".join(each for each in found.groups() if each)), []


def _of_canada(place: Place) -> tuple[Place, list[str]]:
    province = letters_of(place.state, PROVINCE_NAMES)
    found = CANADIAN.fullmatch(place.postal_code.upper())
    wrong = []
    if province not in PROVINCES:
        wrong.append(f"there is no province {place.state[:40]!a}" if place.state else "the province is missing")
    if not found:
        wrong.append(
            f"{place.postal_code[:20]!a} is no postal code: it is like K1A 0B1"
            if place.postal_code
            else "the postal code is missing"
        )
        return place, wrong
    return place._replace(state=province, postal_code=f"{found[1]} {found[2]}"), wrong


def letters_of(text: str, names: Mapping[str, str]) -> str:
    """The two letters of a state or province, by its name too, with or without accents and full stops."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().replace(".", "").strip()
    return names.get(plain.lower(), plain.upper())
