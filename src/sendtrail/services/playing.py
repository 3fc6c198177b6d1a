"""What is told of test sends to rehearse with: by the ways of real mail, at the moment at which it is told."""

from datetime import date, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import Evidence, Kind
from sendtrail.domain.observation import Observation, as_detail, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.domain.problems import Conflict
from sendtrail.domain.progression import way_of
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, routing_of
from sendtrail.domain.service_types import mail_class_of
from sendtrail.domain.trail import Status
from sendtrail.services.context import Context
from sendtrail.services.send_ids import no_send, send_named
from sendtrail.services.small_files import take_file
from sendtrail.simulator.tellings import Report, Subject, Telling, file_of, source_of
from sendtrail.store import changes, ingest, organizations, sends
from sendtrail.store.database import Connection
from sendtrail.store.sends import SendRow

TEST_ONLY = "this is a live send: only test sends can be moved along and rehearsed"


class TestSend(NamedTuple):
    """A test send that nothing changes until the transaction ends."""

    send_id: int
    status: Status
    subject: Subject
    day: date

    async def require_day(self, connection: Connection, scope: Scope, now: datetime) -> None:
        """Conflict where its day is still to come: until then its barcode is nobody's."""
        zone = ZoneInfo((await organizations.get(connection, scope)).time_zone)
        if self.day > now.astimezone(zone).date():
            raise Conflict(f"its send date, {self.day}, is still to come: give it an earlier one first", "send_date")


async def held(connection: Connection, context: Context, scope: Scope, public_id: str) -> TestSend:
    """A test send to which the scope may write. NotFound; Conflict for a live one."""
    scope.require(Permission.SENDS_WRITE)
    kind, send_id = send_named(context, public_id)
    await ingest.take_part(connection, scope)
    found = (await changes.hold(connection, scope, [send_id], Permission.SENDS_WRITE)).get(send_id)
    if found is None or found.kind is not kind:
        raise no_send(public_id)
    if scope.live:
        raise Conflict(TEST_ONLY, "id")
    row = await _row(connection, scope, send_id)
    return TestSend(send_id, found.status, _subject(context, row), row.created_on)


async def tell(
    connection: Connection,
    context: Context,
    scope: Scope,
    send_id: int,
    subject: Subject,
    telling: Telling,
    now: datetime,
    name: str,
) -> list[int]:
    """Tell one fact as of `now` (aware), within the caller's transaction; the events of it, packed as items.

    What comes in files goes through one, which is called `name` and an ending, as any file does; the rest is reported.
    """
    if not isinstance(telling, Report):
        ending, content = file_of(subject, telling, now)
        return (await take_file(connection, context, scope, content, f"{name}.{ending}", now, sample=True)).items
    detail = as_detail({"note": telling.note})
    item = event_item(to_ms(now), telling.code, source_of(telling), Evidence.REPORTED, detail)
    rows = ingest.copy_rows([Observation(0, item, send=str(send_id), detail=detail)], to_ms(now) // 1000)
    await ingest.record(connection, scope, rows)
    return [item]


async def subject_of(connection: Connection, context: Context, scope: Scope, send_id: int) -> Subject:
    """A send of the scope's organization, as far as its journey depends on it."""
    return _subject(context, await _row(connection, scope, send_id))


def post_class(mailing_class: str) -> Literal["first_class", "marketing"]:
    """As which of the two classes that journeys know a send travels."""
    return "marketing" if mail_class_of(mailing_class) == "marketing" else "first_class"


def _subject(context: Context, row: SendRow) -> Subject:
    kind, to = Kind(row.kind), msgspec.convert(row.recipient, Address)
    home = msgspec.convert(row.return_address, Address) if row.return_address else None
    return Subject(
        id=context.ids.encode(kind.word, row.send_id),
        kind=kind,
        way=way_of(kind, row.post, row.supplier),
        imb=row.imb,
        mailing_class=post_class(row.mailing_class),
        city=to.city,
        zip=routing_of(to)[:5],
        home_zip=routing_of(home)[:5] if home else "",
        alone=not row.campaign_id,
    )


async def _row(connection: Connection, scope: Scope, send_id: int) -> SendRow:
    """Whoever may write to a send may have it told of, whether or not they see sends."""
    everything = Scope(scope.organization_id, scope.live, scope.actor)
    (row,) = await sends.read(connection, everything, [send_id])
    return row
