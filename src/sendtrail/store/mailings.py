"""Campaigns that make their sends themselves, one for each contact of a mailing list."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.nouns import Noun
from sendtrail.store.reach import within

SQL = statements("mailings.sql")


class MailingRow(NamedTuple):
    """One of them, by the number of its campaign. `sender_id`: whom pieces are from unless the list says; `kind`: None
    where none was chosen yet; `making`: domain/mailings.py: Settings; `made_up_to`: the contact, or while its sends are
    being cancelled the send, that came last; `errors`: `{"type", "message"}` each; `actor`: who had it sent, or
    deleted; `told`: its status as hooks know it; `refused_count`: who was passed over; `stopped`: what it waits for."""

    campaign_id: int
    mailing_list_id: int
    sender_id: int | None
    kind: int | None
    making: dict[str, Any]
    send_date: date | None
    status: str
    made_up_to: int
    created_count: int
    errors: list[dict[str, str]]
    actor: str
    told: str
    refused_count: int
    stopped: str
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class Standing(NamedTuple):
    """Sends of a campaign that are not cancelled: not begun, being printed, further on."""

    ready: int
    printing: int
    beyond: int


class Refused(NamedTuple):
    """A contact that a campaign passed over, and why."""

    contact_id: int
    name: str
    company: str
    address_line1: str
    city: str
    state: str
    postal_code: str
    country: str
    reason: str


MAILING = Noun("mailing", MailingRow, "description || ' ' || coalesce(metadata::text, '')", key="campaign_id")


async def standings(connection: Connection, scope: Scope, campaign_ids: Sequence[int]) -> dict[int, Standing]:
    """How the sends of campaigns stand, by the campaigns' numbers; those without a send are left out."""
    cursor = await connection.execute(SQL["standings"], {**within(scope), "campaign_ids": list(campaign_ids)})
    return {campaign_id: Standing(*row) async for campaign_id, *row in cursor}


async def first_sends(connection: Connection, scope: Scope, campaign_ids: Sequence[int]) -> dict[int, int]:
    """The first send of each campaign that has one."""
    if not campaign_ids:
        return {}
    cursor = await connection.execute(SQL["first_sends"], {**within(scope), "campaign_ids": list(campaign_ids)})
    return {campaign_id: send_id async for campaign_id, send_id in cursor}


async def refuse(connection: Connection, scope: Scope, campaign_id: int, reasons: Mapping[int, str]) -> None:
    """Keep whom a campaign, which its caller holds, can never send to: the reasons by the contacts' numbers."""
    parameters = {"campaign_id": campaign_id, "contact_ids": list(reasons), "reasons": list(reasons.values())}
    await connection.execute(SQL["refuse"], {**within(scope), **parameters})


async def refused(connection: Connection, scope: Scope, campaign_id: int, after: int, limit: int) -> list[Refused]:
    """At most `limit` of whom a campaign passed over, beyond the contact numbered `after`, by their numbers."""
    parameters = {"campaign_id": campaign_id, "after": after, "limit": limit}
    cursor = await connection.execute(SQL["refused"], {**within(scope), **parameters})
    return [Refused(*row) async for row in cursor]


async def go_on(connection: Connection, scope: Scope) -> None:
    """Have a worker look at once at those that wait for something."""
    await connection.execute(SQL["go_on"], within(scope))


async def sends(connection: Connection, scope: Scope, campaign_id: int, after: int, limit: int) -> list[int]:
    """At most `limit` of a campaign's sends beyond the one numbered `after`, in the order of their numbers."""
    parameters = {"campaign_id": campaign_id, "after": after, "limit": limit}
    cursor = await connection.execute(SQL["sends"], {**within(scope), **parameters})
    return [number async for (number,) in cursor]


async def cancelled(connection: Connection, scope: Scope, campaign_id: int, up_to: int, done: bool) -> None:
    """The sends of a campaign, a deleted one too, are cancelled up to one of them; `done`: that was the last."""
    parameters = {"campaign_id": campaign_id, "up_to": up_to, "done": done}
    await connection.execute(SQL["cancelled"], {**within(scope), **parameters})


async def put_off(connection: Connection, scope: Scope, campaign_id: int, seconds: float) -> None:
    """A worker looks at one again after so many seconds."""
    await connection.execute(SQL["put_off"], {**within(scope), "campaign_id": campaign_id, "seconds": seconds})
