"""Who guesses codes of links: counted by address, and told to wait. Whoever holds a good code never is."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sendtrail.services.context import Context
from sendtrail.store.database import Connection
from sendtrail.store.system import visits

MOST = 30
WINDOW = timedelta(minutes=15)
"""So many unknown codes from one address in so long a time: more than anybody mistypes."""


def who(context: Context, address: str) -> bytes:
    """Under what an address is counted; of IPv6 the network that somebody is given as a whole. Empty counts too."""
    if address and isinstance(ip := ip_address(address), IPv6Address):
        address = str(ip_network((ip, 64), strict=False))
    return hmac.digest(context.ids.key, f"links {address}".encode(), hashlib.sha256)


async def count(connection: Connection, guesses: Iterable[bytes], now: datetime) -> dict[bytes, tuple[int, timedelta]]:
    """Count unknown codes, one for each time that somebody is given: how often each has guessed lately, and how long it
    is until that is forgotten."""
    times = Counter(guesses)
    return await visits.missed(connection, times, now, WINDOW) if times else {}
