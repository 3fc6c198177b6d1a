"""The part of a hook's form that leads into a CRM: its account, how people are found there, which fields are set."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sendtrail.domain.crm_settings import ADDRESSES, CRMS, METADATA, MOST_FIELDS, OFFERED
from sendtrail.web.wording import spelled

ABOUT: Mapping[str, str] = {
    "hubspot": "Properties of the contact are set, and a note tells what happened.",
    "pipedrive": "Fields of the person are set, and an activity tells what happened.",
    "salesforce": "Fields of the contact or lead are set, and a task tells what happened.",
}
NAMES: Mapping[str, str] = {
    "settings.token": "token",
    "settings.client_id": "consumer key",
    "settings.client_secret": "consumer secret",
    "settings.fields": "fields",
    "settings.external_id_field": "field",
    "settings.activity_type": "type of activity",
}
"""What people call each field of the form, as it reads inside a sentence."""
_ROWS, _MORE = 5, 3
"""Lines for fields: at first, and empty ones beyond those that are filled."""
_PLAIN = ("client_id", "external_id_field", "activity_type", "person")
_SECRET = ("token", "client_secret")
_CALLED: Mapping[str, str] = {
    "event": "Event, in words",
    "code": "Postalytics number",
    "occurred_at": "When it happened",
    "occurred_on": "Day on which it happened",
    "told_on": "Day on which this is told",
    "current": "Whether it is the latest word",
    "status": "Status, as a code",
    "status_label": "Status, in words",
    "evidence": "How we know",
    "sequence": "Number of the event in the life of the send",
    "send_id": "ID of the send",
    "external_id": "Your ID",
    "previous_status": "Status before",
    f"{METADATA}KEY": "Of the send's metadata, by its key",
}
_FIRST = (
    "event",
    "status_label",
    "status",
    "occurred_at",
    "occurred_on",
    "told_on",
    "code",
    "campaign",
    "expected_delivery",
)

Fields = Mapping[str, str]


def read(fields: Fields) -> dict[str, object]:
    """The settings that a form says. What is blank is left out: so a secret that is kept stays."""
    said = {name: value for name in (*_PLAIN, *_SECRET) if (value := fields.get(f"settings.{name}", "").strip())}
    rows = ((fields.get(f"settings.{side}.{n}", "").strip() for side in ("theirs", "ours")) for n in range(MOST_FIELDS))
    mapped = {theirs: ours for theirs, ours in rows if theirs or ours}
    return {**said, "fields": mapped, "activity": fields.get("settings.activity") == "yes"}


def typed(settings: Mapping[str, Any]) -> dict[str, str]:
    """What the form shows of settings."""
    mapped = settings.get("fields", {})
    sides = {
        f"settings.{side}.{n}": value
        for n, pair in enumerate(sorted(mapped.items()))
        for side, value in zip(("theirs", "ours"), pair, strict=True)
    }
    return {
        **{f"settings.{name}": str(settings[name]) for name in _PLAIN if name in settings},
        **sides,
        "settings.rows": str(min(len(mapped) + _MORE, MOST_FIELDS)),
        "settings.activity": "yes" if settings.get("activity", True) else "",
    }


def fresh(target: str) -> dict[str, str]:
    """What the form of a new hook begins with; nothing for what is no CRM."""
    if target not in CRMS:
        return {}
    return {"url": ADDRESSES.get(target, ""), "settings.rows": str(_ROWS), "settings.activity": "yes"}


def to_be_typed_again(form: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What to say beside secrets that were typed into a form that is shown again: they are not shown with it."""
    secrets = {f"settings.{name}" for name in _SECRET}
    return {name: "Type it again: it is not shown here." for name, value in form if name in secrets and value.strip()}


def told() -> list[tuple[str, str]]:
    """What fields can be set to, the usual first, and what people call it."""
    names = [*_FIRST, f"{METADATA}KEY", *(each for each in OFFERED if each not in _FIRST)]
    return [(name, _CALLED.get(name) or spelled(name)) for name in names]


READ: Mapping[str, Callable[[Fields], dict[str, object]]] = dict.fromkeys(CRMS, read)
TYPED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, str]]] = dict.fromkeys(CRMS, typed)
