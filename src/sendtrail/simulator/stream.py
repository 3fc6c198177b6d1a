"""A company's mail of some weeks: what was sent, what became of it, and what was told of that.

The world depends on company, seed, size and day alone, to the last digit; `now` decides only how much of it is known.
Nothing is told before it happened, and nothing lies in the future.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any, Literal

from sendtrail.domain.events import Source
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.service_types import stid_for
from sendtrail.domain.tracking_numbers import mod10
from sendtrail.simulator.companies import Campaign, Company
from sendtrail.simulator.days import DAY, moment, working_day, working_day_before
from sendtrail.simulator.feed import Feed, quiet_times, tell
from sendtrail.simulator.formats import AcsRecord, PrinterRow
from sendtrail.simulator.gifts import CARDS, GIFTS, egift_life, gift_life
from sendtrail.simulator.journeys import Journey, Piece, travel
from sendtrail.simulator.people import Neighbourhood, Recipient
from sendtrail.simulator.places import region_of
from sendtrail.simulator.production import produce
from sendtrail.simulator.telling import Happening, Told

Sector = Literal["bulk", "triggered", "single", "gift"]
PLANNED_DAYS = 90
"""What a campaign's `ago` counts on."""
_CANCELLED = 0.008
_BULK_AHEAD = 5
"""Working days between a bulk campaign's order and its turn."""
_SLOTS = (time(6, 10), time(13, 30))
"""Local times at which what was triggered since is handed in; after the first it is too late for the day."""
_NOTES = ("Sent by mistake", "Customer called", "Duplicate order", "Address changed")


@dataclass(frozen=True, slots=True)
class Barcodes:
    """Which barcodes the mail bears: a Mailer ID, and the serial number of the first piece."""

    mailer_id: str
    first_serial: int = 1

    def imb(self, mailing_class: str, number: int, routing: str) -> str:
        serial = self.first_serial + number
        return f"00{stid_for(mailing_class)}{self.mailer_id}{serial:0{15 - len(self.mailer_id)}d}{routing}"


@dataclass(slots=True)
class Item:
    """One send, and what becomes of it in the end."""

    send: NewSend
    accepted_at: datetime
    sector: Sector
    happenings: list[Happening] = field(default_factory=list)
    handed_on: date | None = None
    journey: Journey | None = None
    """None for what is no mail, or never reached the post."""


@dataclass(slots=True)
class Stream:
    """What is there at `now`: sends by the moment of their order, facts that files can tell of by now."""

    company: Company
    now: datetime
    items: list[Item]
    feed: Feed
    reports: list[Told[PrinterRow]]
    notices: list[Told[AcsRecord]]

    @property
    def today(self) -> date:
        """Where the company is."""
        return self.now.astimezone(region_of(self.company.home).zone).date()

    def campaigns(self) -> dict[str, Literal["bulk", "triggered"]]:
        """Name and type of those that have a send."""
        used = {item.send.campaign for item in self.items}
        return {each.name: each.type for each in self.company.campaigns if each.type != "single" and each.name in used}

    def mail(self) -> list[Item]:
        """Those of which files tell: no gifts, nothing that somebody called off before it was made."""
        return [
            item
            for item in self.items
            if item.sector != "gift" and not any(each.code == "cancelled" for each in item.happenings)
        ]


def stream(
    company: Company,
    now: datetime,
    barcodes: Barcodes,
    *,
    seed: int = 1,
    sends: int = 2_000,
    days: int = PLANNED_DAYS,
    prefix: str = "S",
    progress: Callable[[int, int], None] | None = None,
) -> Stream:
    """About `sends` sends of the last `days` days up to `now` (aware); external ids begin with `prefix`."""
    home = region_of(company.home)
    today = now.astimezone(home.zone).date()
    random = Random(f"{seed} {today}")  # noqa: S311 — the same mail each time is the point
    made = Stream(company, now, [], Feed(quiet=quiet_times(random, today, days)), [], [])
    world = _World(company, random, today, days, barcodes, made)
    plan = list(_planned(company, sends))
    for number, draw in enumerate(plan, 1):
        item = draw(world, number)
        item.send.external_id = f"{prefix}-{number:06d}"
        made.items.append(item)
        if progress and number % 500 == 0:
            progress(number, len(plan))
    _forget_the_future(made)
    return made


def _planned(company: Company, sends: int) -> Iterator["Callable[[_World, int], Item]"]:
    """A way to draw each send, campaign by campaign."""
    shares: list[tuple[int, Callable[[_World, int], Item]]] = [
        *((campaign.share, _MailOf(campaign)) for campaign in company.campaigns),
        (company.gifts, _World.gift),
        (company.egifts, _World.egift),
    ]
    total, drawn, passed = sum(share for share, _ in shares), 0, 0
    for share, draw in shares:
        passed += share
        until = round(sends * passed / total)
        yield from (draw for _ in range(until - drawn))
        drawn = until


@dataclass(frozen=True, slots=True)
class _MailOf:
    campaign: Campaign

    def __call__(self, world: "_World", number: int) -> Item:
        return world.mail(self.campaign, number)


class _World:
    """Draws sends; every draw takes from the same `random`, so their order is part of the seed."""

    def __init__(
        self, company: Company, random: Random, today: date, days: int, barcodes: Barcodes, made: Stream
    ) -> None:
        self._company = company
        self._random = random
        self._today = today
        self._days = days
        self._barcodes = barcodes
        self._made = made
        self._home = region_of(company.home)
        self._sites = company.sites()
        self._people = Neighbourhood(self._home, company.reach)
        self._parcels = count(1)
        self._sender = Address(
            name="Mail Services",
            company=company.name,
            address_line1=company.street,
            city=company.home,
            state=self._home.plant.state,
            postal_code=company.zip,
        )

    def mail(self, campaign: Campaign, number: int) -> Item:
        """A piece with a barcode: ordered, printed, posted."""
        random = self._random
        day, accepted_at = self._bulk_day(campaign) if campaign.type == "bulk" else self._any_day()
        recipient = self._people.recipient(random)
        imb = self._barcodes.imb(campaign.mailing_class, number, recipient.routing)
        send = NewSend(
            kind=campaign.kind,
            to=recipient.address,
            from_=self._sender,
            campaign=campaign.name,
            tags=[campaign.tag] if campaign.tag else [],
            send_date=day,
            mailing_class=campaign.mailing_class,
            imb=imb,
            cost_cents=campaign.cost_cents,
        )
        item = Item(send, accepted_at, campaign.type)
        if random.random() < _CANCELLED:
            before = (
                accepted_at + (day - accepted_at.date()) * random.random() + timedelta(minutes=random.randint(9, 70))
            )
            item.happenings.append(Happening("cancelled", _whole(before), Source.PERSON, random.choice(_NOTES)))
            return item
        site = self._sites[campaign.site]
        made = produce(random, imb, day, site, bulk=campaign.type == "bulk")
        self._made.reports += made.reports
        if made.handed_on:
            item.handed_on = made.handed_on
            self._post(item, campaign, recipient, made.handed_on)
        return item

    def _post(self, item: Item, campaign: Campaign, recipient: Recipient, day: date) -> None:
        random = self._random
        journey = item.journey = travel(
            random,
            Piece(
                imb=item.send.imb,
                day=day,
                origin=self._sites[campaign.site].region,
                destination=recipient.region,
                city=recipient.address.city,
                zip=recipient.address.postal_code[:5],
                mailing_class=campaign.mailing_class,
                flat=campaign.flat,
                loose=campaign.type == "single",
                returned=campaign.returned,
            ),
        )
        tell(random, self._made.feed, journey.scans)
        for notice in journey.notices:
            at = moment(random, notice.sent, 8, 2, self._home.zone).astimezone(UTC)
            self._made.notices.append(Told(at, notice.record))
        if journey.desk:
            item.happenings.append(Happening("returned", journey.desk, Source.PERSON, "Found in the returned mail"))

    def gift(self, number: int) -> Item:
        """A parcel for somebody at work."""
        random = self._random
        day, accepted_at = self._any_day()
        recipient = self._people.recipient(random, company=True)
        name, cost = random.choice(GIFTS)
        serial = f"9205590901000042{number % 100_000:05d}"
        send = NewSend(
            kind="gift",
            to=recipient.address,
            send_date=day,
            tracking_number=next(serial + digit for digit in "0123456789" if mod10(serial + digit)),
            carrier="usps",
            supplier="Thoughtful Parcel Co.",
            gift={"name": name},
            message="With thanks from all of us.",
            cost_cents=cost,
            sender=random.choice(self._company.senders),
        )
        return Item(send, accepted_at, "gift", gift_life(random, day, self._home, recipient.region))

    def egift(self, number: int) -> Item:
        """An offer by e-mail."""
        random = self._random
        day, accepted_at = self._any_day()
        recipient = self._people.recipient(random, company=True)
        name, cost = random.choice(CARDS)
        details: dict[str, Any] = {"name": name}
        send = NewSend(
            kind="egift",
            to=recipient.address,
            send_date=day,
            gift=details,
            message="A small thank-you.",
            cost_cents=cost,
            sender=random.choice(self._company.senders),
        )
        return Item(send, accepted_at, "gift", egift_life(random, day, self._home))

    def _bulk_day(self, campaign: Campaign) -> tuple[date, datetime]:
        """A campaign that ran, or began the working day before today; one that is still to come."""
        ago = campaign.ago if campaign.ago <= 1 else max(2, round(campaign.ago * self._days / PLANNED_DAYS))
        day = working_day_before(self._today - (ago - 1) * DAY) if ago > 0 else working_day(self._today - ago * DAY)
        ordered = min(day, self._today)
        for _ in range(_BULK_AHEAD if ago > 0 else 1):
            ordered = working_day_before(ordered)
        return day, datetime.combine(ordered, time(10, 15), self._home.zone)

    def _any_day(self) -> tuple[date, datetime]:
        """When something is triggered, and the day of its turn."""
        ordered = self._today - DAY * int(self._random.random() * self._days)
        slot = self._random.random() < 0.45
        return working_day(ordered, 0) if not slot else working_day(ordered + DAY), datetime.combine(
            ordered, _SLOTS[slot], self._home.zone
        )


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _forget_the_future(made: Stream) -> None:
    """Leave only what is known at `now`."""
    now = made.now
    made.items = sorted((item for item in made.items if item.accepted_at <= now), key=lambda item: item.accepted_at)
    for item in made.items:
        item.happenings = [each for each in item.happenings if each.at <= now]
    known = {item.send.imb[:20] for item in made.items}
    made.feed.scans = [told for told in made.feed.scans if told.at <= now]
    made.reports = [told for told in made.reports if told.at <= now and told.fact.send[:20] in known]
    made.notices = [told for told in made.notices if told.at <= now]
