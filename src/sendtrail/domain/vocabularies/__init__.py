"""A trail told in the words of whoever reads.

Each vocabulary is one pure function of the trail so far and the send's facts; its words stand in the event table, what
they mean in its own module. A vocabulary says nothing (None) of a trail without events.
"""

from collections.abc import Callable, Mapping

from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Trail
from sendtrail.domain.vocabularies import lob, postalytics, postgrid, sendoso, stannp

Vocabulary = Callable[[Trail, Facts], object]

VOCABULARIES: Mapping[str, Vocabulary] = {
    "stannp": stannp.tell,
    "postalytics": postalytics.tell,
    "postgrid": postgrid.tell,
    "sendoso": sendoso.tell,
    "lob": lob.tell,
}

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "stannp": stannp.MEANINGS,
    "postalytics": postalytics.MEANINGS,
    "postgrid": postgrid.MEANINGS,
    "sendoso": sendoso.MEANINGS,
    "lob": lob.MEANINGS,
}
"""For each vocabulary: word → one sentence that says what it means."""


def tell(trail: Trail, facts: Facts) -> dict[str, object]:
    """A send's `vocabularies` object: each reader's words for where the send stands, ready for JSON."""
    return {name: vocabulary(trail, facts) for name, vocabulary in VOCABULARIES.items()}
