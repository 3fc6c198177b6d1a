"""What Sendtrail works out by itself: deliveries that nobody scanned, and returns that only their route shows.

An inferred event has the time and place of the event that it rests on and stands just above it, so that any real event
of a later time wins, whenever it arrives (law 9). Asking again about the same trail gives the same event or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sendtrail.domain.business_days import USUAL_DAYS, Country, add_business_days, last_before
from sendtrail.domain.events import MAIL, Evidence, Source
from sendtrail.domain.facts import Facts
from sendtrail.domain.phases import Phase
from sendtrail.domain.trail import Event, Trail, best, order_key

QUIET_DAYS = 2
"""Business days without a word after which a piece that was out for delivery is presumed delivered."""

SERVICES: Mapping[tuple[str, str], str] = {
    ("usps", ""): "first_class",
    ("usps", "first_class"): "first_class",
    ("usps", "usps_first_class"): "first_class",
    ("usps", "marketing"): "marketing",
    ("usps", "standard_class"): "marketing",
    ("usps", "usps_standard_class"): "marketing",
    ("usps", "usps_eddm"): "marketing",
    ("canada_post", ""): "lettermail",
    ("canada_post", "first_class"): "lettermail",
    ("canada_post", "lettermail"): "lettermail",
    ("canada_post", "ca_post_lettermail"): "lettermail",
    ("canada_post", "marketing"): "marketing",
    ("canada_post", "standard_class"): "marketing",
    ("canada_post", "ca_post_personalized"): "marketing",
    ("canada_post", "ca_post_neighbourhood_mail"): "marketing",
}
"""Post and mailing class → the key of `USUAL_DAYS`. A class that is not here has none: its silence says nothing."""

_SIGNED_FOR = ("certified", "registered", "signature")
AT_DESTINATION = frozenset({"in_local_area", "out_for_delivery", "delivered"})
"""What mail phases 2 to 4 mean."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What a delivery is going to be presumed on, unless something is heard meanwhile."""

    ground: Event
    business_days: int
    presumed_on: date
    """The first day, by the clocks of the organization, on which it is."""


def silence(
    trail: Trail, facts: Facts, *, quiet_days: int = QUIET_DAYS, usual_days: Mapping[str, int] = USUAL_DAYS
) -> Silence | None:
    """The silence of a piece from which its delivery follows in time, or None where there is no ground for that.

    Grounds: the status is `out_for_delivery` and `quiet_days` whole business days pass after the last word of it; or a
    mail piece's status is `handed_over`, no scan has come at all, and its class's `usual_days` pass. The day of the
    event itself does not count; the presumption holds from the morning after the last day.

    What is signed for (certified, registered) is never presumed: somebody's signature is what its sender pays for. Nor
    is a gift that was only shipped, since parcels are scanned when they move, nor a piece that is on its way back.
    """
    ground = max(trail, key=order_key, default=None)
    if ground is None or _signed_for(facts):
        return None
    if ground.code == "out_for_delivery":
        if _is_way_back(ground, trail, facts):
            return None
        days = quiet_days
    elif ground.code == "handed_over" and facts.kind in MAIL and not any(e.code == "scanned" for e in trail):
        service = SERVICES.get((facts.post, facts.mailing_class), "")
        if service not in usual_days:
            return None
        days = usual_days[service]
    else:
        return None
    last_word = max(event.occurred_at for event in trail if event.type.stage >= ground.type.stage or event.is_scan)
    begun_on = last_word.astimezone(ZoneInfo(facts.time_zone)).date()
    return Silence(ground, days, presumed_on(begun_on, days, facts.post))


def presumed_delivery(
    trail: Trail,
    facts: Facts,
    now: datetime,
    *,
    quiet_days: int = QUIET_DAYS,
    usual_days: Mapping[str, int] = USUAL_DAYS,
) -> Event | None:
    """The inferred `delivered` of a piece whose `silence` has lasted long enough, or None. `now` is aware."""
    quiet = silence(trail, facts, quiet_days=quiet_days, usual_days=usual_days)
    if quiet is None or now.astimezone(ZoneInfo(facts.time_zone)).date() < quiet.presumed_on:
        return None
    detail = {"rests_on": quiet.ground.code, "business_days": quiet.business_days}
    return _inferred("delivered", quiet.ground, trail, now, detail)


def presumed_on(begun_on: date, business_days: int, post: str) -> date:
    """The first day on which a silence has lasted so long. `post`: whose business days count."""
    return add_business_days(begun_on, business_days, _country(post)) + timedelta(days=1)


def long_enough_until(today: date, business_days: int, post: str) -> date:
    """The last day on which a silence began that has lasted so long today."""
    return last_before(today, business_days, _country(post))


def _country(post: str) -> Country:
    return "CA" if post == "canada_post" else "US"


def inferred_return(trail: Trail, facts: Facts, now: datetime) -> Event | None:
    """The inferred `returned` of a piece that was scanned where its sender lives, or None.

    The ground is a destination scan (phases 2 to 4) after a reroute, by a facility with exactly the sender's five-digit
    ZIP. Exactly, because the first three digits cover a whole region: people who move often stay near, and a piece
    forwarded to them would be called returned. Where sender and recipient share these three digits nothing is inferred
    at all, nor after a reroute that came with a `new_address`, which is a forwarding. So many returns are not seen this
    way, but what is seen is a return; return-service barcodes, ACS and the returned-mail desk tell of the others.

    It rests on the latest such scan: a further one on the way back gives a new inference, a scan elsewhere wins.
    """
    grounds = [event for event in trail if _is_way_back(event, trail, facts)]
    if not grounds:
        return None
    ground = max(grounds, key=order_key)
    inferred = _inferred("returned", ground, trail, now, {"rests_on": ground.code})
    return inferred if order_key(inferred) > best(trail) else None


def _is_way_back(event: Event, trail: Trail, facts: Facts) -> bool:
    """Is this a destination scan at the sender's ZIP after a reroute?"""
    sender, recipient = facts.return_zip[:5], facts.recipient_zip[:5]
    if not sender or event.zip != sender or sender[:3] == recipient[:3]:
        return False
    if not event.is_scan or event.code not in AT_DESTINATION:
        return False
    reroutes = [e for e in trail if e.code == "rerouted" and e.occurred_at < event.occurred_at]
    return bool(reroutes) and not any("new_address" in (e.detail or ()) for e in reroutes)


def _signed_for(facts: Facts) -> bool:
    return bool(facts.extra_service) or any(word in facts.mailing_class for word in _SIGNED_FOR)


def _inferred(code: str, ground: Event, trail: Trail, now: datetime, detail: Mapping[str, object]) -> Event:
    return replace(
        ground,
        seq=len(trail) + 1,
        code=code,
        recorded_at=now,
        source=Source.SYSTEM,
        evidence=Evidence.INFERRED,
        phase=Phase.NONE,
        operation="",
        detail=detail,
    )
