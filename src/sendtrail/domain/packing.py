"""How an event fits into one 63-bit integer: the single description from which Python and SQL pack and unpack.

Two integers are packed with the layouts below (widths in bits, most significant field first):

* a *trail item* identifies an event: two observations with the same item are the same fact;
* a *best* orders the events of a trail (law 1: stage, then time, then rank) and so holds a send's whole status.

Times count milliseconds from 2020-01-01 UTC (41 bits: until 2089). USPS gives seconds; feeds cut to them.
`sub` is the mail phase of a postal scan (0: none given, then `op` decides) and the event's id otherwise. `op` is a
scan's operation code; of anything else a digest of what it says besides (`observation.event_item`).
`meta` is what came along with an item and is not its identity: when we recorded it, the facility's ZIP, whether the
scan's local time could be resolved, and whether it came by the feed of the organization's agency.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
MAX_MS = (1 << 41) - 1
NO_OPERATION = 1023
"""`op` of a scan without an operation code, and of a report that says nothing besides: no real code or digest."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Bit fields of one packed integer, most significant first."""

    name: str
    fields: tuple[tuple[str, int], ...]

    def shift(self, field: str) -> int:
        """How far left the field stands."""
        shift = 0
        for name, width in reversed(self.fields):
            if name == field:
                return shift
            shift += width
        raise KeyError(field)

    def width(self, field: str) -> int:
        return dict(self.fields)[field]

    def pack(self, **values: int) -> int:
        """Pack all fields by name; ValueError names the field that does not fit."""
        packed = 0
        for name, width in self.fields:
            value = values[name]
            if not 0 <= value < 1 << width:
                raise ValueError(f"{self.name}.{name} {value} does not fit into {width} bits")
            packed = packed << width | value
        return packed

    def unpack(self, packed: int) -> dict[str, int]:
        values = {}
        for name, width in reversed(self.fields):
            values[name] = packed & ((1 << width) - 1)
            packed >>= width
        return values


ITEM = Layout("item", (("ms", 41), ("sub", 6), ("op", 10), ("source", 3), ("evidence", 3)))
BEST = Layout("best", (("stage", 3), ("ms", 41), ("rank", 7), ("evidence", 3), ("code", 6)))
META = Layout("meta", (("agency", 1), ("zoneless", 1), ("recorded", 31), ("zip", 17)))
EXPECTED = Layout("expected", (("ms", 41), ("day", 16)))
"""An expected delivery day as a feed last told it: the latest scan's word wins, whenever it arrives."""
LAYOUTS = (ITEM, BEST, META, EXPECTED)

STATUS_MASK = (1 << BEST.shift("rank")) - 1
"""`best & STATUS_MASK` is the status: its code and how we know."""


def to_ms(moment: datetime) -> int:
    """Milliseconds from the epoch; OverflowError outside 2020 to 2089."""
    ms = (moment - EPOCH) // _MILLISECOND
    if not 0 <= ms <= MAX_MS:
        raise OverflowError(f"{moment.isoformat()} is outside 2020-01-01 to 2089-09-06")
    return ms


def from_ms(ms: int) -> datetime:
    return EPOCH + ms * _MILLISECOND
