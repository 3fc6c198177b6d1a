"""What people see where a link does not lead on: one small page that needs nothing else, at whatever address."""

import re
from base64 import b64encode
from collections.abc import Iterable
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


def listing(title: str, facts: Iterable[tuple[str, str]], links: Iterable[tuple[str, str]]) -> bytes:
    """The same with names and values, and links by what they are called, instead of a message."""
    values = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    led = "".join(f'<li><a href="{escape(url)}">{escape(name)}</a></li>' for name, url in links)
    within = (f"<dl>{values}</dl>" if values else "") + (f"<ul>{led}</ul>" if led else "")
    return _PAGE.replace("{title}", escape(title)).replace("<p>{message}</p>", within).encode()
