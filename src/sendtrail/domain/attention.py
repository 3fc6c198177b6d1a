"""What needs somebody's attention: the rules, in one table, and when each of them speaks.

A rule is about sends in certain statuses, or about something of the organization as a whole. Its age counts from what
happened, and of what waits for its send date from that day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sendtrail.domain.business_days import Country, add_business_days, business_days_between, is_business_day
from sendtrail.domain.meanings import MOVES, RETURN_REASONS
from sendtrail.domain.plurals import counted
from sendtrail.domain.presumption import SERVICES
from sendtrail.domain.roles import Permission
from sendtrail.domain.thresholds import BY_NAME, Unit


class Subject(StrEnum):
    """What an entry is about."""

    SEND = "send"
    FEED = "feed"
    FOLDER = "folder"
    """The watched folder."""
    MAILER_ID = "mailer_id"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `number` is kept in the database and never changes; the lower, the more urgent.

    `codes`: the statuses in which a send falls under it. `threshold`: of domain/thresholds.py; empty: it speaks at
    once; ending with `_`: there is one for each service. `needs`: who sees what is about the whole organization.
    """

    number: int
    name: str
    title: str
    subject: Subject
    codes: tuple[str, ...]
    threshold: str
    about: str
    """What falls under it, for a heading."""
    step: str
    """What to do. Where it says "ask for help", the organization's own contact is named."""
    needs: Permission = Permission.SENDS_READ

    @property
    def resends(self) -> bool:
        """Whether the answer may be the same thing once more, to a better address."""
        return self.name in ("returned", "undeliverable", "failed")


_UNDER_WAY = (
    *("handed_over", "shipped", "scanned", "in_transit", "in_local_area", "out_for_delivery", "rerouted"),
    *("delivery_attempted", "pickup_available"),
)

TABLE = (
    Rule(
        10, "scanned_after_cancel", "Moving although cancelled", Subject.SEND, ("cancelled",), "",
        "They were cancelled, and the post has seen them all the same.",
        "Stop it where it is if that is still possible, and ask for help with what it cost.",
    ),
    Rule(
        20, "failed", "Failed", Subject.SEND, ("failed",), "",
        "The order could not be carried out.",
        "See why in its trail, correct what was wrong and send it again, or ask for help.",
    ),
    Rule(
        30, "undeliverable", "Undeliverable", Subject.SEND, ("undeliverable",), "",
        "A gift could not be delivered.",
        "Fix the address and send it again, or ask for help.",
    ),
    Rule(
        40, "returned", "Returned", Subject.SEND, ("returned",), "",
        "The post is bringing them back, or has.",
        "Fix the address and send it again, or be done with it.",
    ),
    Rule(
        50, "balance_low", "Balance low", Subject.BALANCE, (), "balance_cents",
        "What is left of the money paid in.",
        "Pay in, and note the deposit in the settings.",
        Permission.MONEY_READ,
    ),
    Rule(
        60, "feed_quiet", "Feeds gone quiet", Subject.FEED, (), "feed_days",
        "They used to bring scans, and bring none any more: statuses stand still.",
        "See whether whoever brings it still does, and whether its password is the right one.",
        Permission.FEEDS_READ,
    ),
    Rule(
        65, "folder_quiet", "Watched folder gone quiet", Subject.FOLDER, (), "feed_days",
        "Files used to come there, and come no more: statuses stand still.",
        "See whether whatever fetches the files still runs.",
        Permission.FEEDS_READ,
    ),
    Rule(
        70, "unmatched", "Scans of your Mailer IDs without a send", Subject.MAILER_ID, (), "unmatched_days",
        "Your barcodes are in the mail, and no send has them.",
        "Bring in the sends that have these barcodes; their scans join them by themselves.",
        Permission.FEEDS_READ,
    ),
    Rule(
        80, "held", "Held", Subject.SEND, ("held",), "held_days",
        "Something holds them up before they can leave: stock, content, money or an address.",
        "Settle what holds it up, or ask for help with its id.",
    ),
    Rule(
        90, "ordered", "Ordered and not moving on", Subject.SEND,
        (
            *("created", "awaiting_approval", "address_requested", "ordered", "resumed"),
            *("supplier_fulfilling", "supplier_shipped"),
        ),
        "ordered_days",
        "They were ordered, and nothing has been told since.",
        "See whether somebody still has to approve it or name an address, or ask for help with its id.",
    ),
    Rule(
        100, "at_printer", "At the printer for too long", Subject.SEND,
        ("in_production", "rendered", "addressed", "printed", "reprinting"), "printer_days",
        "The printer has them and has not handed them over.",
        "Ask the printer when it goes out, or ask for help with its id.",
    ),
    Rule(
        110, "no_number", "Without a tracking number", Subject.SEND, _UNDER_WAY, "number_days",
        "Their service can be tracked, and nobody has told the number.",
        "Ask whoever sent it for the number, or ask for help with its id.",
    ),
    Rule(
        120, "out_for_delivery", "Out for delivery for too long", Subject.SEND,
        ("out_for_delivery", "delivery_attempted", "pickup_available"), "out_for_delivery_days",
        "They were at the door, or wait to be picked up, and nobody has told of a delivery.",
        "Ask the recipient whether it came or waits to be picked up, or ask for help with its id.",
    ),
    Rule(
        130, "unscanned", "Handed over and not scanned", Subject.SEND, ("handed_over", "shipped"), "unscanned_",
        "The post or a carrier has them and has told of no scan for longer than their class usually takes.",
        "Ask the printer whether they went out that day, and see whether your scan feed still comes.",
    ),
)  # fmt: skip

BY_NUMBER: Mapping[int, Rule] = {each.number: each for each in TABLE}
RULES: Mapping[str, Rule] = {each.name: each for each in TABLE}

_PARCELS = ("express", "priority")


def service_of(post: str, mailing_class: str) -> str:
    """What the silence of a mail piece is measured by: the end of a threshold's name; empty where nobody scans it."""
    if post != "usps":
        return ""
    if any(word in mailing_class for word in _PARCELS):
        return "parcel"
    return SERVICES.get((post, mailing_class)) or "first_class"


def threshold_of(rule: Rule, service: str = "") -> str:
    """The name of the threshold that a rule goes by; empty where it speaks at once."""
    return rule.threshold + service if rule.threshold.endswith("_") else rule.threshold


def unit_of(threshold: str) -> Unit:
    return BY_NAME[threshold].unit


def begun_before(unit: Unit, n: int, now: datetime, zone: ZoneInfo, country: Country) -> datetime:
    """What began before this moment has lasted longer than `n` days or business days `now`.

    The day on which it began does not count, as in domain/presumption; nor does a day that is not over.
    """
    if unit == "days":
        return now - timedelta(days=n)
    day = _last_quiet(now.astimezone(zone).date(), n, country)
    return _midnight(day + timedelta(days=1), zone)


def falls_due(unit: Unit, n: int, since: datetime, zone: ZoneInfo, country: Country) -> datetime:
    """The moment at which what began at `since` begins to last longer than `n` days: `begun_before` the other way."""
    if unit == "days":
        return since + timedelta(days=n, microseconds=1)
    return _midnight(add_business_days(since.astimezone(zone).date(), n, country) + timedelta(days=1), zone)


def _last_quiet(today: date, n: int, country: Country) -> date:
    """The latest day after which `n` business days have gone by before `today`."""
    day = today - timedelta(days=1)
    while n:
        n -= is_business_day(day, country)
        day -= timedelta(days=1)
    return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


@dataclass(frozen=True, slots=True)
class Noticed:
    """What an entry's sentence is made of. `since` and `now` by the organization's clocks."""

    rule: Rule
    since: datetime
    now: datetime
    label: str = ""
    """Of a send's status."""
    name: str = ""
    """Of the feed; the Mailer ID."""
    amount: int = 0
    """How many barcodes."""
    money: str = ""
    """The balance, and below what it is."""
    why: str = ""
    """What was told with a send's status, in a sentence."""
    country: Country = "US"


def reason(noticed: Noticed) -> str:
    """Why it is there, in a sentence, and what was told about it in another."""
    day = f"{noticed.since.day} {noticed.since:%b}"
    rule = noticed.rule
    if rule.name in ("returned", "undeliverable", "failed"):
        return f"{noticed.label} on {day}. {noticed.why}".rstrip()
    if rule.name == "scanned_after_cancel":
        return f"It was cancelled, and yet seen on its way on {day}."
    if rule.name == "balance_low":
        return f"The balance is {noticed.money}."
    lasted = _lasted(noticed)
    if rule.name == "unmatched":
        n = (
            counted(noticed.amount, "barcode")
            if noticed.amount < MOST_BARCODES
            else f"{MOST_BARCODES:,} or more barcodes"
        )
        return f"Scans of {n} of Mailer ID {noticed.name} belong to no send, the first from {day}."
    if rule.subject in (Subject.FEED, Subject.FOLDER):
        return f"Nothing has come from {noticed.name} since {day}: {lasted}."
    if rule.name == "no_number":
        return f"It left on {day} and has no tracking number yet: {lasted}."
    if rule.name == "unscanned":
        return f"{noticed.label} on {day} and not scanned since: {lasted}."
    return f"{noticed.label} since {day} and not moving on: {lasted}."


def told_why(detail: Mapping[str, object]) -> str:
    """What an event's detail says of why, in a sentence; empty where nobody said."""
    known = RETURN_REASONS.get(str(detail.get("nixie"))) or MOVES.get(str(detail.get("acs")))
    text = " ".join(str(detail.get("reason") or detail.get("note") or "").split())
    return known or (f"“{text}”" if text else "")


MOST_BARCODES = 10_000
"""So many are counted; what is more is at least as many."""


def step(rule: Rule, contact: str = "") -> str:
    """What to do about it, in one sentence; with whom to ask where the organization says so."""
    return rule.step.replace("ask for help", f"ask {contact} for help" if contact else "ask for help")


def _lasted(noticed: Noticed) -> str:
    threshold = threshold_of(noticed.rule, "first_class")
    if unit_of(threshold) == "days":
        return counted((noticed.now.date() - noticed.since.date()).days, "day")  # clocks may have been put back
    days = business_days_between(noticed.since.date(), noticed.now.date() - timedelta(days=1), noticed.country)
    return counted(days, "business day")
