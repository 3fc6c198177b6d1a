"""A trail as people read it: what each event says in plain words, and when we were told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sendtrail.domain.events import Evidence
from sendtrail.domain.meanings import MOVES, PHASES, RETURN_REASONS
from sendtrail.domain.phases import Phase
from sendtrail.domain.vocabularies.stannp import category
from sendtrail.web.rendering import day, money
from sendtrail.web.steps import how_known

Local = Callable[[datetime], datetime]
_LATE = 3
"""Days after which it is worth a word that we were told late: feeds come a day or two behind as a rule."""
_ENDED = ("delivered", "returned", "cancelled")


class Said(NamedTuple):
    """What an event says besides its name. `address`: an address to copy, empty for most."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """One event of a trail. `at` is local time: the facility's where it is known, else the organization's."""

    code: str
    label: str
    evidence: str
    at: datetime
    zone_known: bool
    place: str
    machine: str
    said: tuple[Said, ...]
    how: str
    late: str


@dataclass(frozen=True, slots=True)
class Trail:
    """The events, latest first. `note`: in one line, what is true of many of them."""

    tellings: list[Telling]
    note: str


@dataclass(frozen=True, slots=True)
class Expected:
    """The day on which a send was expected. `met`: how it turned out, empty while that is open."""

    day: date
    met: str
    good: bool


def told(trail: list[dict[str, Any]], local: Local) -> Trail:
    """The events of a send's view. `local` gives the organization's time.

    What was read later than it happened says so; where one day's reading brought all that is late, one line does.
    """
    places = sorted(range(len(trail)), key=lambda place: (trail[place]["occurred_at"], place), reverse=True)
    events = [trail[place] for place in places]
    late = [0 if event["evidence"] == Evidence.INFERRED.word else _days_late(event) for event in events]
    readings = [local(event["recorded_at"]).date() for event, days in zip(events, late, strict=True) if days >= _LATE]
    together = len(readings) > 1 and len(set(readings)) == 1
    return Trail(
        [
            _telling(event, local, f"told {days} days later" if days >= _LATE and not together else "")
            for event, days in zip(events, late, strict=True)
        ],
        f"What happened earlier was told on {day(readings[0])}, all at once." if together else "",
    )


def place_of(event: Mapping[str, Any]) -> str:
    """Facility, city, state and ZIP Code, as far as they are known: `MORGAN P&DC, New York, NY 10199`.

    Feeds write cities in capitals as often as not.
    """
    place = event["place"]
    if not place:
        return ""
    region = " ".join(filter(None, (place["state"], place["zip"])))
    city = place["city"].title() if place["city"].isupper() else place["city"]
    return ", ".join(filter(None, (place["facility"], city, region)))


def expected(send: Mapping[str, Any], local: Local, today: date) -> Expected | None:
    """When the send was expected, and whether it came then, unless that is presumed; None where nobody said."""
    wanted: date | None = send["expected_delivery"]
    if wanted is None:
        return None
    status = send["status"]
    stands = category(status["code"], Evidence[status["evidence"].upper()])
    if stands == "delivered" and status["evidence"] != Evidence.INFERRED.word:
        arrived = next(
            event["local_time"] or local(event["occurred_at"])
            for event in send["trail"]
            if (event["code"], event["occurred_at"]) == (status["code"], status["since"])
        ).date()
        late = (arrived - wanted).days
        if not late:
            return Expected(wanted, "came on the day", True)
        return Expected(wanted, f"came {_days(abs(late))} {'late' if late > 0 else 'early'}", late < 0)
    late = (today - wanted).days
    if stands in _ENDED or late <= 0:
        return Expected(wanted, "", True)
    return Expected(wanted, f"{_days(late)} overdue", False)


def _telling(event: dict[str, Any], local: Local, late: str) -> Telling:
    phase = Phase[event["phase"].upper()] if event["phase"] else Phase.NONE
    return Telling(
        code=event["code"],
        label=event["label"],
        evidence=event["evidence"],
        at=event["local_time"] or local(event["occurred_at"]),
        zone_known=event["zone_known"],
        place=place_of(event) or _told_place(event) or _came_from(event),
        machine=PHASES.get(phase, ""),
        said=tuple(_said(event)),
        how=how_known(event),
        late=late,
    )


def _told_place(event: Mapping[str, Any]) -> str:
    """A place as a carrier or vendor wrote it, where no ZIP Code was told."""
    return str((event["detail"] or {}).get("place", ""))


def _came_from(event: Mapping[str, Any]) -> str:
    """With what and from where a link was opened, as far as that is known: `Phone, Illinois, US, by way of x.org`."""
    response = event.get("response") or {}
    via = f"by way of {response['referrer']}" if response.get("referrer") else ""
    words = (response.get("device", "").capitalize(), response.get("region"), response.get("country"), via)
    return ", ".join(filter(None, words))


def _responded(response: Mapping[str, Any]) -> list[Said]:
    said = []
    if response["value_cents"]:
        said.append(Said(f"Worth {money(response['value_cents'], response['currency'])}"))
    if response["reference"]:
        said.append(Said(f"Reference {response['reference']}"))
    if response["bot"]:
        said.append(Said("By a machine: it does not count."))
    if response["test"]:
        said.append(Said("A trial of the link: it does not count."))
    return said


def _said(event: Mapping[str, Any]) -> list[Said]:
    if event.get("response"):
        return _responded(event["response"])
    detail: Mapping[str, Any] = event["detail"] or {}
    said = []
    if reason := RETURN_REASONS.get(str(detail.get("nixie"))) or MOVES.get(str(detail.get("acs"))):
        said.append(Said(reason))
    elif detail.get("reason"):
        said.append(Said(f"Reason: {detail['reason']}"))
    if detail.get("new_address"):
        said.append(Said("New address", str(detail["new_address"])))
    if detail.get("rests_on"):
        said.append(Said(_ground(event, detail)))
    if detail.get("zip_read"):
        said.append(Said(f"Read with ZIP Code {detail['zip_read']}, which is not the printed one."))
    if detail.get("mail_phase"):
        said.append(Said(f"The post calls this step “{detail['mail_phase']}”."))
    if detail.get("issue"):
        said.append(Said(f"Something is in the way: {detail['issue']}"))
    if detail.get("action_required"):
        said.append(Said("Somebody has to act, or it comes back."))
    if detail.get("note"):
        said.append(Said(f"“{detail['note']}”"))
    return said


def _ground(event: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    if event["code"] == "returned":
        return "It was scanned where its sender lives, after it had been sent another way."
    before = "It was out for delivery" if detail["rests_on"] == "out_for_delivery" else "It was handed over"
    return f"{before}, and {detail.get('business_days')} business days went by without another word."


def _days_late(event: Mapping[str, Any]) -> int:
    return int((event["recorded_at"] - event["occurred_at"]).days)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
