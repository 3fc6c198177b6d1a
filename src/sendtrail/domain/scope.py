"""Who asks, and how far they reach. Every store function takes one (law 6)."""

from dataclasses import dataclass, field

from sendtrail.domain.problems import Forbidden
from sendtrail.domain.roles import EVERYTHING, MEANINGS, Permission, Reach, Rights

INVENTOR = "simulation"
"""The actor who invents a past, to look around with: hooks are told nothing of it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One organization in one mode, asked for by one actor.

    `live` True or False; test and live never mix (law 5). `clients` are the client organizations of an agency that a
    feed may also resolve barcodes for. `actor` says who, for the record: `key:7`, `member:3`, `feed:2`, `cli`. `rights`
    says what they may do and how far; `member_id` (0: nobody) and `teams` are what own and teams mean for them.
    """

    organization_id: int
    live: bool
    actor: str
    clients: tuple[int, ...] = ()
    rights: Rights = field(default_factory=lambda: EVERYTHING, hash=False)
    member_id: int = 0
    teams: tuple[int, ...] = ()

    @property
    def organizations(self) -> list[int]:
        """The organization and its clients."""
        return [self.organization_id, *self.clients]

    def reach(self, permission: Permission) -> Reach | None:
        """How far a permission goes; None where it was not given."""
        return self.rights.get(permission)

    def may(self, permission: Permission, reach: Reach = Reach.OWN) -> bool:
        """Whether a permission was given, at least so far."""
        return self.rights.get(permission, 0) >= reach

    def require(self, permission: Permission, reach: Reach = Reach.OWN) -> None:
        """Forbidden unless a permission was given, at least so far."""
        if not self.may(permission, reach):
            what = MEANINGS[permission].partition(";")[0]
            raise Forbidden(f"this takes a permission that you do not have: {what[:1].lower()}{what[1:]}")

    def sees_money(self, permission: Permission) -> bool:
        """Whether costs may be told of all that another permission shows."""
        return self.may(Permission.MONEY_READ, self.rights.get(permission, Reach.OWN))
