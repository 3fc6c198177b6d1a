"""What pages with forms share: where to go afterwards, which field is wrong, how a repeat is told."""

import hashlib
import re
import secrets
from collections.abc import Mapping

from litestar import Response
from litestar.response import Redirect

from sendtrail.domain.problems import SendtrailError
from sendtrail.services.idempotency import Request
from sendtrail.web.rendering import HEADERS, sentence
from sendtrail.web.visitors import WebRequest


class Blank(dict[str, str]):
    """Empty text for fields that nothing is known of."""

    def __missing__(self, _: str) -> str:
        return ""


def see(path: str) -> Response[str]:
    """Go on with GET, so that loading the page again posts nothing."""
    response: Response[str] = Redirect(path, status_code=303)
    response.headers.update(HEADERS)
    return response


def wrong_fields(problem: SendtrailError | None, names: Mapping[str, str]) -> dict[str, str]:
    """What to say beside the field that a refusal names, under '' where it is none of `names`.

    `names`: what people call each field, as it reads inside a sentence.
    """
    if problem is None:
        return {}
    message = problem.message
    for field, name in names.items():
        message = re.sub(rf"\b{field}\b", name, message)
    param = problem.param or ""
    return {param if param in names else "": sentence(SendtrailError(message))}


def nonce() -> str:
    """What makes one showing of a form different from the next."""
    return secrets.token_urlsafe(12)


def repeat_of(request: WebRequest, fields: Mapping[str, str]) -> Request | None:
    """The same form with the same fields does its work once, however often it is sent; None for one without `nonce`."""
    if not fields.get("nonce"):
        return None
    content = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()) if name != "csrf").encode()
    digest = hashlib.sha256(request.url.path.encode() + b"\n" + content).hexdigest()
    return Request(f"form-{digest}", content)
