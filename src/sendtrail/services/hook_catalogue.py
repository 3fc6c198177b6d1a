"""What hooks can be told, for people and programs that choose."""

from collections.abc import Mapping

import msgspec

from sendtrail.domain.notices import PATTERNS, VOCABULARIES
from sendtrail.domain.vocabularies import postalytics

READERS: Mapping[str, str] = {
    "sendtrail": "Sendtrail",
    "postalytics": "Postalytics",
    "postgrid": "PostGrid",
    "stannp": "Stannp",
    "sendoso": "Sendoso",
    "lob": "Lob",
}
"""In whose words events are told."""
_PATTERNS = dict(zip(VOCABULARIES, PATTERNS, strict=True))


class EventKind(msgspec.Struct, frozen=True):
    """A type of event, or all that a `pattern` such as `postalytics.*` means. `label`: for people; `vocabulary`: of
    whose words it is; `code`: the number that Postalytics has for it, null for others."""

    type: str
    label: str
    vocabulary: str
    pattern: bool
    code: int | None


def catalogue() -> list[EventKind]:
    """All that a hook's `events` may name: of each reader first all at once, then one by one."""
    kinds = []
    for reader, name in READERS.items():
        kinds.append(EventKind(_PATTERNS[reader], f"Everything, in the words of {name}", reader, True, None))
        for type_, label in VOCABULARIES[reader].items():
            code = postalytics.CODES[label] if reader == "postalytics" else None
            kinds.append(EventKind(type_, label, reader, False, code))
    return kinds
