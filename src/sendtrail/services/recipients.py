"""A recipient: the person or the company that a send went to, and all that ever went there."""

from dataclasses import dataclass

import msgspec

from sendtrail.domain import terms
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address
from sendtrail.services import sends
from sendtrail.services.context import Context


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a send goes. `person`, `company`: the marks (domain/terms.py) by which all others to them are found, each
    empty where the send names none. `namesake`: by which those are found that went to somebody of this name and address
    without an e-mail address: likely the same person, but nobody says so."""

    to: Address
    live: bool
    person: str
    company: str
    namesake: str

    @property
    def name(self) -> str:
        return self.to.name or self.to.company or self.to.email or self.to.address_line1


async def recipient_of(context: Context, scope: Scope, public_id: str) -> Recipient:
    """The recipient of one send; NotFound where the scope has no such send."""
    view = await sends.get(context, scope, public_id)
    to = msgspec.convert(view["to"], Address)
    return Recipient(to, scope.live, terms.person(to), terms.company(to), terms.namesake(to) if to.email else "")
