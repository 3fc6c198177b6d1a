"""What statuses mean: a page made from the tables, so that it can say nothing that is not so."""

from dataclasses import dataclass

from litestar import Response, get

from sendtrail.domain.events import EVENT_TYPES, MAIL, EventType, Kind
from sendtrail.domain.meanings import (
    EVIDENCE,
    NOT_GUARANTEED,
    RETURN_REASONS,
    Meaning,
    evidence_of,
    meaning,
)
from sendtrail.domain.problems import Invalid
from sendtrail.domain.vocabularies import MEANINGS, postalytics, postgrid
from sendtrail.domain.vocabularies.stannp import category
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page, sentence
from sendtrail.web.support import support_for
from sendtrail.web.visitors import Here, WebRequest
from sendtrail.web.wording import READERS, Words

_STAGES = (
    "Responses",
    "Ordered",
    "Being made",
    "Handed over",
    "Under way",
    "Arrived",
    "Coming back",
    "Ended early",
)
_EGIFTS = "eGifts"
_NOTES = {
    "stannp": "Every send stands in exactly one of the eight categories.",
    "postalytics": (
        "Each code is told once, a reroute each time, a visit each time. The first scan by the United States post,"
        " whatever it says, is also told as Mailed (11). There is no code for a delivery."
    ),
    "postgrid": (
        "An order has a status, which never goes back, and beside it imbStatus: what the barcode told last, for the"
        " United States post only."
    ),
    "sendoso": "A delivery that is merely presumed stays Shipped.",
    "lob": "Lob tells of no hand-over, and presumes nothing.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One status as it is known in one of the ways that matter. `anchor`: empty but for the first of its code."""

    code: str
    anchor: str
    label: str
    category: str
    kinds: str
    cancellable: bool
    meaning: Meaning
    evidence: tuple[str, ...]
    words: tuple[Words, ...]


def _row(type_: EventType, anchor: str) -> Row:
    known = evidence_of(type_)
    return Row(
        code=type_.code,
        anchor=anchor,
        label=type_.label,
        category=category(type_.code, known[0]),
        kinds=_kinds(type_),
        cancellable=type_.cancellable,
        meaning=meaning(type_.code, known[0]),
        evidence=tuple(each.word for each in known),
        words=tuple(_words(type_, name) for name in READERS),
    )


def _kinds(type_: EventType) -> str:
    """For what a status is: `Mail and gifts`; empty for everything."""
    if type_.kinds == frozenset(Kind):
        return ""
    names = [
        name
        for name, kinds in (("mail", MAIL), ("gifts", {Kind.GIFT}), ("eGifts", {Kind.EGIFT}))
        if type_.kinds >= kinds
    ]
    text = " and ".join(names)
    return text if text.startswith("e") else text[:1].upper() + text[1:]


def _words(type_: EventType, name: str) -> Words:
    """What the reader of a vocabulary is told of a status, as the event table has it."""
    cell: str = getattr(type_, name)
    if name == "postalytics":
        word, _, only = cell.partition(" (")
        suffix = f", {only.removesuffix(')')} only" if only else ""
        shown = f"{word} ({postalytics.CODES[word]}){suffix}" if word else ""
    elif name == "postgrid":
        status, _, letter = cell.partition("/")
        word = postgrid.IMB_STATUSES.get(letter, status)
        shown = " · ".join(each for each in (status, word if letter else "") if each)
    else:
        word = shown = cell
    return Words(READERS[name], shown, MEANINGS[name].get(word, ""))


def _sections() -> dict[str, list[Row]]:
    """The statuses under headings: mail and gifts by stage, then eGifts, then responses.

    All rows of a code stand together at the latest of its stages, the best known first.
    """
    types_of: dict[str, list[EventType]] = {}
    for type_ in EVENT_TYPES:
        types_of.setdefault(type_.code, []).append(type_)
    sections: dict[str, list[Row]] = {name: [] for name in (*_STAGES[1:], _EGIFTS, _STAGES[0])}
    for code, types in types_of.items():
        best, *others = sorted(types, key=lambda type_: -type_.rank)
        rows = sections[_EGIFTS if best.kinds == {Kind.EGIFT} else _STAGES[best.stage]]
        rows += [_row(best, anchor=code), *(_row(type_, anchor="") for type_ in others)]
    return sections


SECTIONS = _sections()


@get("/help/statuses", needs=None, takes=("vocabulary",))
async def show_statuses(request: WebRequest, visitor: Here) -> Response[str]:
    """Every status, how it can be known, and how other readers call it; `vocabulary` picks one of them."""
    vocabulary, error = query_of(request).get("vocabulary", ""), ""
    if vocabulary and vocabulary not in READERS:
        problem = Invalid(f"vocabulary must be one of {', '.join(READERS)}", "vocabulary")
        vocabulary, error = "", sentence(problem)
    return page(
        request,
        "help_statuses.html",
        visitor,
        status=400 if error else 200,
        error=error,
        vocabulary=vocabulary,
        readers=READERS,
        note=_NOTES.get(vocabulary, ""),
        words=_glossary(vocabulary) if vocabulary else [],
        sections=SECTIONS,
        evidence={each.word: text for each, text in EVIDENCE.items()},
        reasons=RETURN_REASONS,
        not_guaranteed=NOT_GUARANTEED,
        support=support_for(visitor),
    )


def _glossary(name: str) -> list[tuple[str, str]]:
    """The words of a vocabulary, each with what it means."""
    numbers = postalytics.CODES if name == "postalytics" else {}
    return [(f"{word} ({numbers[word]})" if word in numbers else word, text) for word, text in MEANINGS[name].items()]
