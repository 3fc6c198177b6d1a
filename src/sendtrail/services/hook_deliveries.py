"""What hooks were told: to look at, to tell again, one or all of a time; and trials of a receiver."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain import notices
from sendtrail.domain.deliveries import NOBODY, State, subject_of
from sendtrail.domain.events import Kind
from sendtrail.domain.flat import flat
from sendtrail.domain.notice_bodies import NATIVE, Told
from sendtrail.domain.notice_samples import made_up
from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import KindWord
from sendtrail.services.accounts import number_of
from sendtrail.services.campaigns import called
from sendtrail.services.context import Context
from sendtrail.services.hooks import check_open, held, label_of, no_hook
from sendtrail.services.send_ids import send_number
from sendtrail.store import audit, organizations
from sendtrail.store import hook_deliveries as store
from sendtrail.store import hooks as hook_store
from sendtrail.store.database import Connection
from sendtrail.store.hook_deliveries import DeliveryRow, Narrowed, WholeRow
from sendtrail.store.hooks import HookRow

StateWord = Literal["waiting", "pending", "delivered", "failed", "dropped"]
StandingWord = Literal[StateWord, "nobody"]
"""By what deliveries are narrowed: `nobody` are those delivered to a CRM that knows nobody whom the send went to."""
MOST_AGAIN = 100_000
MOST_SAMPLES = 100


class ToldSend(msgspec.Struct, frozen=True):
    """The send of which a hook was told; `name`: whom it is for."""

    id: str
    kind: str
    name: str


class Delivery(msgspec.Struct, frozen=True):
    """One event told to one hook. `event`: the id of what is told, the same however often. `send`: null where it is of
    something else, the `subject` by its id (a campaign, an order of return envelopes); both are null for a trial.

    `state`: `waiting` for its day, `pending` (to be sent or tried again), `delivered`, `failed` (after ten tries) or
    `dropped` (no longer true on its day, or the hook ended). `again`: somebody had it told once more. `due_at`: when it
    waits no longer, or is tried next; null once it ended. `status`: HTTP's, with `took_ms` and `error`, of the last
    try; 404 of what was delivered: the CRM knows nobody whom the send went to, as `note` says in its words.
    """

    id: str
    hook: str
    event: str
    type: str
    sequence: int
    occurred_at: datetime
    send: ToldSend | None
    subject: str | None
    state: StateWord
    again: bool
    tries: int
    due_at: datetime | None
    created_at: datetime
    ended_at: datetime | None
    status: int | None
    took_ms: int | None
    error: str
    note: str


class Attempt(msgspec.Struct, frozen=True):
    """A try that failed. `status`: null where there was no answer."""

    at: datetime
    status: int | None
    took_ms: int | None
    error: str


class WholeDelivery(Delivery, frozen=True):
    """A delivery with all that was said. `body`: what is told, before it takes the form that the hook wants; `answer`:
    the beginning of what the receiver answered last."""

    body: dict[str, Any]
    answer: str
    attempts: list[Attempt]


class Again(msgspec.Struct, frozen=True):
    """How many deliveries are told once more."""

    replayed: int


class Chosen(NamedTuple):
    """Which deliveries to list; empty: all. `type`: one type, or many by a pattern; `send`: by id; the days are the
    organization's, both in it."""

    state: str = ""
    type: str = ""
    send: str = ""
    start: date | None = None
    end: date | None = None


class Heard(NamedTuple):
    """Of which sends a hook hears; empty: of all. `campaigns` by id or name; of `tags` one is enough."""

    campaigns: Sequence[str] = ()
    kinds: Sequence[KindWord] = ()
    tags: Sequence[str] = ()


async def list_deliveries(
    context: Context, scope: Scope, hook_id: str, chosen: Chosen, *, limit: int, after: str | None = None
) -> tuple[list[Delivery], str | None]:
    """What a hook was told and is to be told, the newest first, and the cursor of the next page.

    NotFound; Invalid names the filter; Forbidden for who may not see all sends.
    """
    _require_all_sends(scope)
    before = None if after is None else _cursor(context, after)
    async with context.database.snapshot() as connection:
        hook = await _read(connection, context, scope, hook_id)
        own = await organizations.get(connection, scope)
        narrowed = _narrowed(context, chosen, ZoneInfo(own.time_zone))
        rows = await store.page(connection, scope, hook.id, narrowed, before, limit + 1)
    shown = [_delivery(context, row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


async def get(context: Context, scope: Scope, hook_id: str, delivery_id: str) -> WholeDelivery:
    """One delivery with its body. NotFound; Forbidden for who may not see all sends."""
    _require_all_sends(scope)
    async with context.database.snapshot() as connection:
        hook = await _read(connection, context, scope, hook_id)
        return _whole(context, await _row(connection, context, scope, hook, delivery_id))


async def of_send(context: Context, scope: Scope, send_id: str, limit: int) -> list[tuple[Delivery, str]]:
    """What the organization's hooks were told of a send, the newest first, each with what its hook is called."""
    async with context.database.snapshot() as connection:
        rows = await store.of_send(connection, scope, send_number(context, send_id), limit)
        hooks = {
            row.id: label_of(row) for row in await hook_store.named(connection, scope, [row.hook_id for row in rows])
        }
    return [(_delivery(context, row), hooks[row.hook_id]) for row in rows]


async def replay(context: Context, scope: Scope, hook_id: str, delivery_id: str) -> Delivery:
    """Tell once more what a delivery told: a new one of the same event. What is still pending is tried at once instead,
    after what comes before it of the same send: the answer is that delivery.

    NotFound; Conflict where the hook has ended, and for what waits for its day.
    """
    _require_all_sends(scope)

    async def act(connection: Connection) -> Delivery:
        hook = await _open(connection, context, scope, hook_id)
        old = (await _row(connection, context, scope, hook, delivery_id)).delivery
        made = await _told_now(connection, scope, hook, old.id)
        await audit.note(connection, scope, "hook.replayed", label_of(hook), event=old.type)
        return await _told(connection, context, scope, hook, made)

    return await context.database.run(act)


async def _told_now(connection: Connection, scope: Scope, hook: HookRow, number: int) -> int | None:
    """The number of the delivery by which it is told."""
    coming = await store.coming(connection, scope, hook.id, number)
    if coming is None:
        return await store.again(connection, scope, hook.id, number)
    known, state, due_at = coming
    if state is State.WAITING:
        day = f"{due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        raise Conflict(f"this was not told yet: it waits for its day and is told at {day}", "id")
    await store.hurry(connection, scope, hook.id, known)
    return known


async def replay_all(
    context: Context,
    scope: Scope,
    hook_id: str,
    since: datetime,
    until: datetime | None = None,
    *,
    failed_only: bool = False,
) -> Again:
    """Tell once more, in its order, what a hook was told of from `since` until before `until`; or only what never
    arrived. What is still to be told comes anyway.

    NotFound; Invalid names `since` or `until`; Conflict where the hook has ended.
    """
    _require_all_sends(scope)
    for name, moment in (("since", since), ("until", until)):
        if moment and moment.tzinfo is None:
            raise Invalid(f"{name} must say its time zone, such as 2026-03-02T09:00:00Z", name)
    if until and until <= since:
        raise Invalid("until must be later than since", "until")

    async def act(connection: Connection) -> Again:
        hook = await _open(connection, context, scope, hook_id)
        n = await store.all_again(
            connection, scope, hook.id, since, until, failed_only=failed_only, limit=MOST_AGAIN + 1
        )
        if n > MOST_AGAIN:
            raise Invalid(f"until: this is more than {MOST_AGAIN:,} deliveries at once: choose a shorter time", "until")
        detail = {"since": since.isoformat(), "until": until.isoformat() if until else "now", "deliveries": n}
        action = "hook.recovered" if failed_only else "hook.replayed"
        await audit.note(connection, scope, action, label_of(hook), **detail)
        return Again(n)

    return await context.database.run(act)


async def try_out(context: Context, scope: Scope, hook_id: str, type_: str = "") -> Delivery:
    """Tell a hook of something made up, which says so: `"sample": true`. `type_`: empty for the first that it hears.

    NotFound; Invalid names `type`; Conflict where the hook has ended.
    """

    async def act(connection: Connection) -> Delivery:
        hook = await _open(connection, context, scope, hook_id)
        type_told = _known_type(type_) if type_ else first_type(hook.events)
        own = await organizations.get(connection, scope)
        organization = {"id": context.ids.encode("organization", scope.organization_id), "name": own.name}
        now = datetime.now(UTC)

        def body(number: int) -> str:
            told = Told(context.ids.encode("event", number), type_told, now, now, 0, scope.live)
            return msgspec.json.encode(made_up(told, organization)).decode()

        made = await store.tell_trial(connection, scope, hook.id, type_told, body)
        return await _told(connection, context, scope, hook, made)

    return await context.database.run(act)


async def sample(
    context: Context, scope: Scope, events: Sequence[str], format_: str, heard: Heard, limit: int
) -> list[dict[str, Any]]:
    """What a hook with these events would be told, in its shape: the last real ones, the newest first; where there are
    none, one that is made up and says so: `"sample": true`. Who may not see all sends gets that one.

    Invalid names `events` or `campaign`.
    """
    events = notices.checked(events)
    found: list[str] = []
    async with context.database.snapshot() as connection:
        own = await organizations.get(connection, scope)
        named = await called(connection, context, scope, heard.campaigns)
        for text in heard.campaigns:
            if text not in named:
                raise Invalid(f"campaign {text[:60]!a} does not exist", "campaign")
        campaigns = sorted({row.id for row in named.values()})
        kinds = [Kind[word.upper()].value for word in heard.kinds]
        if scope.may(Permission.SENDS_READ, Reach.ORGANIZATION):
            types = sorted(notices.expand(events))
            found = await store.recent(connection, scope, types, campaigns, kinds, heard.tags, limit)
    bodies = [msgspec.json.decode(body, type=dict[str, Any]) for body in found]
    if not bodies:
        at, made_at = (datetime.fromisoformat(NATIVE[name]) for name in ("timestamp", "created_at"))
        told = Told(context.ids.encode("event", 0), first_type(events), at, made_at, 1, scope.live)
        organization = {"id": context.ids.encode("organization", scope.organization_id), "name": own.name}
        bodies = [made_up(told, organization)]
    return [flat(body) for body in bodies] if format_ == "flat" else bodies


def first_type(events: Sequence[str]) -> str:
    """A type that a hook hears, to try it with."""
    first = events[0]
    if first == "send.*":
        return "send.out_for_delivery"
    return notices.PATTERNS.get(first, (first,))[0]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins by an organization's clocks."""
    return datetime.combine(day, time(), zone)


async def _read(connection: Connection, context: Context, scope: Scope, hook_id: str) -> HookRow:
    row = await hook_store.get(connection, scope, number_of(context, "webhook", hook_id))
    if row is None:
        raise no_hook(hook_id)
    return row


async def _open(connection: Connection, context: Context, scope: Scope, hook_id: str) -> HookRow:
    row = await held(connection, context, scope, hook_id)
    check_open(row)
    return row


async def _row(connection: Connection, context: Context, scope: Scope, hook: HookRow, delivery_id: str) -> WholeRow:
    found = await store.get(connection, scope, hook.id, number_of(context, "delivery", delivery_id))
    if found is None:
        raise NotFound(f"no delivery {delivery_id[:60]!a}", "id")
    return found


async def _told(connection: Connection, context: Context, scope: Scope, hook: HookRow, number: int | None) -> Delivery:
    found = None if number is None else await store.get(connection, scope, hook.id, number)
    assert found is not None  # noqa: S101 — it was made in this transaction
    return _delivery(context, found.delivery)


def _require_all_sends(scope: Scope) -> None:
    """What a hook was told may be of anybody's sends."""
    scope.require(Permission.SENDS_READ, Reach.ORGANIZATION)


def _known_type(type_: str) -> str:
    if type_ not in notices.TYPES:
        raise Invalid(f"type {type_[:60]!a} is no type of event; send.delivered is one", "type")
    return type_


def _narrowed(context: Context, chosen: Chosen, zone: ZoneInfo) -> Narrowed:
    if chosen.state and chosen.state not in get_args(StandingWord):
        raise Invalid(f"state must be one of {', '.join(get_args(StandingWord))}", "state")
    nobody = chosen.state == "nobody"
    state = State.DELIVERED if nobody else State[chosen.state.upper()] if chosen.state else None
    if chosen.type and chosen.type not in notices.PATTERNS:
        _known_type(chosen.type)
    if chosen.start and chosen.end and chosen.start > chosen.end:
        raise Invalid(f"start must not lie after end, which is {chosen.end}", "start")
    send_id = None
    if chosen.send:
        try:
            send_id = send_number(context, chosen.send)
        except NotFound:
            raise Invalid("send must be the id of a send, such as letter_…", "send") from None
    return Narrowed(
        state,
        sorted(notices.expand([chosen.type])) if chosen.type else None,
        send_id,
        midnight(chosen.start, zone) if chosen.start else None,
        midnight(chosen.end + timedelta(1), zone) if chosen.end and chosen.end < date.max else None,
        NOBODY if nobody else None,
    )


def _cursor(context: Context, after: str) -> int:
    try:
        return number_of(context, "delivery", after)
    except NotFound:
        raise Invalid("after must be a cursor that a list answered as next", "after") from None


def _fields(context: Context, row: DeliveryRow) -> dict[str, Any]:
    state, ids, subject = State(row.state), context.ids, subject_of(row.send_id)
    send = None
    if row.kind is not None:
        kind = Kind(row.kind).word
        send = ToldSend(ids.encode(kind, row.send_id), kind, row.recipient)
    return {
        "id": ids.encode("delivery", row.id),
        "hook": ids.encode("webhook", row.hook_id),
        "event": ids.encode("event", row.notification_id),
        "type": row.type,
        "sequence": row.sequence,
        "occurred_at": row.occurred_at,
        "send": send,
        "subject": ids.encode(*subject) if subject else None,
        "state": state.word,
        "again": row.again,
        "tries": row.tries,
        "due_at": row.due_at if state in (State.WAITING, State.PENDING) else None,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "status": row.status,
        "took_ms": row.took_ms,
        "error": row.error,
        "note": row.note,
    }


def _delivery(context: Context, row: DeliveryRow) -> Delivery:
    return Delivery(**_fields(context, row))


def _whole(context: Context, row: WholeRow) -> WholeDelivery:
    attempts = msgspec.convert(row.attempts, list[Attempt])
    body = msgspec.json.decode(row.body, type=dict[str, Any])
    return WholeDelivery(**_fields(context, row.delivery), body=body, answer=row.answer, attempts=attempts)
