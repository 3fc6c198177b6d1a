"""ACS records: why USPS could not deliver a piece as addressed. Columns imb, code, date, new address.

`code` is a nixie letter, or how ACS marks a change of address or a move that left none (Publication 8A; letters as the
reference of many mail houses gives them). The new address may stand in one column or in several that begin with
`new_`.
"""

from collections.abc import Iterable, Iterator

from sendtrail.domain.events import Source
from sendtrail.feeds import reports
from sendtrail.feeds.intake import FieldError, Intake, shown

REASONS = {
    "A": "attempted, not known",
    "B": "returned for better address",
    "D": "outside delivery limits",
    "E": "in dispute",
    "G": "PO box closed",
    "I": "insufficient address",
    "K": "moved, left no address",
    "L": "illegible",
    "M": "no mail receptacle",
    "N": "no such number",
    "P": "deceased",
    "Q": "not deliverable as addressed, unable to forward",
    "R": "refused",
    "S": "no such street",
    "U": "unclaimed",
    "V": "vacant",
    "X": "no such office",
}
"""Why a piece comes back, by letter."""
_LETTERS = {"ANK": "A", "DEC": "P", "DIS": "E", "IA": "I", "ILL": "L", "NMR": "M", "NSN": "N"}
"""The same as the labels on returned pieces abbreviate them."""
MOVES = {
    "": "moved",
    "COA": "moved",
    "F": "the family moved",
    "I": "the person moved",
    "B": "the business moved",
    "K": "moved",
    "W": "moved for a time",
}
"""What a change of address says; with a letter that is also a reason to come back, a new address decides."""


def read(chunks: Iterable[bytes], intake: Intake) -> Iterator[None]:
    """Take the records of one file; pauses after every block."""
    return reports.observations(chunks, intake, "date", _event, Source.USPS)


def _event(record: reports.Record) -> tuple[str, dict[str, str]]:
    letter = record["code"].upper()
    letter = _LETTERS.get(letter, letter)
    lines = [text for column, text in record.items() if column.startswith("new") and text]
    address = ", ".join(lines)
    if letter in MOVES and (address or letter not in REASONS) and (address or letter):
        return "rerouted", {"reason": MOVES[letter], "acs": letter, "new_address": address}
    if letter in REASONS:
        return "returned", {"reason": REASONS[letter], "nixie": letter, "new_address": address}
    if not letter:
        raise FieldError("code is missing, and so is a new address")
    raise FieldError(f"code {shown(letter)} is neither a nixie letter nor COA or W for a change of address")
