"""A facility's local time: ZIP to time zone to UTC.

The zones come from the `zip2info` package, which knows the ZIPs of single buildings and PO boxes too, as processing
plants have them. It is imported at the first local time, since most feeds bring offsets: 50 ms and 13 MB where
its bytecode is compiled, a second and 190 MB where it is not.
"""

from collections import Counter
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sendtrail.domain.packing import to_ms

_SPREAD = frozenset({*range(90, 99), 340, *range(962, 967), 969})
"""Prefixes that no zone speaks for: the military ones, and Guam's, shared with Palau and other islands."""


@lru_cache(maxsize=16_384)
def zone_of(zip5: int) -> str:
    """The IANA zone of a five-digit ZIP; of most of its three-digit prefix where the ZIP itself is unknown; else ''.

    Military ZIPs (APO, FPO, DPO) abroad have none: one prefix stands for places all over the world.
    """
    import zip2info

    return zip2info.timezone(zip5) or _zone_of_prefix(zip5 // 100)


@lru_cache(maxsize=1024)
def _zone_of_prefix(prefix: int) -> str:
    import zip2info

    if prefix in _SPREAD:
        return ""
    zones = Counter(filter(None, map(zip2info.timezone, range(prefix * 100, prefix * 100 + 100))))
    return max(sorted(zones), key=zones.__getitem__, default="")


def local_ms(year: int, month: int, day: int, hour: int, zone: str) -> int:
    """Milliseconds from 2020 UTC of a full local hour in a zone; '' is read as UTC.

    Offsets change on full hours only, so minutes may be added. An hour that comes twice at the end of daylight saving
    is its first coming. ValueError: no such date or hour; OverflowError: outside what packing holds.
    """
    return to_ms(datetime(year, month, day, hour, tzinfo=ZoneInfo(zone) if zone else UTC))
