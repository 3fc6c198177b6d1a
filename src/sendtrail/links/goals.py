"""`/goal/{code}`: goals as a picture, a script or a server of the landing's site tells them, from anywhere.

No answer is kept by a cache, sets a cookie or depends on one. What somebody adds to the address of a picture besides
what we know is left alone: tag managers do.
"""

import json
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl

from litestar import HttpMethod, Request, Response, Router, route
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, SkipValidation

from sendtrail.domain.problems import Invalid, SendtrailError, TooLarge
from sendtrail.domain.visit import is_early
from sendtrail.links.callers import address_of, headers_of
from sendtrail.links.pages import ALWAYS
from sendtrail.services import goal_tags
from sendtrail.services.context import Context
from sendtrail.services.goal_tags import Teller, Told, TooMany

Here = NamedDependency[SkipValidation[Context]]
MAX_BODY_BYTES = 16 << 10
_MOST_FIELDS = 20
_MAX_QUERY = 16 << 10
_MAX_HEADER = 2_000
_SCRIPT = resources.files("sendtrail.links").joinpath("goal.js").read_text(encoding="utf-8")
_PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
"""A GIF of one transparent point."""
_HEADERS = {
    **{name.decode(): value.decode() for name, value in ALWAYS},
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}
_PREFLIGHT = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "86400",
}
_STATUS = {"not_found": 404, "too_large": 413, "unsupported_media_type": 415, "too_many_requests": 429}
_HOUR = {"cache-control": "public, max-age=3600"}


class _Unsupported(SendtrailError):
    type = "unsupported_media_type"


@route(
    "/goal/{code:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.OPTIONS],
    include_in_schema=False,
    request_max_body_size=MAX_BODY_BYTES,
)
async def goal(request: Request[Any, Any, Any], context: Here, code: FromPath[str]) -> Response[Any]:
    """One handler for all: of an address, the framework would answer OPTIONS itself."""
    if request.method == "POST":
        return await _told(request, context, code)
    if request.method == "OPTIONS":  # any page may tell goals, without anything that says who somebody is
        return Response(None, status_code=204, headers=_HEADERS | _PREFLIGHT)
    if code.endswith(".js"):
        return await _script(request, context, code[:-3])
    if request.method == "HEAD":  # who only looks has reached nothing
        return Response(_PIXEL, status_code=200, media_type="image/gif", headers=_HEADERS)
    return await _pixel(request, context, code)


async def _pixel(request: Request[Any, Any, Any], context: Context, code: str) -> Response[bytes]:
    """Count a goal and show a point that nobody sees, whatever became of it."""
    headers: dict[str, str] = {}
    status = 200
    try:
        told = Told(**_picked(request.scope.get("query_string", b"")))
        await goal_tags.tell(context, code, told, _teller(request, context, browser=True))
    except SendtrailError as problem:
        status, headers = _status(problem), {"sendtrail-problem": problem.message, **_retry(problem)}
    return Response(_PIXEL, status_code=status, media_type="image/gif", headers=_HEADERS | headers)


async def _told(request: Request[Any, Any, Any], context: Context, code: str) -> Response[Any]:
    """Count a goal that a server tells, as JSON or as a form, or a page by a script of its own."""
    try:
        said = await _said(request)
        noted = await goal_tags.tell(
            context, code, said, _teller(request, context, browser="origin" in request.headers)
        )
    except SendtrailError as problem:
        param = problem.param and problem.param.encode("utf-8", "replace").decode()  # JSON may hold half a character
        shown = {"type": problem.type, "message": problem.message, "param": param}
        return Response({"error": shown}, status_code=_status(problem), headers=_HEADERS | _retry(problem))
    return Response({"id": noted.id, "new": noted.new}, status_code=201 if noted.new else 200, headers=_HEADERS)


def router() -> Router:
    """The addresses of goals, for the application to serve."""
    return Router(
        "/",
        route_handlers=[goal],
        dependencies={"context": Provide(_context, sync_to_thread=False)},
    )


def _context(state: State) -> Context:
    found: Context = state.context
    return found


async def _script(request: Request[Any, Any, Any], context: Context, code: str) -> Response[bytes]:
    try:
        tag = await goal_tags.tag(context, code, _teller(request, context).address)
    except SendtrailError as problem:
        text, status, headers = f"// Sendtrail: {problem.message}.\n", _status(problem), _HEADERS | _retry(problem)
    else:
        values = {"parameter": tag.parameter, "code": tag.code, "days": tag.days}
        text, status, headers = _SCRIPT, 200, _HEADERS | _HOUR
        for name, value in values.items():
            text = text.replace("{" + name + "}", json.dumps(value))
    return Response(text.encode(), status_code=status, media_type="text/javascript", headers=headers)


def _teller(request: Request[Any, Any, Any], context: Context, browser: bool = False) -> Teller:
    headers = headers_of(request.scope)
    return Teller(
        address_of(request.scope, headers, context.config.proxies),
        headers.get("user-agent", "")[:_MAX_HEADER],
        headers.get("referer", "")[:_MAX_HEADER],
        browser=browser,
        early=browser and is_early(headers),
    )


async def _said(request: Request[Any, Any, Any]) -> Told:
    """What a body says; nothing at all is a goal without a value."""
    try:
        body = await request.body()
    except HTTPException as error:
        if error.status_code != 413:
            raise
        raise TooLarge(f"the body may have {MAX_BODY_BYTES:,} bytes at most") from None
    if not body.strip():
        return Told()
    media_type = request.content_type[0].lower()
    if media_type == "text/plain":  # as pages send a string by navigator.sendBeacon
        media_type = "application/x-www-form-urlencoded" if b"=" in body.split(b"{")[0] else "application/json"
    if media_type == "application/x-www-form-urlencoded":
        given: dict[str, Any] = dict(_pairs(body))
    elif media_type == "application/json":
        given = _object(body)
    else:
        raise _Unsupported("Content-Type must be application/json or application/x-www-form-urlencoded")
    if unknown := given.keys() - set(Told._fields):
        name = min(unknown)[:60]
        raise Invalid(f"{name!a} is not a field here; there are {', '.join(Told._fields)}", name)
    return Told(**given)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid("the body is not JSON") from None
    if not isinstance(found, dict):
        raise Invalid(f"the body must be an object with {', '.join(Told._fields)}")
    given = {name: each for name, each in found.items() if each is not None}
    for name, each in given.items():
        if not (isinstance(each, str) or (name == "value" and type(each) in (int, float))):
            raise Invalid(f"{name[:60]!a} must be text{' or a number' if name == 'value' else ''}", name[:60])
    return given


def _pairs(text: bytes) -> dict[str, str]:
    """The fields of a form, of several of one name the last."""
    try:
        return dict(parse_qsl(text.decode("latin-1"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Invalid(f"there may be {_MOST_FIELDS} fields at most") from None


def _picked(query: bytes) -> dict[str, str]:
    """What a query says of a goal, among whatever else: of several of one name the last. What comes behind the first
    16 KiB is not read, nor what is cut through there."""
    if len(query) > _MAX_QUERY:
        query = query[:_MAX_QUERY].rpartition(b"&")[0]
    return {name: value for name, value in parse_qsl(query.decode("latin-1")) if name in Told._fields}


def _status(problem: SendtrailError) -> int:
    return _STATUS.get(problem.type, 400)


def _retry(problem: SendtrailError) -> dict[str, str]:
    return {"retry-after": str(problem.wait)} if isinstance(problem, TooMany) else {}
