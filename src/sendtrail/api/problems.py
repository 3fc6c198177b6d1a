"""Every refusal as the same JSON: `{"error": {"type", "message", "param"}}`, always with these three keys."""

import re
import uuid
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap

from sendtrail.api.wire import explain
from sendtrail.domain.problems import SendtrailError

STATUS = {
    "invalid_request": 400,
    "unauthorized": 401,
    "insufficient_funds": 402,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "too_large": 413,
    "unsupported_media_type": 415,
    "too_many_requests": 429,
    "internal": 500,
    "unavailable": 503,
}
_TYPES = {status: type_ for type_, status in STATUS.items()}
_MESSAGES = {
    404: "there is nothing at this address",
    500: "the request broke off",
}
_MISSING = re.compile(r"Missing required \w+ parameter '([^']+)'")
_log = structlog.get_logger("sendtrail.api")


class Problem(msgspec.Struct, frozen=True):
    """`type`: a stable word; `message`: one line for people; `param`: the field, as a dotted path, if it is one."""

    type: str
    message: str
    param: str | None = None


class ErrorAnswer(msgspec.Struct, frozen=True):
    error: Problem


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """For an operation's documentation: the statuses with which it may refuse."""
    return {
        status: ResponseSpec(ErrorAnswer, generate_examples=False, description=_TYPES[status].replace("_", " "))
        for status in statuses
    }


def problem_of(error: SendtrailError) -> Problem:
    return Problem(error.type, error.message, error.param)


def answer(status: int, problem: Problem, headers: dict[str, str] | None = None) -> Response[ErrorAnswer]:
    return Response(ErrorAnswer(problem), status_code=status, media_type=MediaType.JSON, headers=headers)


def _refused(_: Request[Any, Any, Any], error: SendtrailError) -> Response[ErrorAnswer]:
    status = STATUS.get(error.type, 400)
    headers = {"WWW-Authenticate": 'Bearer realm="Sendtrail"'} if status == 401 else None
    return answer(status, problem_of(error), headers)


def by_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorAnswer]:
    """What the framework refuses before one of our functions is asked."""
    status = error.status_code if error.status_code in _TYPES else 500 if error.status_code >= 500 else 400
    param = None
    if isinstance(error, ValidationException):
        message, param = _parameter(request, error)
    elif status == 413 and (most := request.route_handler.resolve_request_max_body_size()):
        message = f"the body is larger than the {most:,} bytes that this address takes at most"
    elif status == 405:
        message = f"{request.method} is not possible here: see the header Allow"
    else:
        message = _MESSAGES.get(status) or error.detail.splitlines()[0]
    return answer(status, Problem(_TYPES[status], message, param), dict(error.headers or {}))


def _parameter(request: Request[Any, Any, Any], error: ValidationException) -> tuple[str, str | None]:
    """The first complaint about a query parameter, a header or a missing body."""
    if missing := _MISSING.match(error.detail):
        return f"{missing[1]} is missing", missing[1]
    complaint: Any = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    name = str(complaint.get("key", ""))
    if name == "data":
        return "a JSON body is missing", None
    handler = request.route_handler
    signatures = [handler.parsed_fn_signature]
    signatures += [given.parsed_fn_signature for given in handler.resolve_dependencies().values()]
    field = next((each.parameters[name] for each in signatures if name in each.parameters), None)
    if field is None:
        return error.detail.splitlines()[0], name or None
    as_sent = getattr(field.kwarg_definition, "name", None) or name
    return explain(str(complaint["message"]), field.raw, as_sent)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorAnswer]:
    """A fault of ours: the log tells of it, the answer under which number."""
    number = uuid.uuid4().hex
    _log.error("unexpected", request=number, method=request.method, path=request.url.path, exc_info=error)
    message = f"something went wrong here; the log tells more under request {number}"
    return answer(500, Problem("internal", message))


HANDLERS: ExceptionHandlersMap = {
    SendtrailError: _refused,
    HTTPException: by_framework,
    Exception: unexpected,
}
