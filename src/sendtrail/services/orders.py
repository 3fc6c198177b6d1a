"""Orders: sends that come with contacts and with what they are made from. Many are made in one transaction."""

from collections.abc import Mapping, Sequence

import msgspec

from sendtrail.domain.pieces import DIGITAL_ONLY, Cheque
from sendtrail.domain.postgrid.common import reworded
from sendtrail.domain.postgrid.orders import FIELDS
from sendtrail.domain.problems import Conflict, NotFound, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.services import order_views, return_envelopes, trackers
from sendtrail.services.context import Context
from sendtrail.services.gathering import gathered
from sendtrail.services.idempotency import Answers, Request, check_key, once_each
from sendtrail.services.order_material import NewOrder as NewOrder
from sendtrail.services.order_material import Prepared, material
from sendtrail.services.order_material import Someone as Someone
from sendtrail.services.sends import admit
from sendtrail.store import documents, pieces
from sendtrail.store.database import Connection
from sendtrail.store.pieces import PieceRow

_LIGHT = 256 << 10
"""Bytes of content with which an order is made together with others: many large files at once would fill the memory."""


async def make_once(context: Context, scope: Scope, order: NewOrder, request: Request | None) -> bytes:
    """Accept one order; the JSON of the answer, which a repeat with the same idempotency key gets again."""
    check_key(request)
    if sum(len(document.content) for document in order.documents.values()) > _LIGHT:
        (answer,) = await _make_each(context, scope, [(order, request)])
        if isinstance(answer, Exception):
            raise answer
        return answer
    return await gathered(context, _make_each, scope, (order, request))


async def _make_each(
    context: Context, scope: Scope, wanted: "Sequence[tuple[NewOrder, Request | None]]"
) -> Sequence[bytes | Exception]:
    async def act(connection: Connection, places: Sequence[int]) -> Answers:
        made = await make_many(connection, context, scope, [wanted[place][0] for place in places])
        numbers = [each for each in made if isinstance(each, int)]
        shown = await order_views.read(connection, context, scope, numbers, whole=True)
        return [msgspec.json.encode(shown[each]) if isinstance(each, int) else each for each in made]

    return await once_each(context, scope, [request for _, request in wanted], act)


async def make_many(
    connection: Connection, context: Context, scope: Scope, orders: Sequence[NewOrder]
) -> list[int | SendtrailError]:
    """Accept orders within the caller's transaction; for each the number of its send, or why it alone was refused.

    What refuses an order names the field as PostGrid's client calls it. TooLarge for more than 10,000.
    """
    named = await material(connection, context, scope, orders)
    results: list[int | SendtrailError | None] = [None] * len(orders)
    prepared: dict[int, Prepared] = {}
    for index, order in enumerate(orders):
        try:
            prepared[index] = named.prepare(order)
        except SendtrailError as refusal:
            refusal.index = index
            results[index] = refusal
    for index, short in (await _out_of_stock(connection, context, scope, prepared)).items():
        del prepared[index]
        results[index] = short
    cheques = {index: cheque for index, each in prepared.items() if (cheque := each.making.cheque)}
    for index in await _number(connection, scope, cheques):
        del prepared[index]
        results[index] = Conflict(
            f"number {cheques[index].number} is that of another cheque of this account", "number", index
        )
    admitted = await admit(
        connection,
        context,
        scope,
        [each.send for each in prepared.values()],
        never_sent={place: DIGITAL_ONLY for place, each in enumerate(prepared.values()) if each.is_digital},
    )
    made: list[tuple[int, Prepared]] = []
    for (index, each), result in zip(prepared.items(), admitted, strict=True):
        if isinstance(result, int):
            results[index] = result
            made.append((result, each))
        else:
            result.index = index
            results[index] = reworded(result, FIELDS)
    await documents.put(connection, scope, (kept for _, each in made for kept in each.documents.values()))
    await pieces.insert(connection, scope, [_row(number, each) for number, each in made])
    await trackers.link_orders(connection, scope, {number: each.making.trackers for number, each in made})
    return [result for result in results if result is not None]


async def make_again(connection: Connection, context: Context, scope: Scope, send_id: int, as_send: int) -> None:
    """Have a send that takes the place of another one be made from the same, where that was ordered here: with links of
    its own, and as a cheque with a number of its own. Conflict where its return envelope is out of stock."""
    row = (await pieces.read(connection, scope, [send_id])).get(send_id)
    if row is None:
        return
    envelope = row.return_envelope_id
    if envelope and (await return_envelopes.held(connection, scope, [envelope])).get(envelope, 0) < 1:
        raise _none_left(context, envelope)
    making = msgspec.structs.replace(row.making)
    if making.cheque:
        making.cheque = msgspec.structs.replace(making.cheque, number=0)
        await _number(connection, scope, {0: making.cheque})
    await pieces.insert(connection, scope, [row._replace(send_id=as_send, making=making)])
    await trackers.link_orders(connection, scope, {as_send: making.trackers})


def _row(number: int, made: Prepared) -> PieceRow:
    return PieceRow(
        number,
        made.to.id if made.to else None,
        made.from_.id if made.from_ else None,
        made.order.return_envelope,
        made.order.description,
        made.making,
    )


async def _out_of_stock(
    connection: Connection, context: Context, scope: Scope, prepared: Mapping[int, Prepared]
) -> dict[int, SendtrailError]:
    """Why those are refused for which no return envelope is left, by their places."""
    wanted = {
        index: envelope
        for index, each in prepared.items()
        if (envelope := each.order.return_envelope) and not each.is_digital
    }
    left = await return_envelopes.held(connection, scope, set(wanted.values()))
    refusals: dict[int, SendtrailError] = {}
    for index, number in wanted.items():
        if number not in left:
            public_id = context.ids.encode("return_envelope", number)
            refusals[index] = NotFound(f"no return_envelope {public_id!a}", "returnEnvelope")
        elif left[number] < 1:
            refusals[index] = _none_left(context, number)
        else:
            left[number] -= 1
        if index in refusals:
            refusals[index].index = index
    return refusals


def _none_left(context: Context, number: int) -> Conflict:
    public_id = context.ids.encode("return_envelope", number)
    return Conflict(f"returnEnvelope {public_id} is out of stock: order more", "returnEnvelope")


async def _number(connection: Connection, scope: Scope, cheques: Mapping[int, Cheque]) -> set[int]:
    """Cheques without a number get the next ones of their accounts, in the order in which they came; which of the
    others have one that is taken. The accounts are held until the transaction ends, so nobody takes one meanwhile."""
    if not cheques:
        return set()
    last = await pieces.hold_numbers(connection, scope, {each.bank_account for each in cheques.values()})
    given = {index: (each.bank_account, each.number) for index, each in cheques.items() if each.number}
    taken = await pieces.numbers_in_use(
        connection, scope, [(account, number) for account, number in given.values() if number <= last[account]]
    )
    refused = set()
    for index, used in given.items():
        if used in taken:
            refused.add(index)
        taken.add(used)
        last[used[0]] = max(used[1], last[used[0]])
    for cheque in cheques.values():
        if not cheque.number:
            last[cheque.bank_account] += 1
            cheque.number = last[cheque.bank_account]
    await pieces.go_on_behind(connection, scope, last)
    return refused
