"""What a worker does for campaigns that make their sends themselves: make them, tell how they stand, cancel them.

Each step is a transaction that holds the campaign and notes how far it has come, so a send is made once whatever
happens. Any number of workers: each takes campaigns that no other has.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sendtrail.domain.events import Kind
from sendtrail.domain.mailings import KINDS, Settings, is_theirs, making_for
from sendtrail.domain.plurals import counted
from sendtrail.domain.postgrid.campaigns import settings_of
from sendtrail.domain.problems import Invalid, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.services import orders
from sendtrail.services.cancelling import cancel_many
from sendtrail.services.context import Context
from sendtrail.services.mailings import tell
from sendtrail.services.orders import NewOrder
from sendtrail.store import mailing_lists, nouns
from sendtrail.store import mailings as store
from sendtrail.store.contacts import CONTACT, ContactRow
from sendtrail.store.database import Connection
from sendtrail.store.mailing_lists import Member
from sendtrail.store.mailings import MAILING, MailingRow
from sendtrail.store.system import mailings as due

BATCH = 500
"""Sends of one transaction."""
_CANCELLED = 5_000
_SHOWN = 20
"""So many refusals are told."""
_AGAIN = 30.0
"""Seconds between two looks at how sends stand that are made, at least."""
_PATIENCE = 200
"""What has been as it is for so many times a while is looked at again after that while."""
_POSTPONED = 60.0
"""Seconds after which one that was stopped is tried again."""
_BROKEN = "something went wrong here, which the log of the worker tells"


class _Stopped(Exception):
    """Nothing can be made from the one at this place on."""

    def __init__(self, place: int, why: str) -> None:
        self.place = place
        self.why = why


async def work(context: Context) -> int:
    """See to all campaigns that are due; how many steps that took. One that cannot go on lets others go first."""
    steps = 0
    while True:
        claimed: list[tuple[int, Scope]] = []

        async def step(connection: Connection, claimed: list[tuple[int, Scope]] = claimed) -> bool:
            return await _step(connection, context, claimed)

        try:
            if not await context.database.run(step):
                return steps
        except Exception:
            async with context.database.transaction() as connection:
                for campaign_id, scope in claimed:
                    await _broken(connection, context, scope, campaign_id)
            raise
        steps += 1


async def _step(connection: Connection, context: Context, claimed: list[tuple[int, Scope]]) -> bool:
    """One step of one campaign; False where none is due. `claimed` gets its number and as who it sends."""
    found = await due.claim_mailing(connection)
    if found is None:
        return False
    campaign_id, scope = found
    claimed[:] = [(campaign_id, scope)]
    row = (await nouns.read(connection, scope, MAILING, [campaign_id]))[campaign_id]
    if row.status == "creating_orders":
        await _make(connection, context, scope, row)
    elif row.status == "cancelling":
        await _cancel(connection, context, scope, row)
    else:
        await tell(connection, context, scope, row, row)
        quiet = (datetime.now(UTC) - row.updated_at).total_seconds()
        await store.put_off(connection, scope, campaign_id, max(_AGAIN, quiet / _PATIENCE))
    return True


async def _make(connection: Connection, context: Context, scope: Scope, row: MailingRow) -> None:
    """The next sends. Who can never be sent to is kept and passed over; what may pass stops it before whom it met."""
    found = await mailing_lists.members(connection, scope, row.mailing_list_id, row.made_up_to, BATCH)
    members = [member for member in found if not member.deleted]
    numbers = {number for member in members if (number := member.sender_id or row.sender_id)}
    senders = await nouns.read(connection, scope, CONTACT, sorted(numbers))
    settings = settings_of(row)
    wanted = [_order(context, row, settings, member, senders) for member in members]
    outcomes, stopped = await _made(connection, context, scope, wanted)
    reasons = {
        member.contact_id: outcome.message
        for member, outcome in zip(members, outcomes, strict=False)
        if isinstance(outcome, SendtrailError)
    }
    if reasons:
        await store.refuse(connection, scope, row.campaign_id, reasons)
    last = members[len(outcomes)].contact_id - 1 if stopped else found[-1].contact_id if found else row.made_up_to
    refused = row.refused_count + len(reasons)
    values: dict[str, object] = {
        "made_up_to": last,
        "created_count": row.created_count + sum(isinstance(each, int) for each in outcomes),
        "refused_count": refused,
        "stopped": stopped,
        "errors": await _errors(connection, context, scope, row.campaign_id, refused, stopped),
    }
    if len(found) < BATCH and not stopped:
        values["status"] = "ready"
    changed = await nouns.change(connection, scope, MAILING, row.campaign_id, values)
    if stopped:
        await store.put_off(connection, scope, row.campaign_id, _POSTPONED)
    if changed and (changed.status == "ready" or stopped != row.stopped):
        await tell(connection, context, scope, row, changed)


async def _made(
    connection: Connection, context: Context, scope: Scope, wanted: Sequence[NewOrder | SendtrailError]
) -> tuple[list[int | SendtrailError], str]:
    """The sends of those up to the first whom something refuses that may pass, or why not; and what that is."""
    stopped = ""
    while True:
        try:
            async with connection.transaction():
                orders_ = [each for each in wanted if isinstance(each, NewOrder)]
                results = iter(await orders.make_many(connection, context, scope, orders_))
                outcomes = [next(results) if isinstance(each, NewOrder) else each for each in wanted]
                for place, each in enumerate(outcomes):
                    if isinstance(each, SendtrailError) and not is_theirs(each):
                        raise _Stopped(place, each.message)
                return outcomes, stopped
        except _Stopped as stop:  # made anew without those behind: a dearer one may leave the money to a cheaper one
            wanted, stopped = wanted[: stop.place], stop.why


def _order(
    context: Context, row: MailingRow, settings: Settings, member: Member, senders: Mapping[int, ContactRow]
) -> NewOrder | SendtrailError:
    """A day that has gone by while sends were made becomes the next one."""
    assert row.kind is not None  # noqa: S101 — a draft without a kind is not sent
    try:
        making = making_for(settings, member.variables)
    except Invalid as refusal:
        return refusal
    day = row.send_date if row.send_date and row.send_date >= datetime.now(UTC).date() else None
    return NewOrder(
        kind=KINDS[Kind(row.kind)],
        to=member.contact_id,
        from_=senders.get(member.sender_id or row.sender_id or 0),
        making=making,
        send_date=day,
        campaign=context.ids.encode("campaign", row.campaign_id),
        description=settings.description,
        metadata=settings.metadata,
        return_envelope=settings.return_envelope or None,
    )


async def _errors(
    connection: Connection, context: Context, scope: Scope, campaign_id: int, refused: int, stopped: str
) -> list[dict[str, str]]:
    """Who was passed over, the first of them by name of their contact, how many there are, and what it waits for."""
    first = await store.refused(connection, scope, campaign_id, 0, _SHOWN) if refused else []
    told = [f"{context.ids.encode('contact', each.contact_id)}: {each.reason}" for each in first]
    if refused:
        told.append(f"{counted(refused, 'contact')} in all could not be sent to")
    if stopped:
        told.append(f"stopped: {stopped}. It goes on by itself once that is mended")
    return [{"type": "processing_error", "message": message} for message in told]


async def _broken(connection: Connection, context: Context, scope: Scope, campaign_id: int) -> None:
    """What nobody expected is told, too; it is tried again."""
    row = await nouns.hold(connection, scope, MAILING, campaign_id)
    if row and row.status == "creating_orders" and row.stopped != _BROKEN:
        errors = await _errors(connection, context, scope, campaign_id, row.refused_count, _BROKEN)
        changed = await nouns.change(connection, scope, MAILING, campaign_id, {"stopped": _BROKEN, "errors": errors})
        await tell(connection, context, scope, row, changed or row)
    await store.put_off(connection, scope, campaign_id, _POSTPONED)


async def _cancel(connection: Connection, context: Context, scope: Scope, row: MailingRow) -> None:
    """The next sends of a campaign that was deleted, as far as they can still be cancelled."""
    numbers = await store.sends(connection, scope, row.campaign_id, row.made_up_to, _CANCELLED)
    await cancel_many(context, scope, numbers, "the campaign was deleted")
    done = len(numbers) < _CANCELLED
    await store.cancelled(connection, scope, row.campaign_id, numbers[-1] if numbers else row.made_up_to, done)
