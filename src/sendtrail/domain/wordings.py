"""What a thing that happened is called for another kind of send: a parcel is shipped, a letter is handed over."""

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, CODE_BY_ID, ID_BY_CODE, Evidence, Kind
from sendtrail.domain.packing import ITEM

_OTHERWISE = {
    "handed_over": "shipped",
    "shipped": "handed_over",
    "scanned": "in_transit",
    "undeliverable": "returned",
    "offer_sent": "address_requested",
    "ordered": "created",
    "supplier_fulfilling": "in_production",
}
_SUB = ITEM.shift("sub")


def fitting(item: int, kind: Kind) -> int | None:
    """The item of a report as a send of this kind has it; None where nothing of the sort can happen to one."""
    fields = ITEM.unpack(item)
    code, evidence = CODE_BY_ID[fields["sub"]], Evidence(fields["evidence"])
    for word in (code, _OTHERWISE.get(code, "")):
        type_ = BY_CODE_AND_EVIDENCE.get((word, evidence))
        if type_ and kind in type_.kinds:
            return item + (ID_BY_CODE[word] - fields["sub"] << _SUB)
    return None


def never(kind: Kind, code: str) -> str:
    """That nothing of the sort happens to a send of this kind."""
    return f"code: {'an' if kind is Kind.EGIFT else 'a'} {kind.word} is never {code}"
