"""Postalytics status codes, as they go to a CRM: each postal code once, each reroute once, every visit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Event, Trail, order_key

CODES: Mapping[str, int] = {
    "MailPieceCreated": 0,
    "Addressed": 9,
    "Printed": 10,
    "Mailed": 11,
    "InTransit": 4,
    "InLocalArea": 5,
    "ProcessedForDelivery": 6,
    "ReRouted": 2,
    "ReturnedToSender": 3,
    "pURLOpened": 7,
    "pURLCompleted": 8,
}
"""Name → number. There is no Delivered, and 1 is unused."""

MEANINGS: Mapping[str, str] = {
    "MailPieceCreated": "The print file is made and with the printer.",
    "Addressed": "The address is on the piece; not every printer says so.",
    "Printed": "The piece is printed; not every printer says so.",
    "Mailed": "The United States post scanned the piece for the first time; in Canada, the printer handed it over.",
    "InTransit": "The post is processing the piece where it entered the mail.",
    "InLocalArea": "The post is processing the piece in the area where it is to be delivered.",
    "ProcessedForDelivery": "The office nearest to the recipient cleared the piece: one or two business days to go.",
    "ReRouted": "The post sent the piece another way: the recipient moved, or the address or barcode was wrong.",
    "ReturnedToSender": "The piece is on its way back, because of its address or barcode.",
    "pURLOpened": "The recipient opened the personal link; told for every visit.",
    "pURLCompleted": "The recipient reached the goal; told for every time.",
}

_VISITS = frozenset({"pURLOpened", "pURLCompleted"})
_CANADIAN = frozenset({"MailPieceCreated", "Addressed", "Printed", "Mailed"}) | _VISITS
_ONWARD = frozenset(
    {"in_transit", "in_local_area", "out_for_delivery", "delivery_attempted", "pickup_available", "delivered"}
)
_REPORT_SCANS = frozenset({Source.USPS, Source.CARRIER, Source.VENDOR})


@dataclass(frozen=True, slots=True)
class Telling:
    """One code told, and the event that it is told of."""

    name: str
    event: Event

    @property
    def code(self) -> int:
        return CODES[self.name]


def tellings(trail: Trail, facts: Facts, *, bots: bool = False) -> list[Telling]:
    """All that is told of a trail, in the order in which it was told («Told once»).

    What an event adds is what stands after the tellings of the trail before it, so nothing told needs to be stored.
    Visits by machines (`bot` in the event's detail) are left out unless `bots`.
    """
    told: list[Telling] = []
    names: set[str] = set()
    reroutes = 0
    for seq, event in enumerate(trail, 1):
        for name in _names(event, facts):
            if name in _VISITS:
                if bots or not (event.detail or {}).get("bot"):
                    told.append(Telling(name, event))
            elif name not in names:
                names.add(name)
                told.append(Telling(name, event))
        if facts.post != "canada_post" and (event.code == "rerouted" or event.code in _ONWARD):
            known = _reroutes(trail[:seq])
            if len(known) > reroutes:
                # The event itself, or the reroute that it shows to be apart from the one before.
                news = next(first for first in known if _when(first) >= _when(event))
                told.append(Telling("ReRouted", news))
            reroutes = len(known)
    return told


def tell(trail: Trail, facts: Facts) -> dict[str, object] | None:
    """The code last told, had all events come in the order of law 1, as `{"name", "code"}`; None if nothing is told.

    So it does not depend on the order of arrival: a scan that comes late is told late, but where the piece stands it
    does not take back. A visit is the last word until something later happens.
    """
    told = tellings(sorted(trail, key=order_key), facts)
    postal = [telling for telling in told if telling.name not in _VISITS][-1:]
    visits = [telling for telling in told if telling.name in _VISITS]
    last = max(postal + visits, key=lambda telling: telling.event.occurred_at, default=None)
    return {"name": last.name, "code": last.code} if last else None


def _names(event: Event, facts: Facts) -> Iterator[str]:
    """What an event would say for itself, reroutes aside."""
    canadian = facts.post == "canada_post"
    name, _, only_in_canada = event.type.postalytics.partition(" (")
    if not canadian and _is_seen_by_the_post(event, facts):
        yield "Mailed"
    if name and name != "ReRouted" and (name in _CANADIAN if canadian else not only_in_canada):
        yield name


def _is_seen_by_the_post(event: Event, facts: Facts) -> bool:
    """A scan of any kind by the United States post, at first or at second hand (tracking by number, another vendor)."""
    if event.is_scan:
        return True
    reported = event.code in _ONWARD and event.evidence is not Evidence.INFERRED and event.source in _REPORT_SCANS
    return reported and (facts.post == "usps" or event.source is Source.USPS)


def _reroutes(trail: Trail) -> list[Event]:
    """The first event of each reroute, by time: two passes of a forwarding machine are one reroute, and the next one
    begins after the piece was seen moving on. An event that comes late can only add to their number."""
    firsts = []
    moving = True
    for event in sorted(trail, key=_when):
        if event.code == "rerouted":
            if moving:
                firsts.append(event)
            moving = False
        elif event.code in _ONWARD and event.evidence is not Evidence.INFERRED:
            moving = True
    return firsts


def _when(event: Event) -> tuple[datetime, int]:
    return event.occurred_at, event.type.rank
