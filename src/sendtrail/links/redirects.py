"""`/r/{code}`: the one hot public path. It stands before the application, which knows sessions, forms and pages.

Whatever a request holds, what it makes of it is short text; nothing of it comes back in a header.
"""

from datetime import UTC, datetime
from typing import Any

import structlog

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.visit import is_early
from sendtrail.links.callers import address_of, headers_of
from sendtrail.links.pages import ALWAYS, OF_PAGES, page
from sendtrail.services.visiting import Answer, Asked, Outcome, Visits

_PREFIXES = ("/r/", "/R/", "//r/", "//R/")
_BARE = ("/r", "/R")
_INSIDE = dict.fromkeys(map(ord, " \u00a0-\u2010\u2011"))
"""What people put between signs that they read out or copy: blanks and hyphens."""
_BEHIND = "/.,;:!?'\"*_)]}>’”»…"
"""What stands behind an address in a text, and is copied with it."""
_MAX_CODE = 50
_MAX_HEADER = 2_000
_log = structlog.get_logger("sendtrail.links")

_UNKNOWN = (
    404,
    "This link leads nowhere",
    "There is nothing at this address. If you typed it, compare it with what is printed: the end is thirteen"
    " letters and digits.",
)
_EXPIRED = (
    410,
    "This link has expired",
    "It was open for a while, and that time is over. Whoever wrote to you can tell you more.",
)
_BUSY = (503, "One moment, please", "Many people are opening links just now. Please try again in a few seconds.")
_FAILED = (500, "Something went wrong", "It is our fault, not yours. Please try again in a few minutes.")
_METHOD = (405, "Links are only for opening", "This address leads on; it takes nothing.")


def is_link(scope: Any) -> bool:
    """Whether a request is for one of ours, in any case: QR codes are in capitals."""
    return bool(scope["type"] == "http" and (scope["path"].startswith(_PREFIXES) or scope["path"] in _BARE))


async def lead_on(visits: Visits, proxies: str, scope: Any, send: Any) -> None:
    """Answer a request for a link: 302 to where it leads, or a page that says why it does not."""
    if scope["method"] not in ("GET", "HEAD"):
        await _show(scope, send, *_METHOD, (b"allow", b"GET, HEAD"))
        return
    try:
        answer = await visits.open(_asked(scope, proxies))
    except SendtrailError:
        await _show(scope, send, *_BUSY, (b"retry-after", b"2"))
        return
    except Exception as error:
        _log.error("a link could not be opened", exc_info=error)
        await _show(scope, send, *_FAILED)
        return
    if answer.outcome is Outcome.LED:
        location = (b"location", answer.location.encode("ascii", "replace"))
        await send({"type": "http.response.start", "status": 302, "headers": [*ALWAYS, location, _EMPTY]})
        await send({"type": "http.response.body", "body": b""})
    elif answer.outcome is Outcome.TOO_MANY:
        await _show(scope, send, *_too_many(answer), (b"retry-after", str(answer.wait).encode()))
    else:
        await _show(scope, send, *(_EXPIRED if answer.outcome is Outcome.EXPIRED else _UNKNOWN))


def _asked(scope: Any, proxies: str) -> Asked:
    headers = headers_of(scope)
    return Asked(
        _code(scope["path"]),
        datetime.now(UTC),
        address_of(scope, headers, proxies),
        headers.get("user-agent", "")[:_MAX_HEADER],
        headers.get("referer", "")[:_MAX_HEADER],
        scope["method"] == "HEAD" or is_early(headers),
    )


def _code(path: str) -> str:
    """The code in a path, without what was copied with it."""
    return path.lstrip("/")[2:].translate(_INSIDE).rstrip(_BEHIND)[:_MAX_CODE]


def _too_many(answer: Answer) -> tuple[int, str, str]:
    minutes = -(-answer.wait // 60)
    return (
        429,
        "Too many tries",
        "From where you are, many addresses were asked for that lead nowhere. A link as it is printed works all the"
        f" same; others can be tried again in {minutes} {'minute' if minutes == 1 else 'minutes'}.",
    )


async def _show(scope: Any, send: Any, status: int, title: str, message: str, *more: tuple[bytes, bytes]) -> None:
    body = page(title, message)
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*OF_PAGES, *more, length]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


_EMPTY = (b"content-length", b"0")
