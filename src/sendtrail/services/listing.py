"""Have older sends found by what newer ones are found by from the start."""

from itertools import groupby

import msgspec

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.terms import terms_of
from sendtrail.services.context import Context
from sendtrail.store import terms
from sendtrail.store.system.terms import UnlistedRow, unlisted

_PIECE = 2_000


async def list_older(context: Context) -> int:
    """Work out the terms of some sends that have none yet; how many."""
    async with context.database.transaction() as connection:
        rows = await unlisted(connection, _PIECE)
        rows.sort(key=lambda row: (row.organization_id, row.live))
        for (organization_id, live), own in groupby(rows, key=lambda row: (row.organization_id, row.live)):
            scope = Scope(organization_id, live, "worker")
            await terms.put(connection, scope, {row.send_id: _terms(row) for row in own})
    return len(rows)


def _terms(row: UnlistedRow) -> list[str]:
    send = NewSend(
        kind="letter",
        to=msgspec.convert(row.to, Address),
        tags=row.tags,
        sender=row.sender,
        supplier=row.supplier,
        mailing_class=row.mailing_class,
    )
    return terms_of(send)
