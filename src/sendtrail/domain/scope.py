"""Who asks, and how far they reach. Every store function takes one (law 6)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """One organization in one mode, asked for by one actor.

    `live` True or False; test and live never mix (law 5). `clients` are the client organizations of an agency that a
    feed may also resolve barcodes for. `actor` says who, for the record: `key:7`, `member:3`, `feed:2`, `cli`.
    """

    organization_id: int
    live: bool
    actor: str
    clients: tuple[int, ...] = ()

    @property
    def organizations(self) -> list[int]:
        """The organization and its clients."""
        return [self.organization_id, *self.clients]
