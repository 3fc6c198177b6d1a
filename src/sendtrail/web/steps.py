"""A send's way in steps: which were seen, which were passed over, which are still to come.

Mail and gifts go through the eight categories. An eGift's way leads through an inbox, so it has steps of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sendtrail.domain.events import MAIL, Evidence, Kind, event_type
from sendtrail.domain.meanings import meaning
from sendtrail.domain.vocabularies.stannp import CATEGORIES, MEANINGS, category

_WAY = {each.word: each.label for each in CATEGORIES}
_EGIFT = {
    "received": "Received",
    "offer_sent": "Sent",
    "opened": "Opened",
    "clicked": "Clicked",
    "delivered": "Redeemed",
    "cancelled": "Cancelled",
}
"""By code where it has a step to itself, else by category."""
_MEANS_EGIFT = {word: MEANINGS.get(word, "") for word in _EGIFT} | {
    word: meaning(code, Evidence.REPORTED).text
    for word, code in (
        ("offer_sent", "offer_sent"), ("opened", "opened"), ("clicked", "clicked"), ("delivered", "redeemed")
    )
}  # fmt: skip
_BY_POST = ("handed_over", "in_transit", "local_delivery")
_SORTED_NEAR = "It was sorted in the recipient's region; the office that delivers did not scan it."
_ENDS_BADLY = ("returned", "cancelled")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `event` brought the send there, None where none did: then `absent` says why. `word`: its category;
    `means`: what it is to stand there, in a sentence; `note`: what is known although nothing was seen there."""

    word: str
    label: str
    means: str
    event: dict[str, Any] | None
    absent: str
    note: str
    current: bool


def steps(kind: Kind, status: Mapping[str, Any], trail: list[dict[str, Any]]) -> list[Step]:
    """The steps of a send whose status and trail are as `services.views` has them.

    Each step has its first event, the one where the send stands now has that of the status. A step that a later one
    passed over reads "not scanned", or "not reported" where no scan could be, and never "pending" (law 4).
    """
    way, means = (_EGIFT, _MEANS_EGIFT) if kind is Kind.EGIFT else (_WAY, MEANINGS)
    first: dict[str, dict[str, Any]] = {}
    for event in sorted(trail, key=lambda event: event["occurred_at"]):
        if not event_type(event["code"], Evidence[event["evidence"].upper()]).stage:
            continue  # a response is no step
        first.setdefault(_step(event, way), event)
        if (event["code"], event["occurred_at"]) == (status["code"], status["since"]):
            first[_step(event, way)] = event
    now = _step(status, way)
    sorted_near = any(event["code"] == "in_local_area" for event in trail)
    return [
        Step(
            word if word in _WAY else "handed_over",
            label,
            means[word],
            first.get(word),
            absent,
            _SORTED_NEAR if sorted_near and (word, absent) == ("local_delivery", "not scanned") else "",
            word == now,
        )
        for word, label in way.items()
        for absent in [_absent(word, now, list(way), kind in MAIL)]
    ]


def _step(event: Mapping[str, Any], way: Mapping[str, str]) -> str:
    code: str = event["code"]
    return code if code in way else category(code, Evidence[event["evidence"].upper()])


def _absent(word: str, now: str, order: list[str], is_mail: bool) -> str:
    if word in _ENDS_BADLY or (word == "delivered" and now in _ENDS_BADLY):
        return "no"
    if now == "cancelled":
        return "not reached"
    if order.index(word) < order.index(now):
        return "not scanned" if is_mail and word in _BY_POST else "not reported"
    return "not yet"


_EVIDENCE = {
    "scanned": "scanned",
    "logical": "worked out by rule",
    "assumed": "assumed: what holds it was scanned",
    "reported": "reported",
    "inferred": "presumed",
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


_RESPONSES = {"link_opened": "seen at the link", "goal_reached": "told by the site that counts it"}


def how_known(event: Mapping[str, Any]) -> str:
    """How we know of an event, in a few words: `scanned by USPS`, `reported by the printer`, `cancelled by ann@…`."""
    if event.get("response"):
        return _RESPONSES[event["code"]]
    if event["source"] == "system":
        return "presumed by Sendtrail" if event["evidence"] == "inferred" else "recorded by Sendtrail"
    who = (event.get("detail") or {}).get("by") or _SOURCES[event["source"]]
    if event.get("code") == "cancelled":
        return f"cancelled by {who}"
    return f"{_EVIDENCE[event['evidence']]} by {who}".replace("worked out by rule by USPS", "worked out by USPS's rule")
