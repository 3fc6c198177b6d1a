"""Links that are being tried out, for whoever records what happens at them."""

from collections.abc import Sequence

from sendtrail.store.database import Connection


async def held(connection: Connection, link_ids: Sequence[int]) -> set[int]:
    """Those of these links whose landing is being tried out, which it stays until the transaction ends.

    So whoever ends a trial forgets all of it: nothing is recorded as a trial after that.
    """
    cursor = await connection.execute(
        "select link.id from link join landing on landing.id = link.landing_id"
        " where link.id = any (%(link_ids)s) and landing.testing order by landing.id for share of landing",
        {"link_ids": list(link_ids)},
    )
    return {link_id async for (link_id,) in cursor}
