"""Whom to ask for help."""

from dataclasses import dataclass
from urllib.parse import quote

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
