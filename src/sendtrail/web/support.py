"""Whom to ask for help, and when a send's page says that it is time to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sendtrail.domain.events import Evidence, Kind
from sendtrail.domain.meanings import help_overdue, meaning, tracking_overdue
from sendtrail.domain.roles import Permission
from sendtrail.web.visitors import Visitor


@dataclass(frozen=True, slots=True)
class Support:
    """The organization's support contact and where a link to it leads; empty where none is set.

    `may_set`: none is set, and the visitor is one who could.
    """

    contact: str
    link: str
    may_set: bool


def support_for(visitor: Visitor, about: str = "") -> Support:
    """The contact; `about` (a send's id) becomes the subject where it is an e-mail address."""
    organization = visitor.organization
    link = organization.support_link
    if link.startswith("mailto:") and about:
        link = f"{link}?subject={quote(about)}"
    may_set = not link and visitor.scope.may(Permission.SETTINGS_WRITE)
    return Support(organization.support_contact, link, may_set)


def reason_to_ask(send: Mapping[str, Any], left_at: datetime | None, now: datetime, time_zone: str) -> str:
    """Why it is time to ask for help with a send, in a sentence; empty where it is not.

    `left_at`: when the post or a carrier got it, as far as anybody said. A status counts from the send's day at the
    earliest: until then it has to wait.
    """
    status = send["status"]
    code, evidence = status["code"], Evidence[status["evidence"].upper()]
    since = max(status["since"], datetime.combine(send["day"], time(), ZoneInfo(time_zone)))
    if help_overdue(code, evidence, since, now):
        means = meaning(code, evidence)
        return (
            f"It has been “{status['label']}” for {(now - since).days} days, longer than usual: ask for help."
            if means.patience
            else means.advice
        )
    service = f"{send['mailing_class']} {send['extra_service']}"
    kind = Kind[send["kind"].upper()]
    if left_at and tracking_overdue(kind, service, code, left_at, send["tracking_number"], now):
        return f"It left {(now - left_at).days} days ago and has no tracking number yet: ask for help."
    return ""
