"""A notification for people: one line for a chat or a subject, a short text for an e-mail or an activity of a CRM."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sendtrail.domain.flat import Flat, flat

_KINDS = {"self_mailer": "self-mailer", "egift": "eGift"}
_KNOWN_BY = {
    "scanned": "scanned",
    "logical": "worked out by rule",
    "assumed": "assumed by the post",
    "reported": "reported",
    "inferred": "presumed",
}

_MADE_UP = "This was made up to try the hook: it never happened, and there is no such send."


def line(body: Mapping[str, Any]) -> str:
    """What happened to what, without a line break: `Out for delivery: letter to Ann Lee (Welcome kit)`."""
    return _line(flat(body))


def text(body: Mapping[str, Any], url: str = "") -> str:
    """The line and what is known besides, each in a line of its own. `url`: of the send's page.

    What is made up has no page, and says so.
    """
    told = flat(body)
    made_up = "sample" in told
    place = _place(told)
    details = (
        ("When", f"{_when(told['occurred_at'])}{f', {place}' if place else ''}"),
        ("How we know", _KNOWN_BY.get(told["evidence"] or "", "")),
        ("Status", _status(told)),
        ("Changed", (told["updated_fields"] or "").replace(",", ", ")),
        ("Expected delivery", _day(told["expected_delivery"])),
        ("To", ", ".join(part for part in (told["to_name"], told["to_company"], told["to_email"]) if part)),
        ("Tracking", " ".join(part for part in (told["tracking_number"], told["tracking_url"]) if part)),
        ("Your reference", told["external_id"] or ""),
        ("Send", "" if made_up else url or told["send_id"]),
    )
    heard = [_MADE_UP, ""] if made_up else []
    return "\n".join([_line(told), "", *heard, *(f"{name}: {_in_one_line(value)}" for name, value in details if value)])


def _line(told: Flat) -> str:
    kind = _KINDS.get(told["kind"], told["kind"]) or "send"
    whom = told["to_name"] or told["to_company"] or told["to_email"] or told["send_id"]
    campaign = f" ({told['campaign']})" if told["campaign"] else ""
    test = "" if told["live"] else "[test] "
    sample, end = ("[sample] ", " – it never happened") if "sample" in told else ("", "")
    return _in_one_line(f"{sample}{test}{told['event']}: {kind} to {whom}{campaign}{end}")


def _status(told: Flat) -> str:
    if not told["status_label"]:
        return ""
    before = (told["previous_status"] or "").replace("_", " ")
    return f"{told['status_label']}{f' (it was {before})' if before else ''}"


def _place(told: Flat) -> str:
    city = " ".join(part for part in (told["place_city"], told["place_state"], told["place_zip"]) if part)
    return ", ".join(part for part in (told["place_facility"], city) if part)


def _when(moment: str) -> str:
    at = datetime.fromisoformat(moment)
    return f"{at:%d %B %Y, %H:%M} UTC".lstrip("0")


def _day(day: str | None) -> str:
    return f"{date.fromisoformat(day):%d %B %Y}".lstrip("0") if day else ""


def _in_one_line(words: str) -> str:
    """Names come from outside: none begins a line of its own."""
    return " ".join(words.split())
