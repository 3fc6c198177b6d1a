"""A send's way in eight steps: which were seen, which were passed over, which are still to come."""

from dataclasses import dataclass
from typing import Any

from sendtrail.domain.events import Evidence
from sendtrail.domain.vocabularies.stannp import CATEGORIES, category

_ORDER = {each.word: place for place, each in enumerate(CATEGORIES)}
_BY_POST = ("handed_over", "in_transit", "local_delivery")


@dataclass(frozen=True, slots=True)
class Step:
    """One of the eight categories. `event` brought the send there, None where none did: then `absent` says why."""

    word: str
    label: str
    event: dict[str, Any] | None
    absent: str
    current: bool


def steps(status: dict[str, Any], trail: list[dict[str, Any]]) -> list[Step]:
    """The steps of a send whose status and trail are as `services.views` has them.

    Each step has its first event, the one where the send stands now has that of the status. A step that a later one
    passed over reads "not scanned", never "pending" (law 4).
    """
    first: dict[str, dict[str, Any]] = {}
    for event in sorted(trail, key=lambda event: event["occurred_at"]):
        first.setdefault(_category(event), event)
        if (event["code"], event["occurred_at"]) == (status["code"], status["since"]):
            first[_category(event)] = event
    now = _category(status)
    return [
        Step(each.word, each.label, first.get(each.word), _absent(each.word, now), each.word == now)
        for each in CATEGORIES
    ]


def _absent(word: str, now: str) -> str:
    if word in ("returned", "cancelled") or (word == "delivered" and now in ("returned", "cancelled")):
        return "no"
    if now == "cancelled":
        return "not reached"
    if _ORDER[word] < _ORDER[now]:
        return "not scanned" if word in _BY_POST else "not reported"
    return "not yet"


def _category(event: dict[str, Any]) -> str:
    return category(event["code"], Evidence[event["evidence"].upper()])


_EVIDENCE = {
    "scanned": "scanned",
    "logical": "worked out by rule",
    "assumed": "assumed: what holds it was scanned",
    "reported": "reported",
    "inferred": "presumed by Sendtrail",
    "unknown": "seen, we do not know how",
}
_SOURCES = {
    "usps": "USPS",
    "printer": "the printer",
    "carrier": "the carrier",
    "vendor": "the vendor",
    "person": "a person",
    "recipient": "the recipient",
}


def how_known(event: dict[str, Any]) -> str:
    """How we know of an event, in a few words: `scanned by USPS`, `reported by the printer`."""
    if event["source"] == "system":
        return "presumed by Sendtrail" if event["evidence"] == "inferred" else "recorded by Sendtrail"
    return f"{_EVIDENCE[event['evidence']]} by {_SOURCES[event['source']]}".replace(
        "worked out by rule by USPS", "worked out by USPS's rule"
    )
