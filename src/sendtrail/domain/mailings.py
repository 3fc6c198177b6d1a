"""Campaigns that make their sends themselves, one for each contact of a mailing list."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from sendtrail.domain.events import Kind
from sendtrail.domain.pieces import Making
from sendtrail.domain.problems import Invalid, NotFound, NotSupported, SendtrailError
from sendtrail.domain.send import KindWord

AMOUNT = "amount"
"""The variable that says for how many cents somebody's cheque is made out."""
MOST_CENTS = 10_000_000_000
KINDS: Mapping[Kind, KindWord] = {
    Kind.LETTER: "letter",
    Kind.POSTCARD: "postcard",
    Kind.SELF_MAILER: "self_mailer",
    Kind.CHEQUE: "cheque",
}
"""Those that a campaign can send."""
PARTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.LETTER: ("template",),
    Kind.POSTCARD: ("front_template", "back_template"),
    Kind.SELF_MAILER: ("inside_template", "outside_template"),
    Kind.CHEQUE: (),
}
"""The templates that make one up where no PDF does."""
_SIZELESS = frozenset({Kind.LETTER, Kind.CHEQUE})
"""Those that have a usual size."""
_EVERYBODYS = frozenset({"campaign", "funding_source", "imb"})
"""What is refused by these is refused to whoever comes next, too."""
_WHOLE = re.compile(r"[0-9]{1,11}")


class Settings(msgspec.Struct, omit_defaults=True):
    """How the pieces of a campaign are made. `description`, `metadata`: of each send; `return_envelope`: its number, 0
    for none. A cheque's amount is each recipient's own."""

    making: Making = msgspec.field(default_factory=Making)
    description: str = ""
    metadata: dict[str, Any] | None = None
    return_envelope: int = 0


def lacking(kind: Kind, settings: Settings) -> list[str]:
    """What is still to be said before pieces can be made, by our names."""
    making = settings.making
    lacks = [] if making.size or kind in _SIZELESS else ["size"]
    if "pdf" not in making.contents:
        lacks += [part for part in PARTS[kind] if part not in making.templates]
    if kind is Kind.CHEQUE and making.cheque is None:
        lacks.append("bank_account")
    return lacks


def making_for(settings: Settings, variables: Mapping[str, Any] | None) -> Making:
    """How the piece of somebody with these variables is made: theirs count, then the campaign's.

    Invalid where a cheque has no amount.
    """
    making = settings.making
    merged = {**(making.merge_variables or {}), **(variables or {})}
    cheque = making.cheque
    if cheque:
        cheque = msgspec.structs.replace(cheque, amount=_cents(merged.get(AMOUNT)))
    return msgspec.structs.replace(making, merge_variables=merged or None, cheque=cheque)


def is_theirs(refusal: SendtrailError) -> bool:
    """Whether a contact can never be sent to; else what refuses this one refuses others as well, and may pass: money or
    envelopes that come in, an account or permission that is missing."""
    if isinstance(refusal, NotFound):
        return refusal.param == "to"
    return isinstance(refusal, Invalid | NotSupported) and refusal.param not in _EVERYBODYS


def standing(ready: int, printing: int, beyond: int) -> str:
    """How a campaign stands whose sends are made, by how many of those that are not cancelled stand where."""
    if printing + beyond == 0:
        return "ready"
    return "printing" if ready + printing else "processed_for_delivery"


def _cents(value: object) -> int:
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not _WHOLE.fullmatch(text) or not 0 < int(text) <= MOST_CENTS:
        raise Invalid(f"a cheque needs the variable {AMOUNT}: whole cents, such as 1250 for 12.50", AMOUNT)
    return int(text)
