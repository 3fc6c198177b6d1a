"""What each target of hooks needs besides what all hooks have: where it is, and settings of its own."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, NamedTuple

from sendtrail.domain import crm_settings
from sendtrail.domain.problems import Invalid
from sendtrail.services.accounts import checked_email

TargetWord = Literal["webhook", "email", "slack", "hubspot", "pipedrive", "salesforce"]
Settings = Mapping[str, Any]
MOST_ADDRESSES = 10


class Target(NamedTuple):
    """How a target is told apart. `label`: for people; `by_url`: it has an address of its own; `signed`: so that it
    must be known who tells.

    `check`: settings as they came, and as they were (empty: none), to what is kept; Invalid names `settings` or a field
    of it. `shown`: what of them may be told, without keys and tokens.
    """

    label: str
    by_url: bool
    signed: bool
    check: Callable[[Settings, Settings], dict[str, Any]]
    shown: Callable[[Settings], dict[str, Any]]


def _nothing(settings: Settings, _: Settings) -> dict[str, Any]:
    if settings:
        raise Invalid("settings must be empty for this target", "settings")
    return {}


def _email(settings: Settings, _: Settings) -> dict[str, Any]:
    only(settings, "to")
    to = settings.get("to")
    if not isinstance(to, list) or not to or not all(isinstance(each, str) for each in to):
        raise Invalid('settings.to must be a list of e-mail addresses, such as ["ann@example.com"]', "settings.to")
    if len(to) > MOST_ADDRESSES:
        raise Invalid(f"settings.to may name {MOST_ADDRESSES} addresses at most", "settings.to")
    try:
        addresses = list(dict.fromkeys(checked_email(each) for each in to))
        for address in addresses:
            host = address.rpartition("@")[2]
            if "." not in host.strip(".") and host != "localhost":
                raise Invalid(f"{address[:60]!a} must name a host such as example.com after the @")
        return {"to": addresses}
    except Invalid as problem:
        raise Invalid(f"settings.to: {problem.message}", "settings.to") from None


def only(settings: Settings, *names: str) -> None:
    """Invalid for a setting that a target does not have."""
    for name in settings:
        if name not in names:
            raise Invalid(f"settings: {name[:40]!a} is none; there may be {', '.join(names)}", "settings")


TARGETS: Mapping[str, Target] = {
    "webhook": Target("Webhook", True, True, _nothing, dict),
    "email": Target("E-mail", False, False, _email, dict),
    "slack": Target("Slack", True, False, _nothing, dict),
    **{
        word: Target(label, True, False, partial(crm_settings.checked, word), crm_settings.shown)
        for word, label in crm_settings.CRMS.items()
    },
}
