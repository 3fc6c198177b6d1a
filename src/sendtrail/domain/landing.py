"""Where links lead: a URL with merge variables, to a host that the organization allows.

    https://shop.example.com/spring?name={{to.first_name}}&c={{code}}

Scheme, host and port stand in the template itself, so whatever the values are, none of them leads elsewhere: each is
percent-encoded (RFC 3986) and stays in the part of the URL in which its variable stands.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec

from sendtrail.domain.problems import Invalid

DAYS = (30, 60, 90, 180, 365)
"""For how long links may lead there, counted from the later of the link's making and its send's day."""
USUAL_DAYS = 90
VARIABLES: Mapping[str, str] = {
    "to.name": "The recipient's name",
    "to.first_name": "The first word of the name",
    "to.last_name": "The rest of the name",
    "to.company": "The recipient's company",
    "to.email": "The recipient's e-mail address",
    "to.city": "The city",
    "to.state": "The state or province",
    "to.postal_code": "The ZIP or postal code",
    "to.country": "The country, two letters",
    "from.name": "The sender's name",
    "from.first_name": "The first word of it",
    "from.last_name": "The rest of it",
    "from.company": "The sender's company",
    "from.email": "The sender's e-mail address",
    "from.city": "The sender's city",
    "from.state": "The sender's state or province",
    "from.postal_code": "The sender's ZIP or postal code",
    "from.country": "The sender's country, two letters",
    "external_id": "Your own number for the send",
    "campaign": "The campaign's name",
    "kind": "What it is: letter, postcard and so on",
    "send_id": "The send's id",
    "code": "The link's code, by which a goal is told",
}
"""What a template may name, and what each holds. Besides these `metadata.KEY`: what the send carries under that key;
`merge.KEY`: what is merged into it."""
METADATA = "metadata."
MERGE = "merge."
MAX_TEMPLATE = 2_000
MAX_VARIABLES = 20
MAX_VALUE = 300
"""Characters of one value; what is longer is cut, so that no server refuses the URL for its length."""

_OF_ADDRESS = ("name", "company", "email", "city", "state", "postal_code", "country")
_VARIABLE = re.compile(r"\{\{\s*([^{}?#]*?)\s*\}\}")
_START = re.compile(r"(https?)://([^/?#]*)", re.IGNORECASE)
_HOST = re.compile(
    r"(?P<name>(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_USUAL_PORTS = {"http": 80, "https": 443}
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DOTS = re.compile(r"(?<=/)(?:\.|%2e){1,2}(?=/|\Z)", re.IGNORECASE)
"""A segment that browsers take for a step up or none, encoded or not (WHATWG URL, "double-dot path segment")."""
_AS_IT_IS = ":/?#[]@!$&'(),;=%-._~+*"
"""What a URL may hold besides letters and digits."""


def check(template: str, hosts: Collection[str]) -> str:
    """The template as it is kept; Invalid names `url` and says what would be right.

    `hosts`: those that the organization allows, as `host` writes them.
    """
    template = template.strip()
    if len(template) > MAX_TEMPLATE:
        raise _refused(f"url may be {MAX_TEMPLATE:,} characters at most")
    named = _VARIABLE.findall(template)
    for name in named:
        if not (name in VARIABLES or any(name.startswith(of) and name != of for of in (METADATA, MERGE))):
            known = f"{', '.join(VARIABLES)}, metadata.KEY and merge.KEY"
            raise _refused(f"url: {name[:60]!a} is no variable; there are {known}")
    if len(named) > MAX_VARIABLES:
        raise _refused(f"url may have {MAX_VARIABLES} variables at most")
    literal = _VARIABLE.sub("x", template)
    if "{" in literal or "}" in literal:
        raise _refused("url has a brace that belongs to no variable; a variable is written {{to.first_name}}")
    if _UNPRINTABLE.search(literal):
        raise _refused("url may hold no spaces or control characters; write a space as %20")
    start = _START.match(template)
    if start is None:
        raise _refused("url must begin with https:// and a host, such as https://shop.example.com/spring")
    scheme, authority = start[1].lower(), start[2]
    if "{" in authority:
        raise _refused("url: the host must stand there as it is; variables may come after it")
    try:
        leads_to = host(authority, scheme)
    except Invalid as problem:
        raise _refused(f"url: {problem.message}") from None
    if scheme == "http" and not is_loopback(leads_to):
        raise _refused(f"url must begin with https://, not http://, to lead to {leads_to}")
    if leads_to not in hosts:
        allowed = ", ".join(sorted(hosts)) or "none yet"
        raise _refused(f"url leads to {leads_to}, which is no host that links may lead to; allowed: {allowed}")
    kept = f"{scheme}://{leads_to}{template[start.end() :]}"
    if _DOTS.search(_path(kept)):
        raise _refused("url may have no steps such as ../ in its path")
    return kept


def host(text: str, scheme: str = "https") -> str:
    """A host as it is kept: lower case, with its port where that is not the scheme's own; Invalid names `host`.

    A whole address, as copied from a browser, is taken for its host.
    """
    text = text.strip()
    if start := _START.match(text):
        scheme, text = start[1].lower(), start[2]
    name = text.rstrip("/").lower()
    found = _HOST.fullmatch(name)
    if found is None or len(found["name"]) > 253 or int(found["port"] or 1) not in range(1, 65536):
        raise Invalid(f"host {text[:60]!a} must be a name such as shop.example.com{_in_ascii(name)}", "host")
    port = int(found["port"] or 0)
    return f"{found['name']}:{port}" if port and port != _USUAL_PORTS[scheme] else found["name"]


def is_loopback(host: str) -> bool:
    """Whether a host, as `host` writes it, is the machine of whoever asks."""
    return host in _LOOPBACK or host.rpartition(":")[0] in _LOOPBACK


def variables(template: str) -> tuple[str, ...]:
    """The variables that a template names, each once, in the order in which they come."""
    return tuple(dict.fromkeys(_VARIABLE.findall(template)))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Where a kept template leads with these values: a URL of printable ASCII, at the template's own host.

    A variable without a value is empty.
    """
    path, rest = _taken_apart(template)
    return _DOTS.sub("", _joined(path, values)) + _joined(rest, values)


def values_of(
    recipient: Mapping[str, Any],
    metadata: Mapping[str, Any] | None,
    *,
    sender: Mapping[str, Any] | None,
    merge: Mapping[str, Any] | None,
    names: Mapping[str, Sequence[str]] | None,
    external_id: str,
    campaign: str,
    kind: str,
    send_id: str,
    code: str,
) -> dict[str, str]:
    """What a send has for each of the variables. Of `metadata` and `merge` what is no text is told as JSON; of an
    object that is merged each field has a name too, such as `merge.offer.code`. `names`: of the contacts `to` and
    `from` that it was made for, if any, first and last name: they stand as long as the send's own is these two.
    """
    values = _values_of("to", recipient, names) | _values_of("from", sender or {}, names)
    values |= {"external_id": external_id, "campaign": campaign, "kind": kind, "send_id": send_id, "code": code}
    for key, value in (metadata or {}).items():
        values[METADATA + key] = _text_of(value)
    return values | {MERGE + key: _text_of(value) for key, value in _parts_of(merge or {})}


def _values_of(whose: str, address: Mapping[str, Any], names: Mapping[str, Sequence[str]] | None) -> dict[str, str]:
    values = {f"{whose}.{each}": str(address.get(each, "")) for each in _OF_ADDRESS}
    words = values[f"{whose}.name"].split()
    first, last = " ".join(words[:1]), " ".join(words[1:])
    if (known := (names or {}).get(whose)) and " ".join(filter(None, known)) == values[f"{whose}.name"]:
        first, last = known
    return values | {f"{whose}.first_name": first, f"{whose}.last_name": last}


def _parts_of(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, part in value.items():
        yield key, part
        if isinstance(part, Mapping):
            yield from ((f"{key}.{inner}", each) for inner, each in _parts_of(part))


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


@lru_cache(maxsize=1024)
def _taken_apart(template: str) -> tuple[list[str], list[str]]:
    """A template up to its path's end, and the rest: each as text, variable, text and so on."""
    end = len(_path(template))
    path, rest = ([*_VARIABLE.split(part)] for part in (template[:end], template[end:]))
    for part in (path, rest):
        part[::2] = [quote(text, safe=_AS_IT_IS, errors="replace") for text in part[::2]]
    return path, rest


def _path(template: str) -> str:
    return re.split("[?#]", template, maxsplit=1)[0]


def _joined(part: list[str], values: Mapping[str, str]) -> str:
    filled = part.copy()
    filled[1::2] = [quote(values.get(name, "")[:MAX_VALUE], safe="", errors="replace") for name in part[1::2]]
    return "".join(filled)


def _in_ascii(name: str) -> str:
    """How a name of other letters is written in the domain name system, as a remark; empty where it is not."""
    try:
        written = name.encode("idna").decode()
    except UnicodeError:
        return ""
    return f" (here {written})" if written != name and _HOST.fullmatch(written) else ""


def _refused(message: str) -> Invalid:
    return Invalid(message, "url")
