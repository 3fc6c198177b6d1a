"""Refusals in PostGrid's form: `{"error": {"type", "message"}}`, with `param` besides.

Its client tries again by itself after 408, 409, 429 and 5xx, unless `x-should-retry` says otherwise: what is final says
so.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from sendtrail.api import problems
from sendtrail.api.problems import ErrorAnswer, Problem
from sendtrail.domain.postgrid.common import reworded
from sendtrail.domain.problems import SendtrailError

PATH = "/print-mail/v1"
NOT_SUPPORTED = "not_supported"
_TYPES = {
    "invalid_request": "validation_error",
    "unauthorized": "authentication_error",
    "insufficient_funds": "insufficient_funds_error",
    "forbidden": "permission_error",
    "not_found": "not_found_error",
    "method_not_allowed": "method_not_allowed_error",
    "conflict": "conflict_error",
    "too_large": "payload_too_large_error",
    "unsupported_media_type": "unsupported_media_type_error",
    "too_many_requests": "rate_limit_error",
    "internal": "internal_service_error",
    "unavailable": "service_unavailable_error",
}
"""Ours, as PostGrid's types end; one that is PostGrid's own already stays."""
_STATUS = {NOT_SUPPORTED: 501, "return_envelope_already_exists_error": 409}
_LACKING_OPTION = 422
"""Where it is a field that is not supported, not an address: no fault of the server's, and none of the field's form."""
_TRY_AGAIN = frozenset({408, 429, 500, 503})


@contextmanager
def in_the_words(names: Mapping[str, str]) -> Iterator[None]:
    """Refusals within name the fields as the client does. `names`: ours to the client's."""
    try:
        yield
    except SendtrailError as error:
        raise reworded(error, names) from None


def _refused(_: Request[Any, Any, Any], error: SendtrailError) -> Response[ErrorAnswer]:
    status = _STATUS.get(error.type) or problems.STATUS.get(error.type, 400)
    if error.type == NOT_SUPPORTED and error.param:
        status = _LACKING_OPTION
    return _answer(status, Problem(_TYPES.get(error.type, error.type), error.message, error.param))


def _by_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorAnswer]:
    told = problems.by_framework(request, error)
    problem = told.content.error
    return _answer(
        told.status_code or 500,
        Problem(_TYPES.get(problem.type, problem.type), problem.message, problem.param),
        dict(told.headers or {}),
    )


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorAnswer]:
    problem = problems.unexpected(request, error).content.error
    return _answer(500, Problem(_TYPES[problem.type], problem.message, problem.param))


def _answer(status: int, problem: Problem, headers: dict[str, str] | None = None) -> Response[ErrorAnswer]:
    again = "true" if status in _TRY_AGAIN else "false"
    return problems.answer(status, problem, {**(headers or {}), "x-should-retry": again})


def or_native(request: Request[Any, Any, Any], error: HTTPException) -> Response[ErrorAnswer]:
    """What to say of an address below which there is nothing, ours or another program's."""
    if request.url.path.startswith(PATH):
        return _by_framework(request, error)
    return problems.by_framework(request, error)


HANDLERS: ExceptionHandlersMap = {
    SendtrailError: _refused,
    HTTPException: _by_framework,
    Exception: _unexpected,
}
