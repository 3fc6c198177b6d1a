"""What hooks can be told: the types of notifications, in whose words each is, and what each can follow from.

A hook names types (`send.delivered`) or all of a reader's words at once (`postalytics.*`). Types are made of letters,
digits, underscores and dots, as Standard Webhooks 1.0.0 has them.
"""

from collections.abc import Iterable, Mapping, Sequence

from sendtrail.domain.events import CODES, EVENT_TYPES, MAIL, EventType
from sendtrail.domain.problems import Invalid
from sendtrail.domain.vocabularies import postalytics

RESPONSES = ("link_opened", "goal_reached")
STATUS_CHANGED = "send.status_changed"
UPDATED = "send.updated"
ORDERS = ("letter", "postcard", "cheque", "self_mailer")
POSTGRID_KINDS = (*ORDERS, "return_envelope_order", "campaign")
NEVER_TOLD: Mapping[str, str] = {
    "box.created": "Box created",
    "box.updated": "Box updated",
    "snap_pack.created": "Snap pack created",
    "snap_pack.updated": "Snap pack updated",
    "virtual_mailbox_item.created": "Virtual mailbox item created",
}
"""Types of PostGrid's that never happen here: a hook may name them, for programs that name all there are."""
_WORDS = ("stannp", "sendoso", "lob")
"""Readers to whom a status is one word, told whenever it becomes another."""


def word_type(vocabulary: str, word: str) -> str:
    """The type that says that a send came to stand at a reader's `word`."""
    return f"{vocabulary}.{word.lower().replace(' ', '_').replace('-', '_')}"


def _of_ours() -> dict[str, str]:
    labels = {each.code: each.label for each in reversed(EVENT_TYPES)}
    labels |= {"delivered": "Delivered", "returned": "Returned", "refunded": "Refunded", "resumed": "Resumed"}
    return {f"send.{code}": labels[code] for code in CODES}


def _of_words(vocabulary: str) -> dict[str, str]:
    words = dict.fromkeys(getattr(each, vocabulary) for each in EVENT_TYPES if each.code not in RESPONSES)
    return {word_type(vocabulary, word): word for word in words if word}


VOCABULARIES: Mapping[str, Mapping[str, str]] = {
    "sendtrail": {
        **_of_ours(),
        STATUS_CHANGED: "Its status is another one",
        UPDATED: "Somebody changed its recipient, send date or tracking number",
    },
    "postalytics": {f"postalytics.{name}": name for name in postalytics.CODES},
    "postgrid": {
        **{
            f"{kind}.{what}": f"{kind.replace('_', ' ').capitalize()} {what}"
            for kind in POSTGRID_KINDS
            for what in ("created", "updated")
        },
        "tracker.visited": "Tracker visited",
    },
    **{vocabulary: _of_words(vocabulary) for vocabulary in _WORDS},
}
"""For each reader, type -> what it says, for people."""
TYPES: Mapping[str, str] = {
    **{name: about for types in VOCABULARIES.values() for name, about in types.items()},
    **NEVER_TOLD,
}
"""Every type that a hook may name."""
PATTERNS: Mapping[str, tuple[str, ...]] = {
    "send.*": tuple(name for name in VOCABULARIES["sendtrail"] if name != STATUS_CHANGED),
    **{f"{name}.*": tuple(types) for name, types in VOCABULARIES.items() if name != "sendtrail"},
}
"""Many types by one name. `send.*` is each event once: that it also changed the status must be asked for."""
MOST_TYPES = 100


def expand(events: Iterable[str]) -> frozenset[str]:
    """The types that a hook's `events` mean."""
    return frozenset(name for each in events for name in PATTERNS.get(each, (each,)))


def naming(type_: str) -> list[str]:
    """The words in a hook's `events` that mean a type: itself, and the patterns that hold it."""
    return [type_, *(pattern for pattern, types in PATTERNS.items() if type_ in types)]


def checked(events: Sequence[str]) -> list[str]:
    """A hook's `events` as they are kept, each once; Invalid names `events`."""
    if not events:
        raise Invalid("events must name at least one type, such as send.delivered or postalytics.*", "events")
    if len(events) > MOST_TYPES:
        raise Invalid(f"events may name {MOST_TYPES} types at most", "events")
    for each in events:
        if each not in TYPES and each not in PATTERNS:
            raise Invalid(
                f"events: {each[:60]!a} is no type of event; send.delivered is one, postalytics.* are many", "events"
            )
    return list(dict.fromkeys(events))


def heard(events: Iterable[str]) -> int:
    """A bit for the id of each event from which one of the types can follow: of others the hook need not be asked."""
    wanted = expand(events)
    return sum(1 << id_ for id_ in {each.id for each in EVENT_TYPES if wanted & _following(each)})


def _following(event: EventType) -> set[str]:
    """The types that can be told when an event of this row comes."""
    told = {f"send.{event.code}"}
    if event.code in RESPONSES:
        told |= {"tracker.visited"} if event.code == "link_opened" else set()
    else:
        told.add(STATUS_CHANGED)
        told |= {word_type(name, word) for name in _WORDS if (word := getattr(event, name))}
        if event.code == "expired":  # of which a refund may follow at once
            told |= {f"send.{each.code}" for each in EVENT_TYPES if each.code == "refunded"}
            told |= {word_type(name, word) for name in _WORDS if (word := _REFUNDED.get(name, ""))}
    if event.kinds & MAIL:
        told |= {f"{kind}.created" if event.code == "created" else f"{kind}.updated" for kind in ORDERS}
        if event.code not in RESPONSES:  # any of them may be the first scan, or show that a reroute is over
            told |= {"postalytics.Mailed", "postalytics.ReRouted"}
    if event.postalytics:
        told.add(f"postalytics.{event.postalytics.partition(' (')[0]}")
    return told


_REFUNDED = {
    name: word for each in EVENT_TYPES if each.code == "refunded" for name in _WORDS if (word := getattr(each, name))
}
