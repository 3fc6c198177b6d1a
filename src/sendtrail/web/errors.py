"""Pages for what goes wrong: the same words as the API, for people."""

import uuid
from collections.abc import Callable
from typing import Any, cast

import structlog
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from sendtrail.domain.problems import SendtrailError
from sendtrail.web.kept_forms import keep, kept_in, send_on
from sendtrail.web.rendering import HEADERS, page, sentence
from sendtrail.web.visitors import FormRefused, SignInNeeded, WebRequest, sign_in_address

_TITLES = {
    400: "That cannot be shown",
    402: "There is no money for that",
    403: "Not allowed",
    404: "Nothing here",
    405: "Not possible here",
    409: "Nothing was changed",
    429: "Too many tries",
    500: "Something went wrong",
    503: "Not available just now",
}
_STATUS = {
    "not_found": 404,
    "forbidden": 403,
    "unauthorized": 403,
    "conflict": 409,
    "insufficient_funds": 402,
    "too_many_requests": 429,
    "unavailable": 503,
}
_WORDS = {404: "There is no page at this address. It may have moved, or the link was cut short."}
_PROGRAMS = ("/api/", "/print-mail/")
_log = structlog.get_logger("sendtrail.web")


def problem_page(request: WebRequest, status: int, message: str) -> Response[str]:
    """A page that says what is wrong and leads back."""
    title = _TITLES.get(status, _TITLES[500] if status >= 500 else _TITLES[400])
    return page(request, "problem.html", None, status=status, title=title, message=message)


def _form_refused(request: WebRequest, error: FormRefused) -> Response[str]:
    """A form of ours whose browser has lost the cookie is shown once more, to be sent with a new one."""
    kept = kept_in(keep(request, error.fields))
    return send_on(request, kept, lost_cookie=True) if kept else _refused(request, error)


def _refused(request: WebRequest, error: SendtrailError) -> Response[str]:
    return problem_page(request, _STATUS.get(error.type, 400), sentence(error))


def _by_framework(request: WebRequest, error: HTTPException) -> Response[str]:
    """Addresses without a page and the like."""
    return problem_page(request, error.status_code, _WORDS.get(error.status_code, f"{error.detail.splitlines()[0]}."))


def _unexpected(request: WebRequest, error: Exception) -> Response[str]:
    """What should not happen; the number leads from the page to the log."""
    number = uuid.uuid4().hex
    _log.error("unexpected", request=number, method=request.method, path=request.url.path, exc_info=error)
    return problem_page(request, 500, f"The log tells more under request {number}.")


def _sign_in(request: WebRequest, needed: SignInNeeded) -> Response[Any]:
    """Leads to the page to sign in on. A page that looks again by itself stays as it is, and says so."""
    if request.method == "GET" and request.headers.get("HX-Request"):
        return Response("", status_code=401, headers=HEADERS)
    if kept := keep(request, needed.fields):
        return page(request, "login.html", None, status=401, back="/", email="", error="", kept=kept)
    return Redirect(sign_in_address(request), status_code=303)


HANDLERS: ExceptionHandlersMap = {
    SignInNeeded: _sign_in,
    FormRefused: _form_refused,
    SendtrailError: _refused,
    HTTPException: _by_framework,
    Exception: _unexpected,
}


def page_or(others: ExceptionHandlersMap) -> ExceptionHandlersMap:
    """Handlers for the whole app: at an address that nobody serves, a page for who asks for one, else `others`."""
    answer = cast(Callable[[WebRequest, HTTPException], Response[Any]], others[HTTPException])

    def choose(request: WebRequest, error: HTTPException) -> Response[Any]:
        reads = "text/html" in request.headers.get("Accept", "") and not request.url.path.startswith(_PROGRAMS)
        return _by_framework(request, error) if reads else answer(request, error)

    return {**others, HTTPException: cast(Any, choose)}
