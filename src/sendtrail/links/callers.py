"""Who asks, as far as a request tells, when it came by proxies that are ours."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

_MOST_HOPS = 20
_MAX_HEADER = 1_000


def headers_of(scope: Any) -> dict[str, str]:
    """A request's headers by name in lower case; of several of one name all, one behind the other."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def address_of(scope: Any, headers: dict[str, str], proxies: str) -> str:
    """The IP address that a request comes from, empty where none is known.

    `proxies`: as the setting SENDTRAIL_PROXIES has them. What they say of whom they speak for is believed, and nobody
    else's word: of X-Forwarded-For the last address counts that is not a proxy's.
    """
    client = scope.get("client")
    return _address(str(client[0]) if client else "", headers.get("x-forwarded-for", "")[-_MAX_HEADER:], proxies)


@lru_cache(4096)
def _address(peer: str, forwarded: str, proxies: str) -> str:
    known = [ip_network(each) for each in proxies.split(",") if each]
    caller = _read(peer)
    for told in reversed(forwarded.split(",")[-_MOST_HOPS:]):
        if caller is None or not any(caller in network for network in known):
            break
        if (before := _read(told.strip())) is None:
            break
        caller = before
    return str(caller) if caller else ""


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address, with or without a port; IPv4 dressed up as IPv6 is undressed."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
