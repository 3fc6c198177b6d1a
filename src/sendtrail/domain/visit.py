"""Who opens a link, as far as a request tells: what sort of device, whether a program does it, and from where.

What is kept is coarse on purpose: a class of devices, a host, a country and a region. User agents are told apart by the
tables of ua-parser (uap-core) and crawlerdetect, in the engine of the former, which takes 10 µs whatever it is given;
as one regular expression of Python's the table of crawlers takes 6 ms for half a kilobyte of noise.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from crawlerdetect.providers import crawlers, exclusions
from ua_parser import Domain, UserAgent
from ua_parser.core import Matcher
from ua_parser.lazy import UserAgentMatcher
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

PHONE, TABLET, DESKTOP, OTHER = "phone", "tablet", "desktop", "other"
DEVICES = (PHONE, TABLET, DESKTOP, OTHER)
MAX_USER_AGENT = 300
"""Characters that are looked at; browsers in common use stay below."""
MAX_HOST = 253
"""Letters of a host's name (RFC 1035)."""
_MAX_HEADER = 2_000
"""Of a referrer; the host stands at its beginning."""
_REMEMBERED = 4_096

_REFERRER = re.compile(r"https?://(?:[^/?#@]*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)\.?(?::[0-9]*)?(?=[/?#]|\Z)", re.I)
_EARLY = re.compile(r"\b(?:prefetch|prerender|preview)\b", re.IGNORECASE)
_EARLY_HEADERS = ("purpose", "sec-purpose", "x-purpose", "x-moz")
_HARMLESS = re.compile("|".join(exclusions.data), re.IGNORECASE)
_LOOKAROUND = re.compile(r"\(\?<?[!=]")
"""What the engine does not know. One pattern has it, that of Yandex: see below."""
_SCANNERS = (
    "Barracuda",
    "FireEye",
    "Forcepoint",
    "Fortinet",
    "GoogleImageProxy",
    "MailScanner",
    "Mimecast",
    "ms-office",
    "Proofpoint",
    r"Safe-?Links",
    "Sophos",
    "Trend ?Micro",
    "urlscan",
    "Yandex",
    "Zscaler",
)
"""Mail filters and previews that say who they are and that the table of crawlers lacks."""
_PEOPLE = "YandexSearch"
"""An app, in spite of its name."""

_PHONES = frozenset({"BlackBerry OS", "Firefox OS", "KaiOS", "Symbian OS", "Windows Mobile", "Windows Phone"})
_DESKTOPS = frozenset(
    {"Windows", "Mac OS X", "Chrome OS", "Linux", "Ubuntu", "Debian", "Fedora", "Red Hat", "FreeBSD", "OpenBSD"}
)
_TABLETS = ("iPad", "Kindle")
_SETS = re.compile(r"\bTV\b|SmartTV|SMART-TV|\bAFT[A-Z]|BRAVIA|Chromecast|Oculus|Quest|Watch|CrKey", re.IGNORECASE)


class Place(NamedTuple):
    """Where somebody is, roughly: two letters of a country, and its region's code or name. Empty: not known."""

    country: str = ""
    region: str = ""


NOWHERE = Place()


def prepare() -> None:
    """Read the tables of devices and crawlers, for half a second, so that no visitor waits for it."""
    _devices()
    _robots()


@lru_cache(_REMEMBERED)
def device(user_agent: str) -> str:
    """One of DEVICES. An iPad that asks for desktop pages, as they do unless told otherwise, says it is a Mac."""
    found = _devices()(user_agent[:MAX_USER_AGENT], Domain.OS | Domain.DEVICE)
    system = found.os.family if found.os else ""
    model = found.device.family if found.device else ""
    if model.startswith(_TABLETS):
        return TABLET
    if _SETS.search(user_agent[:MAX_USER_AGENT]):
        return OTHER
    if system == "Android":
        return PHONE if "Mobile" in user_agent or model == "Generic Smartphone" else TABLET
    if system in _PHONES or model.startswith(("iPhone", "iPod")):
        return PHONE
    if system in _DESKTOPS and (system in ("Windows", "Mac OS X") or not model):
        return DESKTOP
    return OTHER


@lru_cache(_REMEMBERED)
def is_robot(user_agent: str) -> bool:
    """Whether a program says that it is one: crawlers, unfurlers of chats, mail scanners, libraries. Saying nothing at
    all does too."""
    named = _HARMLESS.sub("", user_agent[:MAX_USER_AGENT]).strip()
    if not user_agent.strip():
        return True
    return _PEOPLE not in named and _robots()(named, Domain.USER_AGENT).user_agent is not None


def is_early(headers: Mapping[str, str]) -> bool:
    """Whether a browser only fetches what somebody may open, or shows what it leads to. Names in lower case."""
    return any(_EARLY.search(headers[name]) for name in _EARLY_HEADERS if name in headers)


def referrer_host(referrer: str) -> str:
    """The host that somebody comes from, in lower case; empty for what is no web address. An app's package counts for
    none."""
    found = _REFERRER.match(referrer[:_MAX_HEADER].strip())
    return found[1].lower() if found and len(found[1]) <= MAX_HOST else ""


def visitor(salt: bytes, link_id: int, address: str, user_agent: str) -> int:
    """A hash of who opens a link: a whole number of 64 bits with sign, the same as long as the salt is known."""
    told = f"{link_id} {address} {user_agent[:MAX_USER_AGENT]}".encode(errors="surrogatepass")
    return int.from_bytes(blake2b(told, key=salt, digest_size=8).digest(), signed=True)


def place_of(record: Any) -> Place:
    """Country and region of a row in one of the usual forms of GeoIP files (GeoLite2 and DB-IP nest, IPinfo does not).

    What has another form is not known.
    """
    if not isinstance(record, dict):
        return NOWHERE
    country = record.get("country", record.get("country_code"))
    regions = record.get("subdivisions")
    region = regions[0] if isinstance(regions, list) and regions else record.get("region_code", record.get("region"))
    short = _code_of(country)
    if len(short) != 2 or not (short.isascii() and short.isalpha()):
        return NOWHERE
    return Place(short.upper(), _code_of(region))


def _code_of(value: Any) -> str:
    if isinstance(value, dict):
        names = value.get("names")
        value = value.get("iso_code") or (names.get("en") if isinstance(names, dict) else None)
    return value[:40] if isinstance(value, str) and value.isprintable() else ""


@cache
def _devices() -> Resolver:
    return Resolver(load_lazy_builtins())


@cache
def _robots() -> Resolver:
    patterns = [each for each in crawlers.data if not _LOOKAROUND.search(each)]
    matchers: list[Matcher[UserAgent]] = [
        UserAgentMatcher(f"(?i)(?:{each})", "robot") for each in (*patterns, *_SCANNERS)
    ]
    return Resolver((matchers, [], []))
