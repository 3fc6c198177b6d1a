"""Who looks at a page: the session behind the cookie, and what a form must prove before it changes anything."""

import hmac
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, sessions
from sendtrail.services.accounts import Organization
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session

SESSION_COOKIE = "sendtrail_session"
CSRF_COOKIE = "sendtrail_csrf"
_MAX_FORM = 1 << 16
_CSRF_LENGTHS = range(32, 129)
_MODE_MARK = "."
"""Stands in no token."""

WebRequest = Request[Any, Any, Any]


class SignInNeeded(Exception):
    """Nobody is signed in: the page sends them to /login, and back afterwards."""


class FormRefused(SendtrailError):
    """A form that did not come from one of our pages, or from one that is too old."""

    type = "forbidden"


class OtherMode(FormRefused):
    """A form that was shown in live mode and sent in test mode, or the other way round."""

    type = "conflict"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in."""

    token: str
    session: Session
    scope: Scope
    organization: Organization


Here = NamedDependency[SkipValidation[Visitor]]
"""Handlers take it as `visitor`."""


def context_of(request: WebRequest) -> Context:
    found: Context = request.app.state.context
    return found


async def visitor(request: WebRequest) -> Visitor:
    """The dependency `visitor`; SignInNeeded for a cookie that is missing, unknown or over."""
    context, token = context_of(request), request.cookies.get(SESSION_COOKIE, "")
    session = await sessions.find(context, token) if token else None
    if session is None:
        raise SignInNeeded
    scope = await accounts.scope_of_member(context, session.member_id, session.organization_id, session.live)
    if scope is None:
        raise SignInNeeded
    return Visitor(token, session, scope, await accounts.organization(context, scope))


async def read_form(request: WebRequest, visitor: Visitor | None = None) -> dict[str, str]:
    """The fields of a posted form. As `require_token`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            raise FormRefused("this form is larger than any of ours")
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    require_token(request, fields.get("csrf", ""), visitor)
    return fields


def require_token(request: WebRequest, given: str, visitor: Visitor | None = None) -> None:
    """FormRefused unless a form's token is that of the browser's own cookie; OtherMode where `visitor` has gone over to
    the other mode since the form was shown. `given` as `form_token` has it."""
    cookie = request.cookies.get(CSRF_COOKIE, "")
    token, _, mode = given.partition(_MODE_MARK)
    if len(cookie) not in _CSRF_LENGTHS or not hmac.compare_digest(token.encode(), cookie.encode()):
        raise FormRefused("this form is too old, or cookies are off: load its page again")
    if visitor and mode and mode != _mode(visitor):
        raise OtherMode(
            f"this page was shown in {mode} mode, and you are in {_mode(visitor)} mode now, perhaps by another tab:"
            f" go back, and load it again"
        )


def form_token(token: str, visitor: Visitor | None) -> str:
    """What a form carries: the browser's token, and the mode in which its page is shown."""
    return f"{token}{_MODE_MARK}{_mode(visitor)}" if visitor else token


def _mode(visitor: Visitor) -> str:
    return "live" if visitor.scope.live else "test"


def csrf_token(request: WebRequest) -> str:
    """The token for the forms of a page: the browser's, or a new one where it has none that will do."""
    known = request.cookies.get(CSRF_COOKIE, "")
    return known if len(known) in _CSRF_LENGTHS and known.isascii() else secrets.token_urlsafe(32)


def set_cookie(request: WebRequest, response: Response[Any], name: str, value: str, max_age: int | None = None) -> None:
    """A cookie that no script reads, that other sites do not send, and that https keeps to itself."""
    secure = _is_secure(request)
    response.set_cookie(
        Cookie(key=name, value=value, max_age=max_age, path="/", httponly=True, secure=secure, samesite="lax")
    )


def public_address(request: WebRequest) -> str:
    """Where the visitor's browser found us, as far as a proxy tells: https://mail.example.com."""
    return f"{'https' if _is_secure(request) else 'http'}://{request.headers.get('Host', request.url.netloc)}"


def _is_secure(request: WebRequest) -> bool:
    return request.url.scheme == "https" or request.headers.get("X-Forwarded-Proto", "") == "https"


def sign_in_address(request: WebRequest) -> str:
    """/login, which knows the way back to a page that was only looked at."""
    if request.method not in ("GET", "HEAD") or request.url.path == "/":
        return "/login"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/login?next={quote(request.url.path + query)}"


def way_back(text: str) -> str:
    """A page of ours to go to; the front page for anything that leads elsewhere."""
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isascii() and text.isprintable()
    return text if ours else "/"
