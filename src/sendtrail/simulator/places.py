"""Where invented mail goes: real cities and time zones, invented people and streets."""

from typing import NamedTuple


class Place(NamedTuple):
    """A delivery area with the plant that sorts for it and the office from which it is delivered."""

    city: str
    state: str
    zip: str
    """Of the recipients and of the delivery office."""
    plant_zip: str
    plant: str
    zone: str
    days: int
    """Business days that first-class mail takes from `HOME`."""


HOME = Place("Columbus", "OH", "43215", "43218", "COLUMBUS P&DC", "America/New_York", 2)

PLACES = (
    Place("Boston", "MA", "02118", "02205", "BOSTON P&DC", "America/New_York", 3),
    Place("New York", "NY", "10003", "10199", "NEW YORK P&DC", "America/New_York", 3),
    Place("Philadelphia", "PA", "19103", "19176", "PHILADELPHIA P&DC", "America/New_York", 3),
    Place("Pittsburgh", "PA", "15203", "15290", "PITTSBURGH P&DC", "America/New_York", 2),
    Place("Atlanta", "GA", "30306", "30304", "ATLANTA P&DC", "America/New_York", 3),
    Place("Detroit", "MI", "48201", "48233", "DETROIT P&DC", "America/Detroit", 2),
    Place("Indianapolis", "IN", "46202", "46206", "INDIANAPOLIS P&DC", "America/Indiana/Indianapolis", 2),
    Place("Chicago", "IL", "60614", "60607", "CHICAGO P&DC", "America/Chicago", 3),
    Place("Minneapolis", "MN", "55408", "55401", "MINNEAPOLIS P&DC", "America/Chicago", 4),
    Place("Dallas", "TX", "75206", "75260", "DALLAS P&DC", "America/Chicago", 4),
    Place("New Orleans", "LA", "70115", "70113", "NEW ORLEANS P&DC", "America/Chicago", 4),
    Place("Denver", "CO", "80205", "80266", "DENVER P&DC", "America/Denver", 4),
    Place("Phoenix", "AZ", "85006", "85026", "PHOENIX P&DC", "America/Phoenix", 5),
    Place("Seattle", "WA", "98103", "98168", "SEATTLE P&DC", "America/Los_Angeles", 5),
    Place("Los Angeles", "CA", "90026", "90052", "LOS ANGELES P&DC", "America/Los_Angeles", 5),
    Place("Honolulu", "HI", "96814", "96820", "HONOLULU P&DC", "Pacific/Honolulu", 5),
)

FIRST_NAMES = (
    "Ada", "Amara", "Ben", "Bianca", "Caleb", "Carmen", "Dara", "Diego", "Elena", "Elias", "Farah", "Felix", "Grace",
    "Gustav", "Hana", "Hugo", "Imani", "Ivan", "Jae", "Joanna", "Kofi", "Laila", "Leon", "Mara", "Mateo", "Nadia",
    "Noel", "Omar", "Paula", "Priya", "Quinn", "Rafael", "Rosa", "Samir", "Sofia", "Tessa", "Tomás", "Uma", "Victor",
    "Wren", "Yara", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Alvarez", "Bauer", "Benítez", "Calloway", "Castellan", "Dunmore", "Eastman", "Fairley", "Fontaine",
    "Garrow", "Hadley", "Haldane", "Ibarra", "Jessup", "Kearney", "Kowalczyk", "Lindqvist", "Lockhart", "Marchetti",
    "Mbeki", "Novak", "Okafor", "Ortega", "Pemberton", "Quigley", "Rasmussen", "Rosales", "Sandoval", "Sorensen",
    "Tanaka", "Thackeray", "Underhill", "Valente", "Vasquez", "Whitcomb", "Winslow", "Yoder", "Zamora", "Zeller",
)  # fmt: skip
STREETS = ("Alder Ct", "Birchwood Ave", "Cannery Row", "Dogwood Ln", "Elm Terrace", "Foundry St", "Garden St",
           "Harbor Way", "Juniper Dr", "Kiln Rd", "Larch St", "Mill Pond Rd")  # fmt: skip
COMPANIES = ("Alder & Finch", "Brightwater Labs", "Cobalt Freight", "Drift Studio", "Everline Health", "Fernway Foods",
             "Granite Mutual", "Helio Works", "Ivory Coast Imports", "Juno Analytics")  # fmt: skip
