"""What was made up to look around with, told apart from an organization's own mail."""

from collections.abc import Sequence

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


async def has_own_mail(connection: Connection, scope: Scope) -> bool:
    """Whether the organization has anything of its own in the scope's mode: a Mailer ID, a feed file, or sends without
    a sample's Mailer ID, by which they would be known as samples."""
    cursor = await connection.execute(
        """select exists (select from mailer_id
                           where organization_id = %(organization_id)s and live = %(live)s and not sample)
               or exists (select from feed_file
                           where organization_id = %(organization_id)s and live = %(live)s and not sample)
               or exists (select from send where organization_id = %(organization_id)s and live = %(live)s)
                  and not exists (select from mailer_id
                                   where organization_id = %(organization_id)s and live = %(live)s and sample)""",
        {"organization_id": scope.organization_id, "live": scope.live},
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def by_external_id(connection: Connection, scope: Scope, values: Sequence[str]) -> dict[str, int]:
    """The newest send with each of these external ids."""
    cursor = await connection.execute(
        """select value, max(send_id)
             from alias
            where organization_id = %(organization_id)s and live = %(live)s and kind = 'external_id'
              and value = any (%(values)s)
            group by value""",
        {"organization_id": scope.organization_id, "live": scope.live, "values": list(values)},
    )
    return {value: send_id async for value, send_id in cursor}
