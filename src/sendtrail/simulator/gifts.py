"""The lives of gifts and eGifts, told by suppliers, carriers and recipients rather than by files."""

from datetime import date
from random import Random

from sendtrail.domain.events import Source
from sendtrail.simulator.days import DAY, moment, moving_day, working_day
from sendtrail.simulator.places import Region, miles
from sendtrail.simulator.telling import Happening

GIFTS = (("Coffee sampler", 3450), ("Desk plant", 2890), ("Notebook set", 2200), ("Olive oil trio", 4100))
"""What is given, and for how many cents."""
CARDS = (("Bookshop card", 2500), ("Coffee card", 1500), ("Cinema card", 2000))

_CONFIRMS = 0.25
"""Of gifts: those whose recipient is asked for the address first."""
_UNCONFIRMED = 0.12
_UNDELIVERABLE = 0.03
_ATTEMPTED = 0.05
_OFFER_DAYS = 45
_REFUNDED = 0.02


def gift_life(random: Random, day: date, home: Region, destination: Region) -> list[Happening]:
    """What happens to a parcel that is ordered on `day`."""
    told: list[Happening] = []

    def tell(code: str, on: date, hour: float, hours: float, source: Source, zone: Region, note: str = "") -> None:
        told.append(Happening(code, moment(random, on, hour, hours, zone.zone), source, note))

    if random.random() < _CONFIRMS:
        tell("address_requested", day, 9, 0.5, Source.SYSTEM, home)
        if random.random() < _UNCONFIRMED:
            tell("confirmation_expired", day + 14 * DAY, 9, 0.5, Source.SYSTEM, home)
            return told
        day = working_day(day, random.randint(1, 4))
    tell("ordered", day, 10, 1, Source.SYSTEM, home)
    tell("supplier_fulfilling", working_day(day, 1), 8, 4, Source.VENDOR, home)
    shipped = working_day(day, random.randint(1, 3))
    tell("shipped", shipped, 15, 3, Source.VENDOR, home)
    arrived = moving_day(shipped, 2 + (miles(home, destination) > 600) + (random.random() < 0.3))
    tell("in_transit", moving_day(shipped, 1), 2, 6, Source.CARRIER, home)
    tell("in_local_area", arrived, 4, 2, Source.CARRIER, destination)
    tell("out_for_delivery", arrived, 7.5, 1.5, Source.CARRIER, destination)
    if random.random() < _ATTEMPTED:
        tell("delivery_attempted", arrived, 10, 6, Source.CARRIER, destination, "Nobody there")
        arrived = moving_day(arrived, 1)
    if random.random() < _UNDELIVERABLE:
        tell("undeliverable", arrived, 16, 2, Source.CARRIER, destination, "No such number")
        if random.random() < 0.5:
            tell("refunded", working_day(arrived, 3), 11, 4, Source.VENDOR, home)
    else:
        tell("delivered", arrived, 10.5, 6, Source.CARRIER, destination)
    return told


def egift_life(random: Random, day: date, home: Region) -> list[Happening]:
    """What happens to an offer that is sent on `day`: seven of ten are redeemed, the last ones months later."""
    told = [Happening("offer_sent", moment(random, day, 9, 1, home.zone), Source.SYSTEM)]
    chance = random.random()
    if chance < _REFUNDED:
        told.append(Happening("refunded", moment(random, day + DAY, 9, 6, home.zone), Source.PERSON, "Sent twice"))
    elif chance < 0.86:
        opened = day + DAY * int(random.expovariate(0.6))
        told.append(Happening("opened", moment(random, opened, 11, 10, home.zone), Source.RECIPIENT))
        if chance < 0.78:
            clicked = opened + DAY * int(random.expovariate(0.7))
            told.append(Happening("clicked", moment(random, clicked, 21.2, 0.5, home.zone), Source.RECIPIENT))
            if chance < 0.72:
                told.append(Happening("redeemed", moment(random, clicked, 21.8, 0.8, home.zone), Source.RECIPIENT))
                return told
    if chance >= _REFUNDED:
        told.append(Happening("expired", moment(random, day + _OFFER_DAYS * DAY, 9, 1, home.zone), Source.SYSTEM))
    return told
