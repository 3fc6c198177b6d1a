"""What a worker does for campaigns that make their sends themselves: make them, tell how they stand, cancel them.

Each step is a transaction that holds the campaign and notes how far it has come, so a send is made once whatever
happens. Any number of workers: each takes campaigns that no other has.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sendtrail.domain.events import Kind
from sendtrail.domain.mailings import KINDS, Settings, making_for
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
                    await store.put_off(connection, scope, campaign_id, _POSTPONED)
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
    """The next sends; who cannot be sent to is told and passed over."""
    found = await mailing_lists.members(connection, scope, row.mailing_list_id, row.made_up_to, BATCH)
    members = [member for member in found if not member.deleted]
    settings = settings_of(row)
    wanted = [_order(context, row, settings, member) for member in members]
    made = await orders.make_many(connection, context, scope, [each for each in wanted if isinstance(each, NewOrder)])
    results = iter(made)
    outcomes = [next(results) if isinstance(each, NewOrder) else each for each in wanted]
    errors = _errors(context, row, members, outcomes)
    values: dict[str, object] = {
        "made_up_to": found[-1].contact_id if found else row.made_up_to,
        "created_count": row.created_count + sum(isinstance(each, int) for each in outcomes),
        "errors": errors,
    }
    if len(found) < BATCH:
        values["status"] = "ready"
    changed = await nouns.change(connection, scope, MAILING, row.campaign_id, values)
    if changed and changed.status == "ready":
        await tell(connection, context, scope, row, changed)


def _order(context: Context, row: MailingRow, settings: Settings, member: Member) -> NewOrder | SendtrailError:
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
        from_=member.sender_id or row.sender_id,
        making=making,
        send_date=day,
        campaign=context.ids.encode("campaign", row.campaign_id),
        description=settings.description,
        metadata=settings.metadata,
        return_envelope=settings.return_envelope or None,
    )


def _errors(
    context: Context, row: MailingRow, members: Sequence[Member], outcomes: Sequence[int | SendtrailError]
) -> list[dict[str, str]]:
    """Who could not be sent to, the first of them by name of their contact."""
    refused = [
        f"{context.ids.encode('contact', member.contact_id)}: {outcome.message}"
        for member, outcome in zip(members, outcomes, strict=True)
        if isinstance(outcome, SendtrailError)
    ]
    room = max(_SHOWN - len(row.errors), 0)
    return [*row.errors, *({"type": "processing_error", "message": message} for message in refused[:room])]


async def _cancel(connection: Connection, context: Context, scope: Scope, row: MailingRow) -> None:
    """The next sends of a campaign that was deleted, as far as they can still be cancelled."""
    numbers = await store.sends(connection, scope, row.campaign_id, row.made_up_to, _CANCELLED)
    await cancel_many(context, scope, numbers, "the campaign was deleted")
    done = len(numbers) < _CANCELLED
    await store.cancelled(connection, scope, row.campaign_id, numbers[-1] if numbers else row.made_up_to, done)
