"""Where an address is, roughly, by a file that stays on this machine: nobody is asked about visitors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import maxminddb
import structlog

from sendtrail.domain.visit import NOWHERE, Place, place_of

Places = Callable[[str], Place]
"""From an address to where it is."""
_log = structlog.get_logger("sendtrail.links")


@contextmanager
def opened(path: Path | None) -> Iterator[Places]:
    """What the file knows; without one, or with one that cannot be read, nothing is known: links lead on all the
    same."""
    try:
        reader = maxminddb.open_database(path) if path else None
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        _log.warning("no places of visits: SENDTRAIL_GEOIP cannot be read", file=str(path), error=str(error))
        reader = None
    if reader is None:
        yield lambda address: NOWHERE
        return

    def place(address: str) -> Place:
        try:
            return place_of(reader.get(address))
        except (ValueError, maxminddb.InvalidDatabaseError):  # IPv6 in a file of IPv4; a damaged file
            return NOWHERE

    with reader:
        yield place
