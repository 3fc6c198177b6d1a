"""A form that came after its session had ended goes along through signing in, so that nothing typed is lost.

The browser keeps it, in a field of the form to sign in with: nothing of somebody unknown is kept here. Only a form with
the browser's own token is, so no other site can have somebody send what it made up.
"""

import base64
import binascii
from collections.abc import Sequence

import msgspec
from litestar import Response

from sendtrail.services.accounts import Person
from sendtrail.services.sessions import Session
from sendtrail.web.rendering import page
from sendtrail.web.visitors import WebRequest, shown_for, way_back

_MOST = 48 << 10
"""Bytes of a kept form: what to sign in with has room beside it. The longest text of ours, all emoji, takes a third."""
_NOT_TOLD = ("nonce", "seen")
"""What people never see of a form."""


class Kept(msgspec.Struct, frozen=True):
    """`path`: where it goes; `fields`: without the token. `mode` (live, test) and `organization`, by number, for which
    it was shown; empty where it did not say."""

    path: str
    fields: list[tuple[str, str]]
    mode: str
    organization: str

    @property
    def told(self) -> list[tuple[str, str]]:
        """What people filled in, field by field."""
        return [(name, text) for name, text in self.fields if name not in _NOT_TOLD and text]


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


def send_on(request: WebRequest, kept: Kept) -> Response[str]:
    """The page on which somebody who has signed in again sends their form after all."""
    return page(request, "kept_form.html", None, kept=kept)
