"""Who looks at a page: the session behind the cookie, and what a form must prove before it changes anything."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, attending, sessions
from sendtrail.services.accounts import Organization, Person
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
    """Nobody is signed in: the page sends them to /login, and back afterwards. `fields`: of a form that they sent."""

    def __init__(self, fields: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.fields = fields


class FormRefused(SendtrailError):
    """A form that did not come from one of our pages, or from one that is too old. `fields`: of one that did, for all
    that the browser says, and has lost its cookie."""

    type = "forbidden"
    fields: Sequence[tuple[str, str]] = ()


class OtherMode(FormRefused):
    """A form that was shown in one mode or organization and sent in another."""

    type = "conflict"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in."""

    token: str
    session: Session
    scope: Scope
    organization: Organization
    person: Person
    attention: int = 0
    """How many entries need attention within their reach; `attending.COUNTED` stands for as many or more."""


Here = NamedDependency[SkipValidation[Visitor]]
"""Handlers take it as `visitor`."""


def context_of(request: WebRequest) -> Context:
    found: Context = request.app.state.context
    return found


async def visitor(request: WebRequest) -> Visitor:
    """The dependency `visitor`; SignInNeeded for a cookie that is missing, unknown or over.

    Each route says with `needs` which permission it takes, None for any member's: Forbidden without it.
    """
    context, token = context_of(request), request.cookies.get(SESSION_COOKIE, "")
    session = await sessions.find(context, token) if token else None
    if session is None or session.awaits_code:
        raise SignInNeeded(await _unsent(request))
    scope = await accounts.scope_of_member(context, session.member_id, session.organization_id, session.live)
    if scope is None:
        raise SignInNeeded(await _unsent(request))
    if needed := request.route_handler.opt["needs"]:
        scope.require(needed)
    person = await accounts.person(context, session.member_id)
    waiting = await attending.waiting(context, scope)
    return Visitor(token, session, scope, await accounts.organization(context, scope), person, waiting)


async def _unsent(request: WebRequest) -> Sequence[tuple[str, str]]:
    """The fields of a form of ours that nobody who is signed in has sent; none for anything else."""
    if request.method != "POST" or request.content_type[0].lower() != "application/x-www-form-urlencoded":
        return ()
    try:
        return await read_fields(request)
    except FormRefused as refused:
        return refused.fields


async def read_form(request: WebRequest, visitor: Visitor | None = None) -> dict[str, str]:
    """The fields of a posted form. As `require_token`."""
    return dict(await read_fields(request, visitor))


async def read_fields(request: WebRequest, visitor: Visitor | None = None) -> list[tuple[str, str]]:
    """The same where a field may come several times."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            raise FormRefused("this form is larger than any of ours")
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    try:
        require_token(request, dict(fields).get("csrf", ""), visitor)
    except OtherMode:
        raise
    except FormRefused as refused:
        if urlsplit(request.headers.get("Origin", "")).netloc == request.headers.get("Host", ""):
            refused.fields = fields
        raise
    return fields


def require_token(request: WebRequest, given: str, visitor: Visitor | None = None) -> None:
    """FormRefused unless a form's token is that of the browser's own cookie; OtherMode where `visitor` has gone over to
    the other mode or another organization since the form was shown. `given` as `form_token` has it."""
    cookie = request.cookies.get(CSRF_COOKIE, "")
    token = given.partition(_MODE_MARK)[0]
    mode, organization = shown_for(given)
    if len(cookie) not in _CSRF_LENGTHS or not hmac.compare_digest(token.encode(), cookie.encode()):
        raise FormRefused("this form is too old, or cookies are off: load its page again")
    if visitor and organization and organization != str(visitor.scope.organization_id):
        raise OtherMode(
            f"this page was shown for another organization, and you look at {visitor.organization.name} now, perhaps by"
            " another tab: go back, and load it again"
        )
    if visitor and mode and mode != _mode(visitor):
        raise OtherMode(
            f"this page was shown in {mode} mode, and you are in {_mode(visitor)} mode now, perhaps by another tab:"
            f" go back, and load it again"
        )


def form_token(token: str, visitor: Visitor | None) -> str:
    """What a form carries: the browser's token, and the mode and the organization for which its page is shown."""
    if visitor is None:
        return token
    return _MODE_MARK.join((token, _mode(visitor), str(visitor.scope.organization_id)))


def shown_for(given: str) -> tuple[str, str]:
    """Mode and organization, by number, of a form's token; empty for one that was shown to nobody signed in."""
    mode, _, organization = given.partition(_MODE_MARK)[2].partition(_MODE_MARK)
    return mode, organization


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
    """Where people reach us: as set, or as the visitor's browser found us, as far as a proxy tells."""
    if address := context_of(request).config.address:
        return address
    return f"{'https' if _is_secure(request) else 'http'}://{request.headers.get('Host', request.url.netloc)}"


def _is_secure(request: WebRequest) -> bool:
    return request.url.scheme == "https" or request.headers.get("X-Forwarded-Proto", "") == "https"


def sign_in_address(request: WebRequest) -> str:
    """/login, which knows the way back to the page that was looked at, or to that of a form."""
    address = request.url if request.method in ("GET", "HEAD") else _form_page(request)
    if address.path in ("", "/"):
        return "/login"
    query = f"?{address.query}" if address.query else ""
    return f"/login?next={quote(address.path + query)}"


def _form_page(request: WebRequest) -> SplitResult:
    """The page on which a form stood, as far as the browser tells."""
    page = urlsplit(request.headers.get("Referer", ""))
    return page if page.netloc == request.headers.get("Host", "") else urlsplit("")


def way_back(text: str) -> str:
    """A page of ours to go to; the front page for anything that leads elsewhere."""
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isascii() and text.isprintable()
    return text if ours else "/"
