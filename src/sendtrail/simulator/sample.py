"""A made-up organization's last sixty days of mail: the demo's sends and what became of them.

The same day and seed give the same sample, to the last digit. Nothing in it lies later than the given moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from sendtrail.domain.events import Source
from sendtrail.domain.send import Address, KindWord, NewSend
from sendtrail.domain.service_types import stid_for
from sendtrail.domain.tracking_numbers import mod10
from sendtrail.simulator.formats import AcsRecord, PrinterRow, Scan
from sendtrail.simulator.journeys import Piece, travel
from sendtrail.simulator.places import COMPANIES, FIRST_NAMES, HOME, LAST_NAMES, PLACES, STREETS, Place

DAYS = 60
MAILER_ID = "901000042"
SEED = 2020

SENDER = Address(
    name="Accounts", company="Harbor & Vale", address_line1="200 Foundry St", city=HOME.city, state=HOME.state,
    postal_code=HOME.zip,
)  # fmt: skip


class Campaign(NamedTuple):
    """A plan of sends. A bulk campaign goes out `days_ago`; the others trickle in from then on."""

    name: str
    """Empty for single items."""
    type: Literal["bulk", "triggered", "single"]
    kind: KindWord
    mailing_class: str
    size: int
    days_ago: int
    cost_cents: int


CAMPAIGNS = (
    Campaign("Membership renewal", "bulk", "letter", "first_class", 260, 52, 78),
    Campaign("New branch invitation", "bulk", "postcard", "marketing", 320, 39, 46),
    Campaign("Open house", "bulk", "self_mailer", "marketing", 200, 24, 62),
    Campaign("Price list", "bulk", "postcard", "first_class", 180, 12, 53),
    Campaign("Donor thank-you", "bulk", "letter", "first_class", 120, 3, 81),
    Campaign("Annual appeal", "bulk", "letter", "first_class", 90, -6, 78),
    Campaign("Welcome letter", "triggered", "letter", "first_class", 110, DAYS, 84),
    Campaign("Basket reminder", "triggered", "postcard", "first_class", 140, DAYS, 53),
    Campaign("", "single", "cheque", "first_class", 50, DAYS, 96),
    Campaign("", "single", "letter", "first_class", 60, DAYS, 92),
)
_GIFTS = 22
_EGIFTS = 26
_CANCELLED = 0.012
_GIFT_BOXES = (("Coffee sampler", 3450), ("Desk plant", 2890), ("Notebook set", 2200))
_CARDS = (("Bookshop card", 2500), ("Coffee card", 1500), ("Cinema card", 2000))


class Happening(NamedTuple):
    """An event that no file tells of: a person, a carrier or a vendor reported it."""

    code: str
    at: datetime
    source: Source
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One send, when it was asked for, and what became of it: nothing that lies after the sample's moment."""

    send: NewSend
    accepted_at: datetime
    happenings: list[Happening] = field(default_factory=list)
    reports: list[PrinterRow] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    notices: list[AcsRecord] = field(default_factory=list)


def campaigns() -> Mapping[str, Literal["bulk", "triggered"]]:
    """Name and type of the sample's campaigns."""
    return {campaign.name: campaign.type for campaign in CAMPAIGNS if campaign.type != "single"}


def sample(now: datetime, seed: int = SEED) -> list[Item]:
    """Everything asked for up to `now` (aware), in that order; the last campaign is still waiting for its day."""
    random, serials = Random(seed), count(1)  # noqa: S311 — the same sample each time is the point
    today = now.astimezone(ZoneInfo(HOME.zone)).date()
    items = [
        *(_mail(random, campaign, today, now, next(serials)) for campaign in CAMPAIGNS for _ in range(campaign.size)),
        *(_gift(random, number, today, now) for number in range(_GIFTS)),
        *(_egift(random, number, today, now) for number in range(_EGIFTS)),
    ]
    for number, item in enumerate(items, 1):
        item.send.external_id = f"SAMPLE-{number:05d}"
    return sorted(items, key=lambda item: item.accepted_at)


def stray(scan: Scan) -> Scan:
    """The same scan of a barcode with the organization's Mailer ID that no send of the sample has."""
    return replace(scan, imb=_imb("first_class", 999_999, HOME.zip))


def _mail(random: Random, campaign: Campaign, today: date, now: datetime, serial: int) -> Item:
    days_ago = campaign.days_ago if campaign.type == "bulk" else random.randrange(campaign.days_ago)
    day = today - timedelta(days=days_ago)
    if day.weekday() == 6:
        day += timedelta(days=1)
    place = random.choice(PLACES)
    to = _recipient(random, place)
    imb = _imb(campaign.mailing_class, serial, to.postal_code.replace("-", ""))
    send = NewSend(
        kind=campaign.kind,
        to=to,
        from_=SENDER,
        campaign=campaign.name,
        send_date=day,
        mailing_class=campaign.mailing_class,
        imb=imb,
        cost_cents=campaign.cost_cents,
    )
    ahead = timedelta(days=3 if campaign.type == "bulk" else 0)
    accepted_at = min(_early(day - ahead), now)
    journey = travel(random, Piece(imb, day, place, campaign.mailing_class == "marketing"))
    if random.random() < _CANCELLED:
        at = _at(random, day, time(7), HOME)
        cancelled = Happening("cancelled", at, Source.PERSON, "Sent by mistake")
        return Item(send, accepted_at, happenings=_until(now, [cancelled]))
    return Item(
        send,
        accepted_at,
        reports=[report for report in journey.reports if isinstance(report.at, datetime) and report.at <= now],
        scans=[scan for scan in journey.scans if scan.occurred_at <= now],
        notices=[notice for notice in journey.notices if notice.on < today],
    )


def _imb(mailing_class: str, serial: int, routing: str) -> str:
    return f"00{stid_for(mailing_class)}{MAILER_ID}{serial:06d}{routing}"


def _gift(random: Random, number: int, today: date, now: datetime) -> Item:
    place, day = random.choice(PLACES), today - timedelta(days=random.randrange(DAYS))
    name, cost = random.choice(_GIFT_BOXES)
    serial = f"9205590{MAILER_ID}{number:05d}"
    send = NewSend(
        kind="gift",
        to=_recipient(random, place, company=True),
        send_date=day,
        tracking_number=next(serial + digit for digit in "0123456789" if mod10(serial + digit)),
        carrier="usps",
        gift={"name": name},
        message="With thanks from all of us.",
        cost_cents=cost,
        sender="Mara Lockhart",
    )
    steps = [("ordered", 0, Source.SYSTEM), ("shipped", 2, Source.VENDOR), ("in_transit", 3, Source.CARRIER),
             ("out_for_delivery", 5, Source.CARRIER), ("delivered", 5, Source.CARRIER)]  # fmt: skip
    if number % 4 == 0:
        steps.insert(0, ("address_requested", 0, Source.SYSTEM))
    if number % 9 == 8:
        steps[-1] = ("undeliverable", 6, Source.CARRIER)
    return Item(send, min(_early(day), now), happenings=_until(now, _steps(random, day, place, steps)))


def _egift(random: Random, number: int, today: date, now: datetime) -> Item:
    place, day = random.choice(PLACES), today - timedelta(days=random.randrange(DAYS))
    name, cost = random.choice(_CARDS)
    send = NewSend(
        kind="egift",
        to=_recipient(random, place, company=True),
        send_date=day,
        gift={"name": name},
        message="A small thank-you.",
        cost_cents=cost,
        sender="Mara Lockhart",
    )
    steps = [("offer_sent", 0, Source.SYSTEM), ("opened", 1, Source.RECIPIENT), ("clicked", 1, Source.RECIPIENT),
             ("redeemed", 2, Source.RECIPIENT)]  # fmt: skip
    if number % 5 == 4:
        steps[1:] = [("expired", 30, Source.SYSTEM)]
    steps = steps[: random.choice((2, 3, 4, 4, 4))]
    return Item(send, min(_early(day), now), happenings=_until(now, _steps(random, day, place, steps)))


def _early(day: date) -> datetime:
    """When the sends of a day were asked for: before anything happens to them."""
    return datetime.combine(day, time(6), ZoneInfo(HOME.zone))


def _steps(random: Random, day: date, place: Place, steps: list[tuple[str, int, Source]]) -> list[Happening]:
    hours = iter(range(8, 8 + len(steps)))
    return [
        Happening(code, _at(random, day + timedelta(days=days), time(next(hours)), place), source)
        for code, days, source in steps
    ]


def _until(now: datetime, happenings: list[Happening]) -> list[Happening]:
    return [happening for happening in happenings if happening.at <= now]


def _recipient(random: Random, place: Place, *, company: bool = False) -> Address:
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    return Address(
        name=f"{first} {last}",
        company=random.choice(COMPANIES) if company else "",
        email=f"{first}.{last}@example.com".lower().translate(_ASCII) if company else "",
        address_line1=f"{random.randint(2, 999)} {random.choice(STREETS)}",
        city=place.city,
        state=place.state,
        postal_code=f"{place.zip}-{random.randint(1000, 9899)}",
    )


_ASCII = str.maketrans("áéíóúüëñ", "aeiouuen")


def _at(random: Random, day: date, earliest: time, place: Place) -> datetime:
    """Within the hour after `earliest`, local time."""
    return datetime.combine(day, earliest, ZoneInfo(place.zone)) + timedelta(seconds=random.randrange(3600))
