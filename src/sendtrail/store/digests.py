"""Whether a member of an organization wants the daily digest of what needs attention."""

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection
from sendtrail.store.reach import within


async def chosen(connection: Connection, scope: Scope) -> tuple[bool | None] | None:
    """What the member who asks chose, within a tuple: None for nothing yet; without one they are no member here."""
    cursor = await connection.execute(
        "select digest from membership where organization_id = %(organization_id)s and member_id = %(member_id)s",
        within(scope),
    )
    return await cursor.fetchone()


async def choose(connection: Connection, scope: Scope, wanted: bool) -> None:
    """Keep what the member who asks chose."""
    await connection.execute(
        "update membership set digest = %(wanted)s"
        " where organization_id = %(organization_id)s and member_id = %(member_id)s",
        {**within(scope), "wanted": wanted},
    )
