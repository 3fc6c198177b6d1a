"""Who asks: nobody can make up an address but those whom the settings trust."""

import pytest

from sendtrail.links.callers import address_of

PROXIES = "127.0.0.1/32,::1/128,10.0.0.0/8"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "1.1.1.1", "203.0.113.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("127.0.0.1", "203.0.113.7:443", "203.0.113.7"),
        ("::ffff:127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("127.0.0.1", "9.9.9.9," * 10_000 + "203.0.113.7", "203.0.113.7"),
        ("", "1.1.1.1", ""),
        ("testclient", "1.1.1.1", ""),
    ],
)
def test_the_address_is_the_last_that_is_no_proxys(peer: str, forwarded: str, address: str) -> None:
    scope = {"client": (peer, 4711) if peer else None}
    assert address_of(scope, {"x-forwarded-for": forwarded}, PROXIES) == address
