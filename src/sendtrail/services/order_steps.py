"""What becomes of an order at its client's word: it is cancelled, or, in test mode, moved along."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sendtrail.domain.events import Kind
from sendtrail.domain.postgrid.classes import is_tracked
from sendtrail.domain.postgrid.orders import Order
from sendtrail.domain.problems import Conflict, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.send_change import SendChange
from sendtrail.domain.tracking_numbers import made_up
from sendtrail.services import order_views, progressions, sends
from sendtrail.services.context import Context
from sendtrail.services.editing import edit
from sendtrail.services.happenings import NewEvent, tell
from sendtrail.store import organizations
from sendtrail.store.database import Connection

_MOST = 12
"""Events between two statuses of an order: more than any way has."""


class InvalidProgression(SendtrailError):
    """An order that cannot be moved along."""

    type = "invalid_progression_error"


async def cancel(context: Context, scope: Scope, kind: Kind, public_id: str, note: str = "") -> Order:
    """Cancel an order; NotFound, Forbidden, and Conflict that says where it stands when it is too late."""
    number = order_views.number_of(context, kind, public_id)

    async def act(connection: Connection) -> Order | None:
        await tell(connection, context, scope, public_id, [NewEvent("cancelled", note=note)])
        return (await order_views.read(connection, context, scope, [number], whole=True)).get(number)

    order = await context.database.run(act)
    if order is None:
        raise order_views.no_order(kind, public_id)
    return order


async def progress(context: Context, scope: Scope, kind: Kind, public_id: str) -> Order:
    """Move a test order along, event by event, until its status is another one.

    One whose day is still to come is sent today instead; one that has a tracking number of its own gets a made-up one
    once the post has it. NotFound; InvalidProgression for a live order, and for one that has come to its end.
    """
    before = await order_views.get(context, scope, kind, public_id)
    if scope.live:
        raise InvalidProgression("this is a live order: only test orders can be moved along", "id")
    if before["status"] in ("completed", "cancelled"):
        raise InvalidProgression(f"the order is {before['status']}: nothing follows that", "id")
    try:
        await _bring_forward(context, scope, public_id)
        order = before
        for _ in range(_MOST):  # each event in a transaction of its own, as real ones come
            if order["status"] != before["status"]:
                break
            await progressions.progress(context, scope, public_id)
            order = await order_views.get(context, scope, kind, public_id)
    except Conflict as problem:
        raise InvalidProgression(problem.message, problem.param) from None
    if order["status"] == "processed_for_delivery":
        return await _tracked(context, scope, kind, order)
    return order


async def _bring_forward(context: Context, scope: Scope, public_id: str) -> None:
    send = await sends.get(context, scope, public_id)
    async with context.database.snapshot() as connection:
        zone = ZoneInfo((await organizations.get(connection, scope)).time_zone)
    today = datetime.now(zone).date()
    if send["day"] > today:
        await edit(context, scope, public_id, SendChange(send_date=today))


async def _tracked(context: Context, scope: Scope, kind: Kind, order: Order) -> Order:
    """The order with a tracking number, if pieces that go so have one."""
    send = await sends.get(context, scope, order["id"])
    if send["tracking_number"] or not is_tracked(send["mailing_class"], send["extra_service"]):
        return order
    number = made_up(send["post"], context.ids.decode(order["id"])[1])
    await edit(context, scope, order["id"], SendChange(tracking_number=number.number, carrier=number.carrier))
    return await order_views.get(context, scope, kind, order["id"])
