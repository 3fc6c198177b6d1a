"""HTTP to whomever an organization names, without being led into our own network.

An address is judged when a socket is made for it, after names are resolved: what a name led to a moment ago, and where
a redirect would lead, does not matter. Redirects are followed only to fetch a file, proxies of the environment are not
used, cookies not kept, and of an answer no more is read than asked for.
"""

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, NamedTuple
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from sendtrail.domain.problems import Invalid

TIMEOUT = 15.0
"""Seconds for all of a request, from the look-up of the name to the end of the answer."""
_BODY = 5.0
"""Seconds for what comes after the head of an answer."""
MOST_READ = 4096
"""Bytes of an answer."""
LONGEST_URL = 2000
_LOOK_UP = 5.0
_IDLE = 3.0
"""Seconds that a connection is kept for the next request: servers close idle ones after five and more."""
_RESOLVERS = 64
"""Names looked up at once: each waits in a thread, and a slow one must not hold up the others."""
_HOPS = 4
_MOVED = frozenset({301, 302, 303, 307, 308})
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_EXAMPLES = IPv6Network("3fff::/20")  # RFC 9637; not in every Python's register yet
_RELAYS = IPv4Network("192.88.99.0/24")  # RFC 7526: no longer anybody's
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


class Unreachable(Exception):
    """There was no answer: why, in one line."""


class Answer(NamedTuple):
    """`headers` by their names in small letters; `body`: its beginning, as far as it came; `took_ms`: until then."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    took_ms: int

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Outside:
    """The way out. `opened` makes one for a process."""

    def __init__(self, session: aiohttp.ClientSession, private_allowed: bool) -> None:
        self._session = session
        self._private_allowed = private_allowed

    @classmethod
    @asynccontextmanager
    async def opened(cls, *, private_allowed: bool) -> AsyncIterator["Outside"]:
        """`private_allowed`: plain http and addresses of private networks may be reached too."""
        connector = aiohttp.TCPConnector(
            limit=0,  # whoever asks knows how much may be under way
            keepalive_timeout=_IDLE,
            resolver=_Resolver(),
            socket_factory=_any_socket if private_allowed else _public_socket,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": "Sendtrail", "Accept-Encoding": "identity"},
        )
        async with session:
            yield cls(session, private_allowed)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        within: float = TIMEOUT,
        most: int = MOST_READ,
    ) -> Answer:
        """Ask, for at most `within` seconds, and read the beginning of the answer, at most `most` bytes.

        Whatever the status, an answer is one, even if its body is broken off. Unreachable if none came.
        """
        started = time.monotonic()
        try:
            async with self._session.request(
                method,
                _parsed(url, self._private_allowed),
                headers=headers,
                data=body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=within),
            ) as response:
                read = await _beginning(response, most)
                told = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, told, read, int((time.monotonic() - started) * 1000))
        except (aiohttp.ClientError, OSError, ValueError, Invalid) as error:  # a time-out is an OSError
            raise Unreachable(_why(error, within)) from error

    async def chunks(self, url: str, *, within: float, most: int) -> AsyncIterator[bytes]:
        """What a URL answers to GET, in pieces as they come; a few redirects are followed, each judged as an address.

        Unreachable unless all of it comes with a status 2xx, within so many seconds and in at most `most` bytes.
        """
        ends = time.monotonic() + within
        try:
            for _ in range(_HOPS):
                async with self._session.get(
                    _parsed(url, self._private_allowed),
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=max(ends - time.monotonic(), 0.001)),
                ) as response:
                    if response.status in _MOVED and "Location" in response.headers:
                        url = urljoin(url, response.headers["Location"])
                        continue
                    async for piece in _pieces(response, most):
                        yield piece
                    return
            raise Unreachable("it leads from one address to the next")
        except (aiohttp.ClientError, OSError, ValueError, Invalid) as error:
            raise Unreachable(_why(error, within)) from error


async def check_address(url: str, private_allowed: bool) -> None:
    """Whether a URL may be asked, as far as that is known before it is done; Invalid names `url`."""
    host = _parsed(url, private_allowed).raw_host or ""
    if "#" in url:
        raise Invalid("url may not hold a # and what follows it: that is never sent", "url")
    try:
        async with asyncio.timeout(_LOOK_UP):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Invalid(f"url: the name {host[:100]!a} leads to no address", "url") from None
    if not private_allowed and not all(is_public(str(each[4][0])) for each in found):
        raise Invalid("url must lead to public addresses only, not into a private network", "url")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, itself and whatever it stands for."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inside = _inside(ip)
        if inside is None:
            return ip in _GLOBAL_UNICAST and ip not in _EXAMPLES and ip.is_global
        ip = inside
    return ip not in _RELAYS and ip.is_global and not ip.is_multicast and not ip.is_reserved


def _inside(ip: IPv6Address) -> IPv4Address | None:
    """The address of the old internet to which a gateway or the system itself would translate it."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _parsed(url: str, private_allowed: bool) -> URL:
    """Invalid names `url`."""
    if len(url) > LONGEST_URL:
        raise Invalid(f"url may have {LONGEST_URL} characters at most", "url")
    if not url.isprintable() or " " in url:
        raise Invalid("url may not hold blanks or characters that cannot be seen", "url")
    try:
        parsed = URL(url)
        known = parsed.raw_host and parsed.port
    except ValueError:  # a port or name that is none
        known = None
    if not known:
        raise Invalid("url must be like https://example.com/path", "url")
    if parsed.scheme != "https" and not (private_allowed and parsed.scheme == "http"):
        raise Invalid("url must begin with https://", "url")
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise Invalid("url may not hold a name and password", "url")
    return parsed


async def _pieces(response: aiohttp.ClientResponse, most: int) -> AsyncIterator[bytes]:
    if not 200 <= response.status < 300:
        raise Unreachable(f"it answered {response.status}")
    if (encoding := response.headers.get("Content-Encoding", "identity")) != "identity":
        raise Unreachable(f"it answered in the encoding {encoding[:40]!a}, which was not asked for")
    read = 0
    async for piece in response.content.iter_any():
        read += len(piece)
        if read > most:
            raise Unreachable(f"it is larger than {most:,} bytes")
        yield piece


async def _beginning(response: aiohttp.ClientResponse, most: int) -> bytes:
    """What was answered counts, not whether all that was promised comes: of what is broken off, what came is read."""
    read = bytearray()
    try:
        async with asyncio.timeout(_BODY):
            while len(read) < most and not response.content.at_eof():
                read += await response.content.readany()
    except (aiohttp.ClientError, OSError):
        pass
    if not response.content.at_eof():
        response.close()  # nobody waits for the rest, and the connection is of no more use
    return bytes(read[:most])


def _public_socket(address: tuple[Any, ...]) -> socket.socket:
    if not is_public(address[4][0]):
        raise PermissionError(errno.EACCES, "its address is not a public one")
    return _any_socket(address)


def _any_socket(address: tuple[Any, ...]) -> socket.socket:
    return socket.socket(*address[:3])


class _Resolver(AbstractResolver):
    """The system's, in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVERS, "names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        def look_up() -> list[Any]:
            return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)

        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host, host=address[0], port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for family, _, proto, _, address in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _why(error: Exception, within: float) -> str:
    match error:
        case Invalid():
            told = error.message.replace("url", "its address", 1)
        case aiohttp.InvalidURL():
            told = "its address, or the one that it leads to, must be like https://example.com/path"
        case TimeoutError():
            told = f"no answer within {within:g} s"
        case aiohttp.ClientConnectorDNSError():
            told = f"the name {error.host} leads to no address"
        case aiohttp.ClientConnectorCertificateError():
            told = f"its certificate is not accepted: {_certificate(error.certificate_error)}"
        case aiohttp.ClientConnectorSSLError():
            told = f"no safe connection could be made: {error.os_error.strerror}"
        case aiohttp.ClientConnectorError():
            told = f"no connection could be made: {error.os_error.strerror or error.os_error}"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            told = "it closed the connection without an answer"
        case aiohttp.ClientResponseError():
            told = f"what it answered is not HTTP: {error.message}"
        case _:
            told = f"{type(error).__name__}: {error}"
    return " ".join(told.split())[:300]


def _certificate(error: Exception) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
