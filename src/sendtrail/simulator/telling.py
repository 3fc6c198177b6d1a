"""Facts that somebody reports: what people, suppliers and printers say, and when they say it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from sendtrail.domain.events import Source

T = TypeVar("T")


class Happening(NamedTuple):
    """An event that no file tells of: a person, a carrier, a supplier or the recipient's click reported it."""

    code: str
    at: datetime
    source: Source
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """A fact and the moment when a file could first tell of it (aware, UTC)."""

    at: datetime
    fact: T
