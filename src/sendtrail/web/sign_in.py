"""Signing in and out, and between live and test."""

from typing import Annotated
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter

from sendtrail.domain.problems import NotFound, SendtrailError
from sendtrail.services import accounts, codes, sessions
from sendtrail.services.sessions import LIFETIME, Session, TooManyTries
from sendtrail.web.forms import see
from sendtrail.web.kept_forms import as_shown, kept_in, send_on
from sendtrail.web.rendering import page, sentence
from sendtrail.web.visitors import (
    SESSION_COOKIE,
    Here,
    SignInNeeded,
    Visitor,
    WebRequest,
    context_of,
    read_form,
    set_cookie,
    way_back,
)

KNOWN_COOKIE = "sendtrail_known"
Next = Annotated[str, QueryParameter(name="next")]


@get("/login", takes=("next",))
async def show_login(request: WebRequest, back: Next = "/") -> Response[str]:
    """The form to sign in with."""
    return page(request, "login.html", None, back=way_back(back), email="", error="", kept="")


@post("/login")
async def sign_in(request: WebRequest) -> Response[str]:
    """Sign in under a new session id, and go where the visitor wanted to, or on with the form that waits."""
    fields = await read_form(request)
    email, back, kept = fields.get("email", ""), way_back(fields.get("next", "/")), fields.get("form", "")
    mark = request.cookies.get(KNOWN_COOKIE, "")
    try:
        session = await sessions.sign_in(context_of(request), email, fields.get("password", ""), mark)
    except SendtrailError as problem:
        status = 429 if isinstance(problem, TooManyTries) else 401
        refusal = page(
            request, "login.html", None, status=status, back=back, email=email, error=sentence(problem), kept=kept
        )
        if isinstance(problem, TooManyTries):
            refusal.headers["Retry-After"] = problem.seconds
        return refusal
    return await signed_in(request, session, back, request.cookies.get(SESSION_COOKIE, ""), kept)


@get("/login/code", takes=("next",))
async def show_code(request: WebRequest, back: Next = "/") -> Response[str]:
    """The form for the code of somebody whose password was right."""
    await _waiting(request)
    return page(request, "login_code.html", None, back=way_back(back), error="", kept="")


@post("/login/code")
async def check_code(request: WebRequest) -> Response[str]:
    """Sign in under a new session id, if the code is right."""
    fields = await read_form(request)
    session, back, kept = await _waiting(request), way_back(fields.get("next", "/")), fields.get("form", "")
    try:
        await codes.check(context_of(request), session, fields.get("code", ""))
    except SendtrailError as problem:
        status = 429 if isinstance(problem, TooManyTries) else 401
        return page(request, "login_code.html", None, status=status, back=back, error=sentence(problem), kept=kept)
    known = msgspec.structs.replace(session, awaits_code=False)
    return await signed_in(request, known, back, request.cookies.get(SESSION_COOKIE, ""), kept)


async def _waiting(request: WebRequest) -> Session:
    """Who gave their password and not yet their code; SignInNeeded for anybody else."""
    session = await sessions.find(context_of(request), request.cookies.get(SESSION_COOKIE, ""))
    if session is None or not session.awaits_code:
        raise SignInNeeded
    return session


@post("/logout")
async def sign_out(request: WebRequest) -> Response[str]:
    """End the session here, not just in the browser."""
    await read_form(request)
    if token := request.cookies.get(SESSION_COOKIE):
        await sessions.end(context_of(request), token)
    response = see("/login")
    response.delete_cookie(SESSION_COOKIE)
    return response


@post("/logout/everywhere", needs=None)
async def sign_out_everywhere(request: WebRequest, visitor: Here) -> Response[str]:
    """End every session of the visitor, on this and all other machines."""
    await read_form(request)
    await sessions.end_all(context_of(request), visitor.session)
    response = see("/login")
    response.delete_cookie(SESSION_COOKIE)
    return response


@post("/organization", needs=None)
async def switch_organization(request: WebRequest, visitor: Here) -> Response[str]:
    """Look at another organization that the visitor belongs to; under a new session id."""
    fields = await read_form(request)
    number = accounts.number_of(context_of(request), "organization", fields.get("organization", ""))
    if number not in {each for each, _ in visitor.person.organizations}:
        raise NotFound("no such organization", "organization")
    session = Session(visitor.session.member_id, visitor.session.email, number, visitor.session.live)
    return await _switched(request, session, "/", visitor)


@post("/mode", needs=None)
async def switch_mode(request: WebRequest, visitor: Here) -> Response[str]:
    """Look at test sends instead of live ones, or back; under a new session id."""
    fields = await read_form(request)
    session = Session(
        member_id=visitor.session.member_id,
        email=visitor.session.email,
        organization_id=visitor.session.organization_id,
        live=fields.get("mode") != "test",
    )
    return await _switched(request, session, way_back(fields.get("next", "/")), visitor)


async def signed_in(request: WebRequest, session: Session, back: str, replaces: str, kept: str = "") -> Response[str]:
    """Go where the visitor wanted to under a new session id, by way of the page for a code where one is awaited.

    `kept`: a form that waited for this goes on first.
    """
    context, form = context_of(request), kept_in(kept)
    if form:
        session = as_shown(session, await accounts.person(context, session.member_id), form)
    token = await sessions.begin(context, session, replaces)
    if not session.awaits_code:
        response = send_on(request, form) if form else see(back)
        return with_mark(request, with_session(request, response, token), session.email)
    if form:
        return with_session(request, page(request, "login_code.html", None, back=back, error="", kept=kept), token)
    return with_session(request, see(f"/login/code?next={quote(back)}"), token)


async def _switched(request: WebRequest, session: Session, back: str, visitor: Visitor) -> Response[str]:
    return with_session(request, see(back), await sessions.go_on(context_of(request), session, visitor.token))


def with_mark(request: WebRequest, response: Response[str], email: str) -> Response[str]:
    """The browser keeps that the owner of this address was there."""
    context = context_of(request)
    if not sessions.is_marked(context, email, request.cookies.get(KNOWN_COOKIE, "")):
        age = int(sessions.KNOWN.total_seconds())
        set_cookie(request, response, KNOWN_COOKIE, sessions.mark_for(context, email), age)
    return response


def with_session(request: WebRequest, response: Response[str], token: str | None) -> Response[str]:
    """The browser keeps the token of its session; SignInNeeded where there is none any more."""
    if token is None:
        raise SignInNeeded
    set_cookie(request, response, SESSION_COOKIE, token, int(LIFETIME.total_seconds()))
    return response
