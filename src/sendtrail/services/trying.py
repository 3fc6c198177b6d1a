"""One press to see how it goes: a made-up test send, and a rehearsal of its journey."""

from dataclasses import replace
from random import Random, SystemRandom

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import mailer_ids, rehearsals, sends, simulation
from sendtrail.services.context import Context
from sendtrail.simulator.people import Neighbourhood
from sendtrail.simulator.places import region_of

_HOME = "Columbus"
_REACH = 900
"""Miles: far enough that most mail changes plants on its way."""
TAG = "sample"


async def try_out(context: Context, scope: Scope, *, random: Random | None = None) -> str:
    """Make a letter to somebody invented, in test mode whatever the scope's, and begin its rehearsal; its id.

    Where no Mailer ID gives barcodes in test mode yet, an invented one will.
    """
    scope = replace(scope, live=False)
    scope.require(Permission.SENDS_WRITE)
    if not await mailer_ids.list_mailer_ids(context, scope):
        await simulation.give_barcodes(context, scope)
    home = region_of(_HOME)
    recipient = Neighbourhood(home, _REACH).recipient(random or SystemRandom())
    delivery = home.deliveries[0]
    from_ = Address(name="Mail Services", city=delivery.city, state=home.plant.state, postal_code=delivery.zip)
    (made,) = await sends.create(
        context, scope, [NewSend(kind="letter", to=recipient.address, from_=from_, tags=[TAG], cost_cents=0)]
    )
    if isinstance(made, SendtrailError):
        raise made
    await rehearsals.begin(context, scope, made["id"])
    return str(made["id"])
