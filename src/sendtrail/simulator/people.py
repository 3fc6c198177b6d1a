"""Invented people and addresses, in real cities."""

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import NamedTuple

from sendtrail.domain.send import Address
from sendtrail.simulator.places import Region, miles, regions

_FIRST_NAMES = (
    "Ada", "Amara", "Andre", "Angela", "Ben", "Beth", "Bianca", "Caleb", "Carmen", "Cheryl", "Curtis", "Dara", "Diego",
    "Dolores", "Donna", "Elena", "Elias", "Esther", "Farah", "Felix", "Frances", "Gloria", "Grace", "Gustav", "Hana",
    "Harold", "Hugo", "Imani", "Irene", "Ivan", "Jae", "Janet", "Joanna", "Jorge", "Keiko", "Kevin", "Kofi", "Laila",
    "Leon", "Lucille", "Luis", "Mara", "Marcus", "Mateo", "Mei", "Monique", "Nadia", "Nathan", "Noel", "Olga", "Omar",
    "Patrice", "Paula", "Priya", "Quinn", "Rafael", "Ravi", "Rosa", "Ruth", "Samir", "Sheila", "Sofia", "Stanley",
    "Tessa", "Theresa", "Tomás", "Uma", "Vernon", "Victor", "Wanda", "Wei", "Wren", "Yara", "Zoë",
)  # fmt: skip
_LAST_NAMES = (
    "Abbott", "Abernathy", "Alvarez", "Bauer", "Benítez", "Blackwood", "Brandt", "Calloway", "Castellan", "Chavez",
    "Chen", "Cordova", "Dawson", "Delgado", "Dunmore", "Eastman", "Ellison", "Fairley", "Farrow", "Fontaine", "Garrow",
    "Gallagher", "Guerrero", "Hadley", "Haldane", "Hendricks", "Huang", "Ibarra", "Ingram", "Jessup", "Joshi",
    "Kearney", "Kim", "Kowalczyk", "Lambert", "Lindqvist", "Lockhart", "Marchetti", "Mbeki", "McAllister", "Moreau",
    "Nakamura", "Nguyen", "Novak", "Okafor", "Ortega", "Osborne", "Patel", "Pemberton", "Petrov", "Quigley",
    "Rasmussen", "Reyes", "Rosales", "Sandoval", "Sato", "Schneider", "Sorensen", "Strand", "Tanaka", "Thackeray",
    "Tran", "Underhill", "Valente", "Vasquez", "Villanueva", "Whitcomb", "Winslow", "Wolfe", "Yoder", "Yoon", "Zamora",
    "Zeller", "Zimmer",
)  # fmt: skip
_STREETS = (
    "Alder Ct", "Beacon St", "Birchwood Ave", "Briar Hill Rd", "Cannery Row", "Cedar Ave", "Chestnut St", "Church St",
    "Clover Ln", "Dogwood Ln", "Eastgate Blvd", "Elm Terrace", "Fairview Ave", "Foundry St", "Garden St", "Grove Ave",
    "Harbor Way", "Hickory Dr", "Highland Ave", "Jefferson St", "Juniper Dr", "Kiln Rd", "Lakeshore Dr", "Larch St",
    "Lincoln Ave", "Magnolia Way", "Main St", "Maple St", "Meadow Ln", "Mill Pond Rd", "Oak St", "Orchard Rd",
    "Park Ave", "Pine St", "Prospect St", "Quarry Rd", "Ridge Rd", "River Rd", "Spring St", "Sycamore Dr",
    "Valley View Dr", "Walnut St", "Willow Bend", "Woodland Ave",
)  # fmt: skip
_COMPANIES = (
    "Alder & Finch", "Brightwater Labs", "Cobalt Freight", "Drift Studio", "Everline Health", "Fernway Foods",
    "Granite Mutual", "Helio Works", "Ivory Coast Imports", "Juno Analytics", "Kestrel Legal", "Lumen Dental",
    "Marlow Brothers Realty", "Northfield Motors", "Old Mill Brewing", "Pinecrest Advisors",
)  # fmt: skip
_ASCII = str.maketrans("áéíóúüëñ", "aeiouuen")
_IN_FLATS = 0.18
"""Of addresses: those with a second line."""


class Recipient(NamedTuple):
    """Somebody, the region they live in, and the eleven digits that route mail to their door."""

    address: Address
    region: Region
    routing: str


class Neighbourhood:
    """Draws recipients around a home: the farther away a region is, the fewer of them live there."""

    def __init__(self, home: Region, reach: float) -> None:
        """`reach` in miles: half as many, person for person, as at home."""
        self._regions = regions()
        self._sums = list(accumulate(_share(home, region, reach) for region in self._regions))

    def recipient(self, random: Random, *, company: bool = False) -> Recipient:
        """Anybody; at work, with an e-mail address, where `company`."""
        region = self.region(random)
        delivery = random.choice(region.deliveries)
        first, last = random.choice(_FIRST_NAMES), random.choice(_LAST_NAMES)
        plus_four, point = 1000 + int(random.random() * 8900), int(random.random() * 99)
        address = Address(
            name=f"{first} {last}",
            company=random.choice(_COMPANIES) if company else "",
            email=f"{first}.{last}@example.com".lower().translate(_ASCII) if company else "",
            address_line1=street(random),
            address_line2=f"Apt {random.randint(1, 48)}" if random.random() < _IN_FLATS else "",
            city=delivery.city,
            state=region.plant.state,
            postal_code=f"{delivery.zip}-{plus_four}",
        )
        return Recipient(address, region, f"{delivery.zip}{plus_four}{point:02d}")

    def region(self, random: Random) -> Region:
        return self._regions[bisect(self._sums, random.random() * self._sums[-1])]


def street(random: Random) -> str:
    """House number and street."""
    return f"{random.randint(2, 2999)} {random.choice(_STREETS)}"


def _share(home: Region, region: Region, reach: float) -> float:
    return region.people / (1 + (miles(home, region) / reach) ** 2)
