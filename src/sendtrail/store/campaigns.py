"""Campaigns: what sends are grouped by."""

from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection
from sendtrail.store.reach import reaching, within


class CampaignRow(NamedTuple):
    id: int
    name: str
    type: str
    created_at: datetime


async def add(connection: Connection, scope: Scope, name: str, type_: str) -> CampaignRow | None:
    """Keep a campaign of the scope's mode, which belongs to the member who asks and their first team.

    None where its name is taken.
    """
    cursor = await connection.execute(
        "insert into campaign (organization_id, live, name, type, owner_id, team_id)"
        " values (%(organization_id)s, %(live)s, %(name)s, %(type)s, %(member_id)s, coalesce((%(teams)s::int[])[1], 0))"
        " on conflict (organization_id, live, name) do nothing returning id, name, type, created_at",
        {**within(scope), "name": name, "type": type_},
    )
    row = await cursor.fetchone()
    return CampaignRow(*row) if row else None


async def get(connection: Connection, scope: Scope, campaign_id: int) -> CampaignRow | None:
    """One campaign; None where the scope has none of this number."""
    query = reaching(
        "select id, name, type, created_at from campaign"
        " where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s /* campaign reach */",
        scope,
        Permission.CAMPAIGNS_READ,
    )
    cursor = await connection.execute(query, {**within(scope), "id": campaign_id})
    row = await cursor.fetchone()
    return CampaignRow(*row) if row else None


async def page(
    connection: Connection, scope: Scope, q: str, type_: str | None, before: int | None, limit: int
) -> list[CampaignRow]:
    """At most `limit` campaigns, newest first, of any type for None; `before` is the last one of the page before.

    `q`: letters that stand in the name, in lower or upper case.
    """
    query = reaching(
        "select id, name, type, created_at from campaign"
        " where organization_id = %(organization_id)s and live = %(live)s /* campaign reach */"
        " and (%(before)s::bigint is null or id < %(before)s)"
        " and (%(type)s::text is null or type = %(type)s)"
        " and strpos(lower(name), lower(%(q)s)) > 0"
        " order by id desc limit %(limit)s",
        scope,
        Permission.CAMPAIGNS_READ,
    )
    parameters = {**within(scope), "q": q, "type": type_, "before": before, "limit": limit}
    cursor = await connection.execute(query, parameters)
    return [CampaignRow(*row) async for row in cursor]
