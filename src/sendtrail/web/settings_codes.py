"""Settings: a code at sign-in besides the password."""

import io

import segno
from litestar import Response, get, post
from markupsafe import Markup

from sendtrail.domain.problems import SendtrailError
from sendtrail.services import codes, sessions
from sendtrail.web.forms import see, wrong_fields
from sendtrail.web.settings import CODES, settings_page
from sendtrail.web.sign_in import with_session
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/settings/codes", needs=None)
async def show_codes(request: WebRequest, visitor: Here) -> Response[str]:
    """How the visitor signs in, and how to change that."""
    return await _page(request, visitor, secret="" if visitor.person.totp else codes.new_secret())


@post("/settings/codes", needs=None)
async def begin_codes(request: WebRequest, visitor: Here) -> Response[str]:
    """Ask for codes from now on, if the password is right; show the recovery codes once. All other sessions end."""
    fields = await read_form(request, visitor)
    context, secret = context_of(request), fields.get("secret", "")
    try:
        recovery = await codes.begin(
            context, visitor.session, fields.get("password", ""), secret, fields.get("code", "")
        )
    except SendtrailError as problem:
        return await _page(request, visitor, secret="" if visitor.person.totp else secret, problem=problem)
    token = await sessions.renew(context, visitor.session, visitor.token)
    return with_session(request, await _page(request, visitor, recovery=recovery), token)


@post("/settings/codes/end", needs=None)
async def end_codes(request: WebRequest, visitor: Here) -> Response[str]:
    """Ask for no codes any more, if the password is right."""
    fields = await read_form(request, visitor)
    try:
        await codes.end(context_of(request), visitor.session, fields.get("password", ""))
    except SendtrailError as problem:
        return await _page(request, visitor, problem=problem)
    return see("/settings/codes?done=saved")


async def _page(
    request: WebRequest,
    visitor: Visitor,
    *,
    secret: str = "",
    recovery: list[str] | None = None,
    problem: SendtrailError | None = None,
) -> Response[str]:
    return await settings_page(
        request,
        visitor,
        "settings_codes.html",
        CODES,
        wrong=wrong_fields(problem, {"code": "code", "password": "password"}),
        typed={},
        secret=secret,
        picture=_picture(codes.address(secret, visitor.session.email)) if secret and secret.isalnum() else "",
        recovery=recovery,
        left=visitor.person.codes,
    )


def _picture(text: str) -> Markup:
    """A QR code to stand in a page; dark on light, whatever the page's colours, since not all cameras read others."""
    drawn = io.BytesIO()
    segno.make(text, micro=False).save(
        drawn, kind="svg", xmldecl=False, scale=4, border=4, dark="#000", light="#fff", title="QR code"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 — drawn by us, of letters that are escaped in an address
