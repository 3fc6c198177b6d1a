"""Sends of every kind, sector and status, for tests of what is told about many of them."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, KindWord, NewSend
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import sends
from sendtrail.services.campaigns import add_campaign
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from sendtrail.services.views import View

START, END = date(2026, 3, 2), date(2026, 3, 8)
KINDS: tuple[KindWord, ...] = ("letter", "postcard", "gift", "egift")
NAMES = ("Cy", "ann", "Bo")
CODES = {
    "letter": (
        "created",
        "printed",
        "handed_over",
        "in_transit",
        "out_for_delivery",
        "delivered",
        "returned",
        "failed",
    ),
    "postcard": ("held", "reprinting", "scanned", "in_local_area", "delivery_attempted", "rerouted", "cancelled"),
    "gift": ("ordered", "supplier_shipped", "shipped", "pickup_available", "undeliverable", "refunded"),
    "egift": ("offer_sent", "opened", "clicked", "redeemed", "expired"),
}


def send(kind: KindWord, day: date, cents: int = 0, campaign: str = "", name: str = "Ann") -> NewSend:
    to = Address(name=name, email="ann@example.com")
    return NewSend(kind=kind, to=to, send_date=day, cost_cents=cents, campaign=campaign)


async def made(context: Context, scope: Scope, send: NewSend, *codes: str) -> View:
    (result,) = await sends.create(context, scope, [send])
    assert isinstance(result, dict)
    return await sends.record_events(context, scope, result["id"], [NewEvent(code=code) for code in codes])


async def many(context: Context, scope: Scope) -> list[View]:
    """Sends of every kind, sector and status, on days inside and around the period."""
    await add_campaign(context, scope, "Spring", "bulk")
    await add_campaign(context, scope, "Basket", "triggered")
    days = (START - timedelta(1), START, END, END + timedelta(1))
    shown = []
    for n, (kind, campaign) in enumerate(product(KINDS, ("", "Spring", "Basket"))):
        for m, code in enumerate(CODES[kind]):
            new = send(kind, days[(n + m) % 4], 100 * n + m, campaign, NAMES[m % 3])
            shown.append(await made(context, scope, new, code))
    return shown


def sector_of(view: View) -> str:
    if view["kind"] in ("gift", "egift"):
        return "gift"
    if view["campaign"] is None:
        return "single"
    return "bulk" if view["campaign"]["name"] == "Spring" else "triggered"


def counted(totals: object) -> Counter[str]:
    """The categories that a total names, without those in which nothing stands."""
    numbers = {category.word: getattr(totals, category.word) for category in CATEGORIES}
    return Counter({word: n for word, n in numbers.items() if n})
