"""A form that came after its session had ended goes along through signing in, so that nothing typed is lost.

The browser keeps it, in a field of the form to sign in with: nothing of somebody unknown is kept here. Only a form with
the browser's own token is, or one that by the browser's word (Origin) comes from a page of ours and has lost the
cookie, so no other site can have somebody send what it made up; and nothing is sent on that they have not looked at.
"""

import base64
import binascii
import re
from collections.abc import Sequence

import msgspec
from litestar import Response

from sendtrail.services.accounts import Person
from sendtrail.services.sessions import Session
from sendtrail.web.rendering import page
from sendtrail.web.visitors import WebRequest, shown_for, way_back
from sendtrail.web.wording import spelled

_MOST = 48 << 10
"""Bytes of a kept form: what to sign in with has room beside it. The longest text of ours, all emoji, takes a third."""
_NOT_TOLD = frozenset(
    {"nonce", "seen", "as_asked", "sure", "list", "query", "action", "send", "all", "how", "next", "csrf"}
)
"""What people never see of a form, or see in other words."""
_CALLED = {
    "address_line1": "Address line 1",
    "address_line2": "Address line 2",
    "code": "What happened",
    "email": "E-mail address",
    "first_serial": "First serial number",
    "last_serial": "Last serial number",
    "mid": "Mailer ID",
    "occurred_at": "When",
    "support_contact": "Whom to ask for help",
    "access": "It may do",
}
"""What people call fields where that is not what programs do."""
_CHOICES = frozenset({"access", "code", "kind", "mailing_class", "role", "type"})
_ID = re.compile(r"[a-z_]+_[0-9a-z]{13}")
_ACTIONS = {"cancel": "Cancel sends", "tag": "Tag sends", "export": "Export sends"}


class Kept(msgspec.Struct, frozen=True):
    """`path`: where it goes; `fields`: without the token. `mode` (live, test) and `organization`, by number, for which
    it was shown; empty where it did not say."""

    path: str
    fields: list[tuple[str, str]]
    mode: str
    organization: str

    @property
    def told(self) -> list[tuple[str, str]]:
        """What people filled in, field by field, as they know it; ids say nothing to anybody."""
        one = dict(self.fields)
        told = [("What to do", _ACTIONS[one["action"]])] if one.get("action") in _ACTIONS else []
        if n := sum(name == "send" for name, _ in self.fields):
            told.append(("Sends", f"{n:,}"))
        elif "all" in one:
            told.append(("Sends", "All that match"))
        return told + [
            (_CALLED.get(name, spelled(name)), spelled(text) if name in _CHOICES else text)
            for name, text in self.fields
            if text and name not in _NOT_TOLD and not name.startswith("was_") and not _ID.fullmatch(text)
        ]


def keep(request: WebRequest, fields: Sequence[tuple[str, str]]) -> str:
    """The form of this request as a text for one field; empty for none, for one with a password, for one too long."""
    if not fields or any("password" in name for name, _ in fields):
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    mode, organization = shown_for(dict(fields).get("csrf", ""))
    kept = Kept(request.url.path + query, [each for each in fields if each[0] != "csrf"], mode, organization)
    text = base64.urlsafe_b64encode(msgspec.json.encode(kept)).decode()
    return text if len(text) <= _MOST else ""


def kept_in(text: str) -> Kept | None:
    """The form in such a text; None for anything else, and for none."""
    try:
        kept = msgspec.json.decode(base64.urlsafe_b64decode(text), type=Kept)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None
    return kept if way_back(kept.path) == kept.path else None


def as_shown(session: Session, person: Person, kept: Kept) -> Session:
    """The session in the organization and mode for which the form was shown, if it is one of the member's."""
    for number, _ in person.organizations:
        if str(number) == kept.organization:
            return msgspec.structs.replace(session, organization_id=number, live=kept.mode != "test")
    return session


def send_on(request: WebRequest, kept: Kept, *, lost_cookie: bool = False) -> Response[str]:
    """The page on which somebody who has signed in again, or whose browser had `lost_cookie`, sends their form after
    all."""
    return page(request, "kept_form.html", None, status=403 if lost_cookie else 200, kept=kept, lost_cookie=lost_cookie)
