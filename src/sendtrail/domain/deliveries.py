"""How one notification fares with one hook."""

from enum import IntEnum

SUBJECTS = ("campaign", "return_envelope_order")
"""What is told of besides sends, by what its ids begin with. New ones come last: their places are stored."""
_BITS = 3
NOBODY = 404
"""The status of what was delivered to a CRM that knows nobody whom the send went to: no failure."""


class State(IntEnum):
    """Numbers as they are stored."""

    WAITING = 0
    """Until so many business days have passed."""
    PENDING = 1
    """To be sent, or tried again, when it is due and all before it of the same send are done."""
    DELIVERED = 2
    FAILED = 3
    """Tried often enough."""
    DROPPED = 4
    """No longer true when it was due, or its hook has ended."""

    @property
    def word(self) -> str:
        return self.name.lower()


def thread_of(word: str, number: int) -> int:
    """By what the notifications of a subject are kept together and told in order, as those of a send are by its number.

    It stands where a send's number would: below zero, so it is none, nor 0 as of a trial. No two subjects share one.
    """
    return -(number << _BITS | SUBJECTS.index(word))


def subject_of(thread: int) -> tuple[str, int] | None:
    """The subject, by word and number, of which a thread is; None for a send's or a trial's."""
    return (SUBJECTS[-thread & (1 << _BITS) - 1], -thread >> _BITS) if thread < 0 else None
