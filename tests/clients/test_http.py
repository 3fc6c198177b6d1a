"""Requests to the outside: no receiver holds us up, floods us, or leads us into a private network."""

import asyncio
import socket
from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendtrail.clients.http import Outside, Unreachable, check_address, is_public
from sendtrail.domain.problems import Invalid

from .receiving import OK, Received, receiving

PRIVATE = (
    *("10.0.0.1", "127.0.0.1", "0.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.9.9", "192.168.1.1", "192.0.2.1"),
    *("192.88.99.1", "2002:c058:6301::1", "3fff::1", "3fff:fff:ffff::1"),
    *("198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0"),
    *("fc00::1", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.1.1.1", "127.1", ""),
    *("64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "0x7f.1", "localhost"),
)
PUBLIC = ("8.8.8.8", "193.99.144.80", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1")


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with Outside.opened(private_allowed=True) as opened:
        yield opened


@pytest.fixture
async def guarded() -> AsyncIterator[Outside]:
    async with Outside.opened(private_allowed=False) as opened:
        yield opened


def test_what_is_public_is_told_by_the_address_that_is_reached() -> None:
    assert [each for each in PRIVATE if is_public(each)] == []
    assert [each for each in PUBLIC if not is_public(each)] == []


@given(st.ip_addresses(v=4))
def test_no_address_becomes_public_by_being_written_as_another(ip: IPv4Address) -> None:
    for prefix in ("::ffff:", "64:ff9b::"):
        assert is_public(f"{prefix}{ip}") == is_public(str(ip))
    assert is_public(str(IPv6Address((0x2002 << 112) | (int(ip) << 80)))) == is_public(str(ip))


async def test_a_request_arrives_as_it_was_made(outside: Outside) -> None:
    seen = []

    async def keep(request: Received) -> bytes:
        seen.append(request)
        return b"HTTP/1.1 201 Created\r\nRetry-After: 7\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 4\r\n\r\ndone"

    async with receiving(keep) as url:
        for _ in range(2):
            answer = await outside.request("POST", f"{url}/x?y=1", headers={"webhook-id": "event_1"}, body=b'{"a":1}')
    assert (answer.status, answer.ok, answer.headers["retry-after"], answer.body) == (201, True, "7", b"done")
    assert seen[0].path == "/x?y=1"
    assert seen[0].headers["webhook-id"] == "event_1"
    assert seen[0].body == b'{"a":1}'
    assert "cookie" not in seen[1].headers


async def test_redirects_are_answers_and_are_not_followed(outside: Outside) -> None:
    paths = []

    async def redirect(request: Received) -> bytes:
        paths.append(request.path)
        return b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"

    async with receiving(redirect) as url:
        answer = await outside.request("POST", f"{url}/a", body=b"{}")
    assert (answer.status, answer.ok, paths) == (307, False, ["/a"])


@pytest.mark.parametrize(
    ("head", "body", "read"),
    [
        (b"Content-Length: 1000000", b"x" * 8000, b"x" * 4096),
        (b"Content-Length: 9", b"short", b"short"),
        (b"Content-Length: 2", b"okHTTP/1.1 500 No\r\n\r\n", b"ok"),
        (b"Transfer-Encoding: chunked", b"2\r\nok\r\n", b"ok"),
        (b"Content-Encoding: gzip\r\nContent-Length: 4", b"\x1f\x8b\x08\x00", b"\x1f\x8b\x08\x00"),
    ],
    ids=["endless", "short", "long", "unfinished", "packed"],
)
async def test_what_was_answered_counts_whatever_becomes_of_the_body(
    outside: Outside, head: bytes, body: bytes, read: bytes
) -> None:
    async def lie(request: Received) -> bytes:
        return b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + body

    async with receiving(lie) as url:
        for _ in range(2):  # a connection that is out of step is not used again
            answer = await outside.request("POST", url, body=b"{}", within=0.4)
            assert answer.status == 200
            assert read.startswith(answer.body)
            assert answer.took_ms < 2000


async def test_without_an_answer_it_is_said_why(outside: Outside) -> None:
    forever = asyncio.Event()

    async def misbehave(request: Received) -> bytes | None:
        match request.path:
            case "/hang":
                await forever.wait()
            case "/nonsense":
                return b"SMTP ready\r\n\r\n"
            case "/huge":
                return b"HTTP/1.1 200 OK\r\nX-Huge: " + b"x" * 100_000 + b"\r\n\r\n"
            case "/chunks":
                return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"
            case "/continue":
                return b"HTTP/1.1 100 Continue\r\n\r\n" * 50
        return None

    async with receiving(misbehave) as url:
        for path, told in (
            ("/hang", "no answer within 0.3 s"),
            ("/continue", "no answer within 0.3 s"),
            ("/nonsense", "what it answered is not HTTP"),
            ("/chunks", "what it answered is not HTTP"),
            ("/huge", "what it answered is not HTTP"),
            ("/close", "it closed the connection without an answer"),
        ):
            with pytest.raises(Unreachable, match=told) as failed:
                await outside.request("POST", url + path, body=b"{}", within=0.3)
            assert "\n" not in str(failed.value)
        forever.set()
    with pytest.raises(Unreachable, match="no connection could be made: Connect"):
        await outside.request("POST", url, body=b"{}")
    with pytest.raises(Unreachable, match=r"leads to no address"):
        await outside.request("POST", "https://no-such-name.invalid/", body=b"{}")


async def test_the_environments_proxy_is_never_used(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(request: Received) -> bytes:
        return OK

    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with receiving(answer) as url:
        assert (await outside.request("POST", url, body=b"{}")).ok


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254"])
async def test_private_addresses_are_not_reached_by_any_name(guarded: Outside, host: str) -> None:
    with pytest.raises(Unreachable, match="not a public one"):
        await guarded.request("POST", f"https://{host}:9/", body=b"{}")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
async def test_addresses_in_odd_spellings_are_not_reached(guarded: Outside, host: str) -> None:
    with pytest.raises(Unreachable):
        await guarded.request("POST", f"https://{host}:9/", body=b"{}")
    with pytest.raises(Invalid, match="url"):
        await check_address(f"https://{host}/", False)


async def test_a_name_that_turns_private_after_it_was_checked_is_not_reached(
    guarded: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["93.184.216.34", "127.0.0.1"]
    reached = []

    def rebinding(*_: Any, **__: Any) -> list[Any]:
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    async def keep(request: Received) -> bytes:
        reached.append(request)
        return OK

    async with receiving(keep) as url:
        port = int(url.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        await check_address(f"https://rebinding.example:{port}/", False)
        with pytest.raises(Unreachable, match="not a public one"):
            await guarded.request("POST", f"https://rebinding.example:{port}/", body=b"{}")
    assert not reached


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://example.com/", "must begin with https://"),
        ("ftp://example.com/", "url must be like|must begin with https://"),
        ("https:///path", "url must be like"),
        ("https://example.com:99999/", "url must be like"),
        ("https://example.com:0/", "url must be like"),
        ("https://[::1", "url must be like"),
        ("example.com", "url must be like"),
        ("", "url must be like"),
        ("https://user:secret@example.com/", "may not hold a name and password"),
        ("https://:secret@example.com/", "may not hold a name and password"),
        ("https://example.com/\r\nX-Evil: 1", "characters that cannot be seen"),
        ("https://example.com/\0", "characters that cannot be seen"),
        ("https://example.com/a b", "may not hold blanks"),
        ("https://example.com/" + "x" * 2000, "2000 characters at most"),
        ("https://" + "x" * 300 + ".example/", "leads to no address"),
        ("https://a..b/", "leads to no address|url must be like"),
        ("https://no-such-name.invalid/", "leads to no address"),
        ("https://127.0.0.1/", "not into a private network"),
        ("https://localhost/", "not into a private network"),
        ("https://[::ffff:10.0.0.1]/", "not into a private network"),
        ("https://[64:ff9b::7f00:1]/", "not into a private network"),
    ],
)
async def test_addresses_that_cannot_be_taken_are_told_by_their_field(url: str, told: str) -> None:
    with pytest.raises(Invalid, match=told) as refused:
        await check_address(url, False)
    assert refused.value.param == "url"
    assert "secret" not in refused.value.message


async def test_what_is_allowed_on_a_private_network_is_plain_http_too() -> None:
    await check_address("http://127.0.0.1:8000/hook?key=1", True)
    await check_address("https://8.8.8.8/hook", False)
    with pytest.raises(Invalid):
        await check_address("file:///etc/passwd", True)


@given(st.lists(st.text(max_size=40), min_size=20, max_size=20))
@settings(max_examples=20)
def test_no_text_makes_a_request_fail_in_another_way(texts: list[str]) -> None:
    async def ask() -> None:
        async with Outside.opened(private_allowed=False) as guarded:
            for text in texts:
                with pytest.raises(Unreachable):
                    await guarded.request("POST", f"https://127.0.0.1:9{text}", body=b"{}", within=0.2)

    asyncio.run(ask())


async def test_a_file_comes_whole_or_not_at_all(outside: Outside, guarded: Outside) -> None:
    answers = {
        "/file": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome text",
        "/moved": b"HTTP/1.1 307 Moved\r\nLocation: file\r\nContent-Length: 0\r\n\r\n",
        "/round": b"HTTP/1.1 302 Moved\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n",
        "/away": b"HTTP/1.1 302 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        "/packed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
        "/broken": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nsome",
    }

    async def answer(request: Received) -> bytes:
        return answers.get(request.path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    async def fetched(url: str, most: int = 9, by: Outside = outside) -> bytes:
        return b"".join([piece async for piece in by.chunks(url, within=5, most=most)])

    async with receiving(answer) as url:
        assert await fetched(f"{url}/file") == await fetched(f"{url}/moved") == b"some text"
        for path, most, why in (
            ("/none", 9, "it answered 404"),
            ("/file", 8, "it is larger than 8 bytes"),
            ("/round", 9, "it leads from one address to the next"),
            ("/away", 9, "its address must"),
            ("/packed", 9, "it answered in the encoding 'gzip', which was not asked for"),
            ("/broken", 9, "not HTTP|closed|payload"),
        ):
            with pytest.raises(Unreachable, match=why):
                await fetched(url + path, most)
        with pytest.raises(Unreachable, match="its address must begin with https"):
            await fetched(f"{url}/file", by=guarded)
