"""Where the sends of a list stand, told and chosen in our words or in another reader's."""

import re
from dataclasses import dataclass

from sendtrail.domain.events import EVENT_TYPES, EventType, Evidence
from sendtrail.domain.standings import CALLED, Group, group_called, groups
from sendtrail.domain.vocabularies.stannp import CATEGORIES, category
from sendtrail.services.tracker import COUNTED, Tally, Wanted
from sendtrail.web.filters import Filters
from sendtrail.web.rendering import number
from sendtrail.web.wording import READERS

NOT_TOLD = "Not told"
NOTES = {
    "postgrid": "PostGrid keeps what an order was before it came back, and never takes back that it was completed."
    " Where our status leaves more than one of its words open, all of them are named. What its barcode told (imbStatus)"
    " stands in the rows only.",
    "postalytics": "Postalytics calls a send by what happened last, visits to its link too, which does not follow from"
    " where it stands: the counts and the status filter keep Sendtrail's words.",
}
"""What to know of the counts in a reader's words."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the list stand alike. `id`: by which the page knows it; `category`: the one that they have in common,
    else empty; `text` as people read it."""

    id: str
    label: str
    category: str
    text: str
    href: str
    chosen: bool


def _statuses() -> dict[str, dict[str, str]]:
    """Code → label, under the label of the category in which most of the code's rows stand; responses are no status."""
    labels: dict[str, dict[str, str]] = {each.label: {} for each in CATEGORIES}
    names = {each.word: each.label for each in CATEGORIES}
    seen = set()
    for type_ in EVENT_TYPES:
        if type_.stage and type_.code not in seen:
            seen.add(type_.code)
            name = names[category(type_.code, max(type_.evidence))]
            label = type_.label.removeprefix("Presumed ")
            labels[name][type_.code] = label[:1].upper() + label[1:]
    return labels


STATUSES = _statuses()
LABELS = {code: label for codes in STATUSES.values() for code, label in codes.items()}


def called(status: str) -> str:
    """What people call a `status` of the address; empty for one that there is not."""
    if group := group_called(status):
        return f"{READERS[status.partition(':')[0]]}: {_label(group)}"
    return ", ".join(LABELS[code] for code in status.split(",") if code in LABELS)


def options(words: str, status: str) -> dict[str, dict[str, str]]:
    """What a list can be narrowed to, by group: in a reader's words, else in ours. What it is narrowed to now is there,
    however that is told."""
    if words in CALLED:
        found = {READERS[words]: {f"{words}:{group.key}": _label(group) for group in groups(words)}}
    else:
        found = {label: dict(codes) for label, codes in STATUSES.items()}
    if (label := called(status)) and not any(status in each for each in found.values()):
        found = {"Now": {status: label}, **found}
    return found


def counts(counted: Tally, filters: Filters, wanted: Wanted, words: str = "") -> list[Count]:
    """One for each status that somebody has, in the order in which sends go through them."""
    if words in CALLED:
        return [
            _count(f"{words}:{group.key}", _label(group), _category_of(group.types), n, counted, filters)
            for group in groups(words)
            if (n := counted.among(group.standings))
        ]
    by_code = counted.by_code
    return [
        _count(code, label, category(code, _evidence(code)), by_code[code], counted, filters)
        for code, label in LABELS.items()
        if by_code[code]
    ]


def total(counted: Tally, wanted: Wanted) -> str:
    """How many the list has in all."""
    return capped(counted.of(wanted), counted.exact)


def capped(n: int, exact: bool) -> str:
    """A number of sends as people read it, which may be more where not all were counted."""
    shown = number(min(n, COUNTED))
    return shown if exact and n <= COUNTED else shown + "+"


def _count(status: str, label: str, category: str, n: int, counted: Tally, filters: Filters) -> Count:
    chosen = filters.query.get("status", "")
    href = filters.link(status="" if chosen == status else status, category="")
    return Count(
        re.sub(r"\W+", "-", status),
        label,
        category,
        capped(n, counted.exact),
        href,
        status == chosen or status in chosen.split(","),
    )


def _label(group: Group) -> str:
    """Its words: all between which it is left open."""
    return " or ".join(group.words) or NOT_TOLD


def _category_of(types: tuple[EventType, ...]) -> str:
    found = {each.stannp for each in types}
    return found.pop() if len(found) == 1 else ""


def _evidence(code: str) -> Evidence:
    return max(max(type_.evidence) for type_ in EVENT_TYPES if type_.code == code)
