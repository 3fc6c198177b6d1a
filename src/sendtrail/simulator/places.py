"""Where invented mail goes: real cities, ZIPs and time zones, with plants named in the style of real ones.

`regions.csv` has a line for each plant: its own ZIP and place, how many hundred thousand people it sorts for (roughly),
and some of the ZIPs that it sorts for, by city.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sendtrail.domain.observation import Facility

_EARTH_MILES = 3959


class Delivery(NamedTuple):
    """A city of a region and one of its five-digit ZIPs."""

    city: str
    zip: str


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """What one plant sorts for. There is one of each: they are told apart by identity."""

    plant: Facility
    zone: ZoneInfo
    latitude: float
    longitude: float
    people: int
    """Hundred thousands, roughly: how much mail goes there."""
    deliveries: tuple[Delivery, ...]


@lru_cache(maxsize=1)
def regions() -> tuple[Region, ...]:
    """All of them, in the order of the file."""
    text = resources.files("sendtrail.simulator").joinpath("regions.csv").read_text(encoding="utf-8")
    return tuple(_region(row) for row in csv.DictReader(text.splitlines()))


def region_of(city: str) -> Region:
    """The region whose plant stands in this city; LookupError for none."""
    for region in regions():
        if region.plant.city == city.upper():
            return region
    raise LookupError(f"no plant stands in {city}")


@lru_cache(maxsize=16_384)
def miles(start: Region, end: Region) -> float:
    """As the crow flies."""
    from_, to = radians(start.latitude), radians(end.latitude)
    across = radians(end.longitude - start.longitude)
    chord = sin((to - from_) / 2) ** 2 + cos(from_) * cos(to) * sin(across / 2) ** 2
    return 2 * _EARTH_MILES * asin(sqrt(chord))


@lru_cache(maxsize=4_096)
def office(zip_: str, city: str, state: str) -> Facility:
    """The office from which a ZIP is delivered."""
    return Facility(int(zip_), f"{city.upper()} DELIVERY UNIT", city.upper(), state, f"D{zip_}")


def _region(row: dict[str, str]) -> Region:
    return Region(
        plant=Facility(int(row["zip"]), row["plant"], row["city"].upper(), row["state"], f"V{row['zip']}"),
        zone=ZoneInfo(row["zone"]),
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        people=int(row["people"]),
        deliveries=tuple(_deliveries(row["delivered"])),
    )


def _deliveries(text: str) -> list[Delivery]:
    """`Boston 02108 02116; Cambridge 02138`, ZIP by ZIP."""
    found = []
    for city in text.split(";"):
        words = city.split()
        name = " ".join(word for word in words if not word.isdigit())
        found += [Delivery(name, word) for word in words if word.isdigit()]
    return found
