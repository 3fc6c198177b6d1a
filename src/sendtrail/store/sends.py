"""Sends: made once, never touched by feeds; their trails are read here and written by `store.ingest`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from psycopg.types.json import Jsonb

from sendtrail.domain.events import CODE_BY_ID, Evidence, Kind, Source
from sendtrail.domain.observation import Facility
from sendtrail.domain.packing import NO_OPERATION, from_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import NewSend
from sendtrail.domain.terms import terms_of
from sendtrail.domain.trail import Event
from sendtrail.store import terms
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("sends.sql")


class Made(NamedTuple):
    """A settled send with all that the house decided about it, ready to be written."""

    send_id: int
    send: NewSend
    campaign_id: int
    created_at: datetime
    created_on: date
    cost_cents: int
    currency: str
    owner_id: int = 0
    team_id: int = 0
    imb_given: bool = False
    fund_id: int = 0


class SendRow(NamedTuple):
    """One send as it was asked for, and where it stands. Columns in the order of the statement `read`."""

    send_id: int
    live: bool
    kind: int
    campaign_id: int
    campaign: str
    created_at: datetime
    created_on: date
    send_date: date | None
    recipient: dict[str, Any]
    return_address: dict[str, Any] | None
    mailing_class: str
    extra_service: str
    post: str
    imb: str
    tracking_number: str
    carrier: str
    supplier: str
    sender: str
    external_id: str
    message: str
    tags: list[str]
    gift: dict[str, Any] | None
    metadata: dict[str, Any] | None
    cost_cents: int
    currency: str
    best: int
    expected: int
    owner_id: int
    team_id: int
    team: str
    owner_email: str
    owner_name: str
    fund_id: int
    fund: str
    replaces: int
    replaced_by: int
    link_id: int
    vendor: str
    vendor_id: str


async def numbers(connection: Connection, scope: Scope, n: int) -> list[int]:
    """The next `n` numbers of sends. One sequence serves all organizations: public ids hide it."""
    cursor = await connection.execute(_SQL["numbers"], {"n": n})
    return [row[0] async for row in cursor]


async def insert(connection: Connection, scope: Scope, sends: Sequence[Made]) -> None:
    """Write sends with an empty trail; `created` is recorded like any other event."""
    async with connection.cursor() as cursor:
        async with cursor.copy(_SQL["copy"]) as copy:
            for made in sends:
                await copy.write_row(_columns(scope, made))
        parameters = {"send_ids": [made.send_id for made in sends]}
        await cursor.execute(_SQL["states"], parameters)
        await cursor.execute(_SQL["aliases"], parameters)
    await terms.list_new(connection, scope, parameters["send_ids"])


async def take_place(connection: Connection, scope: Scope, send_id: int, replaced: int) -> None:
    """Keep that a send takes the place of another one."""
    await connection.execute(_SQL["take_place"], {**within(scope), "send_id": send_id, "replaced": replaced})


async def read(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> list[SendRow]:
    """Those of the sends that the scope may see, newest first."""
    query = reaching(_SQL["read"], scope, Permission.SENDS_READ)
    cursor = await connection.execute(query, {**within(scope), "send_ids": list(send_ids)})
    return [SendRow(*row) async for row in cursor]


async def trails(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> dict[int, list[Event]]:
    """The trails of these sends, each in order of arrival."""
    query = reaching(_SQL["trails"], scope, Permission.SENDS_READ)
    cursor = await connection.execute(query, {**within(scope), "send_ids": list(send_ids)})
    found: dict[int, list[Event]] = {send_id: [] for send_id in send_ids}
    async for send_id, *event in cursor:
        found[send_id].append(_event(*event))
    return found


async def facilities(connection: Connection, scope: Scope, zips: Sequence[str]) -> dict[str, Facility]:
    """What feeds called the facilities with these ZIPs."""
    cursor = await connection.execute(_SQL["facilities"], {**within(scope), "zips": [int(zip_) for zip_ in zips]})
    return {f"{zip_:05d}": Facility(zip_, name, city, state) async for zip_, name, city, state in cursor}


async def known(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> dict[int, Kind]:
    """Which of these sends the scope (with its clients) has, and their kinds."""
    cursor = await connection.execute(
        _SQL["known"], {"send_ids": list(send_ids), "organizations": scope.organizations, "live": scope.live}
    )
    return {send_id: Kind(kind) async for send_id, kind in cursor}


async def by_tracking_number(connection: Connection, scope: Scope, values: Sequence[str]) -> dict[str, int]:
    """The newest send with each of these tracking numbers."""
    return await _by_alias(connection, scope, "tracking_number", values)


async def by_vendor_id(connection: Connection, scope: Scope, names: Sequence[str]) -> dict[str, int]:
    """The newest send with each of these vendors' ids, as `lob:ltr_1`."""
    return await _by_alias(connection, scope, "vendor_id", names)


async def lock_vendors(connection: Connection, scope: Scope) -> None:
    """One at a time makes sends of vendors' ids in an organization and mode, until the transaction ends."""
    own = {"organization_id": scope.organization_id, "live": scope.live}
    await connection.execute(_SQL["lock_vendors"], own)


async def _by_alias(connection: Connection, scope: Scope, kind: str, values: Sequence[str]) -> dict[str, int]:
    named = {"kind": kind, "values": list(values), "organizations": scope.organizations, "live": scope.live}
    cursor = await connection.execute(_SQL["by_alias"], named)
    return {value: send_id async for value, send_id in cursor}


def _columns(scope: Scope, made: Made) -> tuple[object, ...]:
    send = made.send
    return (
        made.send_id, scope.organization_id, scope.live, send.kind_number, made.campaign_id, made.created_at,
        made.created_on, send.send_date, _jsonb(send.to), _jsonb(send.from_), send.mailing_class, send.extra_service,
        send.post or "", send.imb, send.tracking_number, send.carrier, send.supplier, send.sender, send.external_id,
        send.message, send.tags, _jsonb(send.gift), _jsonb(send.metadata), made.cost_cents, made.currency,
        made.owner_id, made.team_id, made.imb_given, terms.lines(terms_of(send)), made.fund_id, send.vendor,
        send.vendor_id,
    )  # fmt: skip


def _jsonb(value: object) -> Jsonb | None:
    return None if value is None else Jsonb(value, dumps=msgspec.json.encode)


def _event(
    seq: int,
    code_id: int,
    ms: int,
    source: int,
    evidence: int,
    phase: int,
    operation: int,
    recorded: int,
    zip_: int,
    zoneless: bool,
    detail: Mapping[str, object] | None,
) -> Event:
    return Event(
        seq=seq,
        code=CODE_BY_ID[code_id],
        occurred_at=from_ms(ms),
        recorded_at=from_ms(recorded * 1000),
        source=Source(source),
        evidence=Evidence(evidence),
        zip=f"{zip_:05d}" if zip_ else "",
        phase=Phase(phase),
        operation="" if operation == NO_OPERATION else f"{operation:03d}",
        zoneless=zoneless,
        detail=detail,
    )
