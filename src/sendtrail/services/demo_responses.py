"""How the demo's recipients answered: some of its campaigns lead to a site, and people went there."""

from contextlib import suppress
from datetime import UTC
from itertools import groupby

from sendtrail.domain.problems import Conflict
from sendtrail.domain.scope import Scope
from sendtrail.services import destinations
from sendtrail.services.context import Context
from sendtrail.services.landings import LinkPlan
from sendtrail.simulator.places import region_of
from sendtrail.simulator.responses import Answer, Appeal, answers
from sendtrail.simulator.stream import Stream
from sendtrail.store import links, outbox, samples
from sendtrail.store import responses as known
from sendtrail.store.database import Connection
from sendtrail.store.system import responses
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse

HOST = "harbor-and-vale.example.com"
_APPEALS = {
    "Umbrella cover offer": ("umbrella", Appeal(0.041, 0.22, (180_00, 420_00))),
    "New neighbors welcome": ("welcome", Appeal(0.062, 0.18, (640_00, 1_900_00))),
    "Storm season checklist": ("storm-checklist", Appeal(0.088, 0.46)),
    "Multi-policy savings": ("bundle", Appeal(0.057, 0.27, (240_00, 960_00))),
    "Meet your agent": ("meet", Appeal(0.036, 0.40)),
    "Refer a friend": ("refer", Appeal(0.049, 0.34, (25_00, 25_00))),
    "Home check-up": ("check-up", Appeal(0.053, 0.31)),
    "Welcome kit": ("start", Appeal(0.236, 0.62)),
    "Quote follow-up": ("quote", Appeal(0.128, 0.33, (520_00, 2_400_00))),
    "Claim closed: how did we do?": ("survey", Appeal(0.171, 0.71)),
}
"""The campaigns that lead somewhere: the page, and how it was taken."""


async def open_site(context: Context, scope: Scope) -> None:
    """Let links lead to the insurer's site."""
    with suppress(Conflict):
        await destinations.add_destination(context, scope, HOST)


def plan_for(campaign: str) -> LinkPlan | None:
    """Where the links of a campaign lead, if anywhere."""
    if campaign not in _APPEALS:
        return None
    return LinkPlan(url=f"https://{HOST}/{_APPEALS[campaign][0]}?name={{{{to.first_name}}}}&c={{{{code}}}}")


async def respond(context: Context, scope: Scope, made: Stream) -> int:
    """Record what was answered until the stream's own moment, day by day; how much. Nothing where it was before."""
    appeals = {name: appeal for name, (_, appeal) in _APPEALS.items()}
    told = answers(made.items, appeals, made.now, region_of(made.company.home).zone)

    async def act(connection: Connection) -> int:
        if await known.has_any(connection, scope):
            return 0
        names = sorted({each.item.send.external_id for each in told})
        numbers = await samples.by_external_id(connection, scope, names)
        by_send = await links.of_sends(connection, scope, list(numbers.values()))
        for _, day in groupby(told, key=lambda each: each.at.astimezone(UTC).date()):
            rows = [_response(each, numbers[each.item.send.external_id], by_send) for each in day]
            await responses.record(connection, rows, rows[-1].occurred_at)
        await outbox.unsay(connection, scope)
        return len(told)

    return await context.database.run(act)


def _response(answer: Answer, send_id: int, by_send: dict[int, int]) -> NewResponse:
    return NewResponse(
        send_id,
        GOAL if answer.goal else VISIT,
        answer.at.astimezone(UTC),
        link_id=by_send.get(send_id, 0),
        bot=answer.bot,
        device=answer.device,
        country="US" if answer.region else "",
        region=answer.region,
        visitor=None if answer.goal or answer.bot else answer.visitor,
        value_cents=answer.value_cents,
        reference=answer.reference,
    )
