"""How many sends stand in each of the eight categories: what reports, campaigns and their histories tell alike."""

from collections.abc import Sequence

import msgspec

from sendtrail.domain.vocabularies.stannp import CATEGORIES

WORDS = tuple(category.word for category in CATEGORIES)


class ByCategory(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of sends: in all, and in each category."""

    total: int
    received: int
    producing: int
    handed_over: int
    in_transit: int
    local_delivery: int
    delivered: int
    returned: int
    cancelled: int


def by_category(counts: Sequence[int]) -> dict[str, int]:
    """The fields of ByCategory from the numbers in the order of CATEGORIES."""
    return {"total": sum(counts), **dict(zip(WORDS, counts, strict=True))}
