"""Who answers mail, when and how: visits of the links on it, and what some of the visitors do there.

Each recipient is drawn by the send's own number, so nobody's answer depends on who else was written to. Most answers to
direct mail come within two weeks of its delivery, half of them on the first two days, on phones and in the evening.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sendtrail.simulator.days import DAY, moment
from sendtrail.simulator.stream import Item


class Appeal(NamedTuple):
    """How much a campaign's mail makes people do."""

    visits: float
    """Share of those who got it."""
    goals: float
    """Share of those who visit."""
    worth: tuple[int, int] = (0, 0)
    """Cents of a goal, from and to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One visit or goal of a send; `at` is aware. `visitor`: who it was, a number; `reference`: a goal's."""

    item: Item
    at: datetime
    goal: bool = False
    bot: bool = False
    device: str = ""
    region: str = ""
    visitor: int = 0
    value_cents: int = 0
    reference: str = ""


_DAYS = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 13)
"""After the delivery, by how often."""
_HOURS = ((18.0, 3.5), (18.0, 3.5), (17.0, 5.0), (12.0, 1.5), (8.0, 12.0))
"""From which hour, and for how many."""
_DEVICES = ("phone",) * 15 + ("desktop",) * 4 + ("tablet",)
_AGAIN = 0.28
_SCANNED = 0.012
"""Links that a program opens before the mail is there: whoever prints or previews it looks whether they work."""


def answers(items: Sequence[Item], appeals: Mapping[str, Appeal], now: datetime, zone: ZoneInfo) -> list[Answer]:
    """What recipients of these campaigns did until `now` (aware), in order of time. `zone`: theirs."""
    found = [
        each
        for item in items
        if item.send.campaign in appeals
        for each in _of(item, appeals[item.send.campaign], zone)
        if each.at <= now
    ]
    return sorted(found, key=lambda each: (each.at, each.item.send.external_id))


def _of(item: Item, appeal: Appeal, zone: ZoneInfo) -> Iterator[Answer]:
    random = Random(item.send.external_id)  # noqa: S311 — the same answers each time are the point
    if item.handed_on and random.random() < _SCANNED:
        yield Answer(item, moment(random, item.handed_on, 9, 8, zone), bot=True, device="other")
    delivered = item.journey.delivered_on if item.journey else None
    if delivered and random.random() < appeal.visits:
        yield from _visits(random, item, appeal, delivered, zone)


def _visits(random: Random, item: Item, appeal: Appeal, day: date, zone: ZoneInfo) -> Iterator[Answer]:
    device, region = random.choice(_DEVICES), item.send.to.state
    reaches = random.random() < appeal.goals
    while True:
        day += DAY * random.choice(_DAYS)
        at = moment(random, day, *random.choice(_HOURS), zone)
        yield Answer(item, at, device=device, region=region, visitor=random.getrandbits(62))
        again = random.random() < _AGAIN
        if reaches and not again:
            cents = random.randint(*appeal.worth) // 100 * 100
            at += timedelta(seconds=random.randint(70, 900))
            reference = f"Q-{item.send.external_id}"
            yield Answer(item, at, goal=True, device=device, region=region, value_cents=cents, reference=reference)
        if not again:
            return
