"""A whole address on one line, taken apart where that is beyond doubt: street, city, state and postal code.

    145 Mulberry St Apt 2, New York NY 10013

A comma ends the street, the ZIP Code's area tells which words before it are the state, and what lies between is the
city. Where the city might hold a part of the street (USPS Publication 28, appendix C: units and street suffixes) or the
state might be another, the line is left as it is.
"""

import re
from typing import NamedTuple

from sendtrail.domain.address_checks import CANADIAN, ZIP, letters_of
from sendtrail.domain.send import US_MAIL
from sendtrail.domain.zip_areas import AREAS, PROVINCE_NAMES, PROVINCES, STATE_NAMES, STATES

_LONGEST_STATE = 4
"""Words: Federated States of Micronesia."""
_US = re.compile(rf"(?P<before>.*[\s,])(?P<code>{ZIP.pattern})", re.DOTALL)
_CA = re.compile(rf"(?P<before>.*[\s,])(?P<code>{CANADIAN.pattern})", re.DOTALL | re.IGNORECASE)
_COUNTRY = {
    "US": re.compile(r"[\s,]+(?:USA|U\.S\.A\.|US|U\.S\.|United States(?: of America)?)\Z", re.IGNORECASE),
    "CA": re.compile(r"[\s,]+Canada\Z", re.IGNORECASE),
}
_CITY = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’-])*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NUMBERED_UNITS = _words(
    "apartment apt box building bldg department dept fl floor hangar hngr lot penthouse ph pier po p.o room rm rr slip"
    " space spc ste stop suite trailer trlr unit"
)
_OTHER_UNITS = _words("basement bsmt front frnt lobby lbby lower lowr office ofc rear side upper uppr")
_SUFFIXES = _words(
    "alley aly avenue ave av boulevard blvd circle cir court ct drive dr highway hwy lane ln parkway pkwy place pl"
    " plaza plz road rd square sq street st terrace ter trail trl way"
)
_DIRECTIONS = _words("east west north south e w n s ne nw se sw")


class Whole(NamedTuple):
    """The parts of a whole address. `state`: two capital letters."""

    street: str
    city: str
    state: str
    postal_code: str


def take_apart(line: str, country: str) -> Whole | None:
    """The parts of a line in the United States or Canada that holds a whole address; None where there is any doubt.

    `country`: two capital letters.
    """
    is_us = country in US_MAIL
    if not is_us and country != "CA":
        return None
    line = _COUNTRY["US" if is_us else "CA"].sub("", line.strip())
    found = (_US if is_us else _CA).fullmatch(line)
    if found is None:
        return None
    code = found["code"]
    possible = frozenset(AREAS.get(code[:3], ())) if is_us else PROVINCES
    ends = list(_states(found["before"].rstrip(" ,\t\n"), possible, is_us=is_us))
    if len(ends) != 1:
        return None
    (before, state), *_ = ends
    street, comma, city = before.rstrip(" ,\t\n").rpartition(",")
    city, street = city.strip(), street.strip(" ,\t\n")
    apart = before.rstrip().endswith(",")
    if not comma or not re.search(r"\d", street) or not _is_city(city, apart=apart):
        return None
    return Whole(street, city, state, code)


def _states(text: str, possible: frozenset[str], *, is_us: bool) -> list[tuple[str, str]]:
    """Each way in which a text can end in one of these states: what stands before it, and its letters."""
    found = []
    for n in range(1, _LONGEST_STATE + 1):
        last = re.search(rf"(?<=[\s,])[^\s,]+(?:[ \t]+[^\s,]+){{{n - 1}}}\Z", text)
        if last is None:
            break
        state = letters_of(last[0], STATE_NAMES if is_us else PROVINCE_NAMES)
        if state in possible and state in (STATES if is_us else PROVINCES):
            found.append((text[: last.start()], state))
    return found


def _is_city(text: str, *, apart: bool) -> bool:
    """Whether a text is a city and no part of a street. `apart`: commas stand on both sides of it."""
    words = [word.strip(".").lower() for word in text.split()]
    if not _CITY.fullmatch(text) or words[0] in _NUMBERED_UNITS:
        return False
    if next((word for word in reversed(words) if word not in _DIRECTIONS), "") in _SUFFIXES:
        return False
    return not (words[0] in _OTHER_UNITS and (len(words) == 1 or not apart))
