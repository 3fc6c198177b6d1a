"""What people see where a link does not lead on: one small page that needs nothing else, at whatever address."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from importlib import resources

_PAGE = resources.files("sendtrail.links").joinpath("page.html").read_text(encoding="utf-8")
_STYLE = re.findall("<style>(.*?)</style>", _PAGE, flags=re.DOTALL)
_HASHES = " ".join(f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in _STYLE)

ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex"),
    (b"x-content-type-options", b"nosniff"),
)
"""Headers of every answer: a link that somebody's cache answers is a visit that nobody sees."""
OF_PAGES = (
    *ALWAYS,
    (b"content-type", b"text/html; charset=utf-8"),
    (
        b"content-security-policy",
        f"default-src 'none'; style-src {_HASHES}; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'".encode(),
    ),
)


@cache
def page(title: str, message: str) -> bytes:
    """The page, in light and dark and on any width."""
    return _PAGE.replace("{title}", escape(title)).replace("{message}", escape(message)).encode()
