"""What a hook that writes into a CRM must know: `settings` of such a hook, with their rules.

`fields` maps names of the CRM's own fields to what is told (domain/flat.py), set anew by each event that is the latest
word on its send; `activity` says whether an activity is put on the person's timeline as well.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.flat import FIELDS, Flat
from sendtrail.domain.problems import Invalid

CRMS: Mapping[str, str] = {"hubspot": "HubSpot", "pipedrive": "Pipedrive", "salesforce": "Salesforce"}
"""Target → what people call it."""
ADDRESSES: Mapping[str, str] = {"hubspot": "https://api.hubapi.com"}
"""Where a CRM is that has one address for everybody."""
OCCURRED_ON, TOLD_ON = "occurred_on", "told_on"
"""Besides what is told flat, for fields that hold days: that of the event, and that on which the CRM is told, both by
the clocks of the organization whose send it is."""
METADATA = "metadata_"
MOST_FIELDS = 30
_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")
_LEAST_TOKEN, _MOST_TOKEN = 8, 500


class CrmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`fields`: CRM's name → ours. `external_id_field`: the CRM's field with the `external_id` of sends; empty: people
    are found by e-mail address alone.

    `token`: what HubSpot gives a private app, or Pipedrive a user; `activity_type` is Pipedrive's. `client_id`,
    `client_secret`: those of a connected app of Salesforce; `person`: what people are there.
    """

    token: str = ""
    client_id: str = ""
    client_secret: str = ""
    fields: dict[str, str] = {}
    activity: bool = True
    external_id_field: str = ""
    person: Literal["Contact", "Lead"] = "Contact"
    activity_type: str = "task"


_COMMON = ("fields", "activity", "external_id_field")
_OF: Mapping[str, tuple[str, ...]] = {
    "hubspot": ("token", *_COMMON),
    "pipedrive": ("token", *_COMMON, "activity_type"),
    "salesforce": ("client_id", "client_secret", *_COMMON, "person"),
}
_SECRET = ("token", "client_secret")
_SHAPES: Mapping[str, str] = {
    **dict.fromkeys(("token", "client_id", "client_secret", "external_id_field", "activity_type"), "a text"),
    "fields": 'an object of texts, such as {"last_mail_status": "status"}',
    "activity": "true or false",
    "person": "Contact or Lead",
}
"""What is said of a setting that is of another shape."""
OFFERED = (*FIELDS, OCCURRED_ON, TOLD_ON)
"""What can be mapped, besides `metadata_` and a key of the send's metadata."""


def checked(target: str, settings: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they are kept; a secret that is left out stays as it is `known`.

    Invalid names the one that cannot be taken, such as `settings.fields`.
    """
    for name in settings:
        if name not in _OF[target]:
            raise Invalid(f"settings: {name[:40]!a} is none; there may be {', '.join(_OF[target])}", "settings")
    kept = {name: known[name] for name in _SECRET if name in known}
    try:
        meant = msgspec.convert({**kept, **settings}, CrmSettings)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None
    _check_secrets(target, meant)
    _check_fields(target, meant.fields)
    for name in ("external_id_field", "activity_type"):
        if (value := getattr(meant, name)) and not _NAME.fullmatch(value):
            raise Invalid(f"settings.{name} may be letters, digits and underscores only", f"settings.{name}")
    if not (meant.fields or meant.activity):
        raise Invalid("settings must have fields to set, or activity true: else nothing is written", "settings.fields")
    return dict(msgspec.to_builtins(meant))


def _refused(complaint: str) -> Invalid:
    """Our words for what the library says of the shape of a setting: `… at `$.person``."""
    found = re.search(r"\$\.(\w+)", complaint)
    name = found[1] if found else ""
    if name not in _SHAPES:
        return Invalid("settings must be an object of what the CRM needs, such as its token and fields", "settings")
    return Invalid(f"settings.{name} must be {_SHAPES[name]}", f"settings.{name}")


def shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings without what opens the account."""
    return {name: value for name, value in settings.items() if name not in _SECRET}


def _check_secrets(target: str, settings: CrmSettings) -> None:
    for name, called in _CALLED.items():
        if name not in _OF[target]:
            continue
        value: str = getattr(settings, name)
        if not (
            _LEAST_TOKEN <= len(value) <= _MOST_TOKEN and value.isascii() and value.isprintable() and " " not in value
        ):
            raise Invalid(
                f"settings.{name} must be {called}: {_LEAST_TOKEN} to {_MOST_TOKEN} characters without blanks",
                f"settings.{name}",
            )


def _check_fields(target: str, fields: Mapping[str, str]) -> None:
    if len(fields) > MOST_FIELDS:
        raise Invalid(f"settings.fields may be {MOST_FIELDS} at most", "settings.fields")
    for theirs, ours in fields.items():
        if not _NAME.fullmatch(theirs):
            raise Invalid(
                f"settings.fields: {theirs[:60]!a} is no name of a field of {CRMS[target]}", "settings.fields"
            )
        if ours not in OFFERED and not (ours.startswith(METADATA) and len(ours) > len(METADATA)):
            raise Invalid(
                f"settings.fields: {ours[:60]!a} is nothing that is told; status, event or metadata_region are",
                "settings.fields",
            )


def values(
    settings: CrmSettings, told: Flat, zone: ZoneInfo, now: datetime
) -> dict[str, str | int | float | bool | None]:
    """What the CRM's fields are to hold, of a notification told flat. What it does not tell clears its field.

    `zone`: of the organization whose send it is; `now`: when the CRM is told.
    """
    days = {OCCURRED_ON: datetime.fromisoformat(told["occurred_at"]), TOLD_ON: now}
    known = {**told, **{name: at.astimezone(zone).date().isoformat() for name, at in days.items()}}
    return {theirs: known.get(ours) for theirs, ours in settings.fields.items()}


_CALLED: Mapping[str, str] = {
    "token": "the token of a private app or of a user",
    "client_id": "the consumer key of a connected app",
    "client_secret": "the consumer secret of a connected app",
}
