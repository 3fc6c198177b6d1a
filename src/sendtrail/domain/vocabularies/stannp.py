"""The eight categories of a Stannp-style reporting page. Every send stands in exactly one."""

from collections.abc import Mapping
from dataclasses import dataclass

from sendtrail.domain.events import EventType, Evidence, Kind, event_type
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Trail, status


@dataclass(frozen=True, slots=True)
class Category:
    word: str
    label: str
    description: str


CATEGORIES = (
    Category("received", "Received", "The order is here, and nothing has been told yet of its being produced."),
    Category("producing", "Producing", "It is being printed or, as a gift, put together by its supplier."),
    Category("handed_over", "Handed over", "The post, a carrier or the recipient's inbox has it; no scan so far."),
    Category("in_transit", "In transit", "The post is moving it. Without a scan on the way this step is passed over."),
    Category(
        "local_delivery",
        "Local delivery",
        "It reached the office that delivers it. Without a scan there this step is passed over.",
    ),
    Category("delivered", "Delivered", "The recipient has it, as far as we know; its evidence says how far that is."),
    Category("returned", "Returned", "It could not be delivered at this address."),
    Category("cancelled", "Cancelled", "It was called off, failed or ran out before it reached the recipient."),
)
"""In the order of a send's life, as the report shows them."""

MEANINGS: Mapping[str, str] = {category.word: category.description for category in CATEGORIES}


def category(code: str, evidence: Evidence) -> str:
    """The category of a status. A send of which only a response is known has been received at least."""
    return event_type(code, evidence).stannp or "received"


def tell(trail: Trail, facts: Facts) -> str | None:
    """The category in which the send stands."""
    if not trail:
        return None
    now = status(trail)
    return category(now.code, now.evidence)


def called(kind: Kind, type_: EventType) -> tuple[str, ...]:
    """The word of a send of this status, for `standings`."""
    return (type_.stannp or "received",)
