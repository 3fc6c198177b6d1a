"""A notification for people: one line for a chat or a subject, a short text for an e-mail or an activity of a CRM."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sendtrail.domain.flat import Flat, flat
from sendtrail.domain.notices import STATUS_CHANGED

_KINDS = {"self_mailer": "self-mailer", "egift": "eGift"}
_KNOWN_BY = {
    "scanned": "scanned",
    "logical": "worked out by rule",
    "assumed": "assumed by the post",
    "reported": "reported",
    "inferred": "presumed",
}

_ENDS = ("completed", "cancelled")
"""Of an order: whatever is scanned afterwards."""
_PARTS = re.compile(r"(?<=[a-z])(?<!^Re)(?=[A-Z][a-z])|(?<=URL)(?=[A-Z])")
_AROUND = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_MARKS = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})  # look-alikes
_MADE_UP = "This was made up to try the hook: it never happened, and there is no such send."


def line(body: Mapping[str, Any]) -> str:
    """What happened to what, without a line break: `Out for delivery: letter to Ann Lee (Welcome kit)`."""
    return _line(body, flat(body))


def chat_line(body: Mapping[str, Any]) -> str:
    """The line for Slack and its like, of which nothing is a link, a call to everybody, bold or slanted.

    Slack has a way to write `&`, `<` and `>` as they are, and none for the marks around words: these become others that
    look like them. An underscore within a word marks nothing.
    """
    marked = _AROUND.sub("‗", line(body)).translate(_MARKS)
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


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
        ("Campaign" if told["kind"] == "campaign" else "Send", "" if made_up else url or told["send_id"] or ""),
    )
    heard = [_MADE_UP, ""] if made_up else []
    return "\n".join(
        [_line(body, told), "", *heard, *(f"{name}: {_in_one_line(value)}" for name, value in details if value)]
    )


def _line(body: Mapping[str, Any], told: Flat) -> str:
    kind = _KINDS.get(told["kind"], (told["kind"] or "send").replace("_", " "))
    whom = f"to {told['to_name'] or told['to_company'] or told['to_email'] or told['send_id']}"
    campaign = f" ({told['campaign']})" if told["campaign"] else ""
    if told["kind"] == "campaign":
        whom, campaign = told["campaign"] or told["campaign_id"], ""
    elif told["kind"] == "return_envelope_order":
        kind, whom = "order", f"of {body['data']['quantityOrdered']:,} return envelopes"
    test = "" if told["live"] else "[test] "
    sample, end = ("[sample] ", " – it never happened") if "sample" in told else ("", "")
    return _in_one_line(f"{sample}{test}{_what(body, told)}: {kind} {whom}{campaign}{end}")


def _what(body: Mapping[str, Any], told: Flat) -> str:
    """What happened, in people's words, and whose word it is: a reader may have several for the same."""
    if body.get("object") == "event":
        return f"{_of_postgrid(body)} (PostGrid {body['type'].replace('.', ' ').replace('_', ' ')})"
    if code := body["data"].get("code"):
        return f"{_in_words(code['name'])} ({code['vocabulary'].capitalize()})"
    return f"Status is now {told['status_label']}" if body["type"] == STATUS_CHANGED else told["event"]


def _of_postgrid(body: Mapping[str, Any]) -> str:
    """Of an order where it stands now, by what of it became another."""
    data, news, told_of = body["data"], body["updatedFields"], body["type"].partition(".")[0]
    if told_of == "tracker":
        return "Link visited"
    if news is None:
        return "Created"
    if news.get("status") not in _ENDS and any(name.startswith("imb") for name in news) and data.get("imbStatus"):
        return _in_words(data["imbStatus"])
    return _in_words(news["status"]) if news.get("status") else "Changed"


def _in_words(name: str) -> str:
    """`local_delivery` and `InLocalArea` as people write them."""
    words = _PARTS.sub(" ", name.replace("_", " "))
    return f"pURL{words[4:].lower()}" if words.startswith("pURL") else words.capitalize()


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
