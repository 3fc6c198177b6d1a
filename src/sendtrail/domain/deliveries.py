"""How one notification fares with one hook."""

from enum import IntEnum

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
