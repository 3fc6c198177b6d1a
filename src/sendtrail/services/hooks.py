"""Hooks: whom an organization tells what happens to its sends, in one mode, and how each fares."""

import math
from datetime import UTC, datetime
from typing import Literal, cast
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain import notices, signatures
from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import KindWord
from sendtrail.services.accounts import number_of
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import Format, check_url, checked
from sendtrail.services.hook_plans import HookPlan as HookPlan
from sendtrail.services.hook_settings import TARGETS, Target, TargetWord
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit
from sendtrail.store import hooks as store
from sendtrail.store.database import Connection
from sendtrail.store.hooks import MOST_COUNTED as MOST_COUNTED
from sendtrail.store.hooks import Content, HealthRow, HookRow

State = Literal["active", "failing", "disabled", "ended"]
MOST_HOOKS = 500
OLD_SECRET_HOURS = 24
MOST_OLD_SECRETS = 5
BY_HAND = "by hand"
_STANDARD = ("standard", "flat")
_QUIET = HealthRow(0, None, 0, 0, 0, 0)


class HeardCampaign(msgspec.Struct, frozen=True):
    """A campaign whose sends a hook hears of."""

    id: str
    name: str


class Health(msgspec.Struct, frozen=True):
    """How a hook fares. `pending`: deliveries to be sent or tried again, 10,001 for more than 10,000, the oldest since
    `oldest_pending_at`; `waiting`: those that wait for their day. Of the deliveries of the last 24 hours, the latest
    1,000 of them, `tried` were tried and `delivered` arrived: `success_rate` per cent, null before any was. Of `nobody`
    of these the CRM knew whom they are about.

    `failures` in a row, since `failing_since`; after many the hook is left alone until `resting_until`.
    """

    pending: int
    oldest_pending_at: datetime | None
    waiting: int
    delivered: int
    tried: int
    nobody: int
    success_rate: float | None
    failures: int
    failing_since: datetime | None
    resting_until: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None


class Hook(msgspec.Struct, frozen=True):
    """Somebody who is told, without the secret. `state`: `active`, `failing`, `disabled` (what happens waits) or
    `ended` (its receiver wanted no more; nothing is told). `old_secret_until`: until then the secret before signs too,
    null where a way of signing has room for one only.
    """

    id: str
    name: str
    live: bool
    target: TargetWord
    url: str
    format: Format
    settings: dict[str, object]
    events: list[str]
    kinds: list[KindWord]
    campaigns: list[HeardCampaign]
    tags: list[str]
    bots: bool
    clients: bool
    wait_days: int
    description: str
    metadata: dict[str, object] | None
    state: State
    disabled_at: datetime | None
    disabled_why: str
    ended_at: datetime | None
    ended_why: str
    old_secret_until: datetime | None
    created_at: datetime
    made_by: str
    health: Health

    @property
    def label(self) -> str:
        """What people call it: its name, or else where it leads."""
        return self.name or where(self.target, self.url, self.settings)


class NewHook(Hook, frozen=True):
    """A hook that was made; `secret` signs what it is told. Null where nothing is signed, and for a repeat."""

    secret: str | None


class Secret(msgspec.Struct, frozen=True):
    """What signs the notifications of a hook. `old_secret_until`: until then the one before signs too, null where
    a way of signing has room for one only."""

    secret: str
    old_secret_until: datetime | None


async def make(
    context: Context,
    scope: Scope,
    plan: HookPlan,
    target: str = "webhook",
    secret: str = "",
    *,
    request: Request | None = None,
) -> NewHook:
    """A new hook of the scope's organization and mode. `secret`: one of one's own; empty: Sendtrail makes it.

    Invalid names the field; Forbidden for who may not see all sends; Conflict where there are too many.
    """
    _require_all_sends(scope)
    kind = TARGETS.get(target)
    if kind is None:
        raise Invalid(f"target must be one of {', '.join(TARGETS)}", "target")
    await check_url(context, plan, kind)
    fresh = ""

    async def act(connection: Connection) -> bytes:
        nonlocal fresh
        content = await checked(connection, context, scope, plan, kind)
        if await store.count(connection, scope) >= MOST_HOOKS:
            raise Conflict(f"there are {MOST_HOOKS} hooks already: delete one that is not needed")
        fresh = _secret(kind, content.format, secret)
        number = await store.add(connection, scope, target, fresh, content)
        row = await held(connection, context, scope, context.ids.encode("webhook", number))
        made = _hook(context, scope, row, _QUIET)
        await audit.note(connection, scope, "hook.added", made.label, target=target, events=content.events)
        return msgspec.json.encode(made)  # what is kept for a repeat must not hold the secret

    made = msgspec.json.decode(await once(context, scope, request, act), type=Hook)
    return NewHook(**{name: getattr(made, name) for name in Hook.__struct_fields__}, secret=fresh or None)


async def list_hooks(
    context: Context, scope: Scope, *, limit: int = MOST_HOOKS, after: str | None = None
) -> tuple[list[Hook], str | None]:
    """Hooks that were not deleted, the newest first, and the cursor of the next page. Invalid names `after`."""
    before = _cursor(context, after)
    async with context.database.snapshot() as connection:
        rows = await store.page(connection, scope, limit=limit + 1, before=before)
        health = await store.health(connection, scope, [row.id for row in rows[:limit]])
    shown = [_hook(context, scope, row, health[row.id]) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


async def get(context: Context, scope: Scope, hook_id: str) -> Hook:
    """One hook; NotFound where the scope has none of that id."""
    async with context.database.snapshot() as connection:
        row = await store.get(connection, scope, number_of(context, "webhook", hook_id))
        if row is None:
            raise no_hook(hook_id)
        return _hook(context, scope, row, (await store.health(connection, scope, [row.id]))[row.id])


async def change(
    context: Context,
    scope: Scope,
    hook_id: str,
    plan: HookPlan,
    *,
    enabled: bool | UnsetType = UNSET,
    secret: str | UnsetType = UNSET,
) -> Hook:
    """Let a hook be as said from now on; what is left out stays. Where its url is another one, or it is `enabled`, what
    waits is sent at once; while it is not enabled, what happens waits. `secret`: as by `rotate`, of one's own.

    NotFound; Invalid names the field; Forbidden for who may not see all sends; Conflict for one that has ended.
    """
    _require_all_sends(scope)
    before = await get(context, scope, hook_id)
    await check_url(context, plan, TARGETS[before.target], before.url)

    async def act(connection: Connection) -> None:
        row = await held(connection, context, scope, hook_id)
        check_open(row)
        known = _content(row)
        content = await checked(connection, context, scope, plan, TARGETS[row.target], known)
        fresh = row.secret if secret is UNSET else _secret(TARGETS[row.target], content.format, secret)
        if secret is UNSET and (content.format in _STANDARD) != (known.format in _STANDARD):
            try:
                signatures.checked_secret(row.secret, standard=content.format in _STANDARD)
            except Invalid:
                raise Conflict(
                    "format: the secret is none for that way of signing: rotate it first", "format"
                ) from None
        await store.change(connection, scope, row.id, content)
        if fresh != row.secret:
            await _sign_anew(connection, scope, row, fresh)
        if enabled is True or (content.url != known.url and not row.disabled_at):
            await store.wake(connection, scope, row.id)
        if enabled is False and not row.disabled_at:
            await store.disable(connection, scope, row.id, BY_HAND)
        if enabled is not UNSET and enabled is bool(row.disabled_at):
            await audit.note(connection, scope, "hook.enabled" if enabled else "hook.disabled", label_of(row))
        if news := _news(known, content):
            await audit.note(connection, scope, "hook.changed", label_of(row), **news)

    await context.database.run(act)
    return await get(context, scope, hook_id)


async def delete(context: Context, scope: Scope, hook_id: str) -> None:
    """Tell a hook nothing more, not even what waits, and forget it. NotFound where the scope has none of that id."""

    async def act(connection: Connection) -> None:
        row = await held(connection, context, scope, hook_id)
        await store.end(connection, scope, row.id)
        await audit.note(connection, scope, "hook.deleted", label_of(row))

    await context.database.run(act)


async def secret_of(context: Context, scope: Scope, hook_id: str) -> Secret:
    """What signs what a hook is told. NotFound; Conflict for a target that nothing is signed for."""
    async with context.database.snapshot() as connection:
        row = await store.get(connection, scope, number_of(context, "webhook", hook_id))
    if row is None:
        raise no_hook(hook_id)
    _check_signed(row)
    return Secret(row.secret, _latest(row))


async def rotate(context: Context, scope: Scope, hook_id: str, secret: str = "") -> Secret:
    """Sign with another secret from now on: one that is given, or that Sendtrail makes.

    For 24 hours the one before signs too, where a way of signing has room for two. NotFound; Invalid names `secret`;
    Conflict for a target that nothing is signed for, or where five before sign already.
    """

    async def act(connection: Connection) -> Secret:
        row = await held(connection, context, scope, hook_id)
        check_open(row)
        _check_signed(row)
        fresh = _secret(TARGETS[row.target], row.format, secret)
        if fresh == row.secret:
            raise Invalid("secret is the one that signs already: choose another, or leave it out", "secret")
        await _sign_anew(connection, scope, row, fresh)
        return Secret(fresh, _latest(await held(connection, context, scope, hook_id)))

    return await context.database.run(act)


async def _sign_anew(connection: Connection, scope: Scope, row: HookRow, secret: str) -> None:
    if len(row.signing_until) >= MOST_OLD_SECRETS:
        free = f"{row.signing_until[0].astimezone(UTC):%H:%M} UTC"
        raise Conflict(f"{MOST_OLD_SECRETS} secrets before sign too, each for its day: change it after {free}", "id")
    await store.rotate(connection, scope, row.id, secret, OLD_SECRET_HOURS)
    await audit.note(connection, scope, "hook.rotated", label_of(row))


def where(target: str, url: str, settings: dict[str, object]) -> str:
    """Where a hook leads, in a few words and without what may be secret: a host, or addresses."""
    if url:
        return urlsplit(url).hostname or url
    to = settings.get("to")
    return ", ".join(to) if isinstance(to, list) else TARGETS[target].label


def no_hook(hook_id: str) -> NotFound:
    """The refusal for a hook that is not there."""
    return NotFound(f"no webhook {hook_id[:60]!a}", "id")


async def held(connection: Connection, context: Context, scope: Scope, hook_id: str) -> HookRow:
    """The row of a hook that nobody else changes before the transaction ends; NotFound where there is none."""
    row = await store.hold(connection, scope, number_of(context, "webhook", hook_id))
    if row is None:
        raise no_hook(hook_id)
    return row


def check_open(row: HookRow) -> None:
    """Conflict for a hook that has ended."""
    if row.ended_at:
        raise Conflict("this hook has ended, as its receiver answered 410 Gone: make another one", "id")


def label_of(row: HookRow) -> str:
    """What people call a hook."""
    return row.name or where(row.target, row.url, row.settings)


def _require_all_sends(scope: Scope) -> None:
    """A hook hears of all sends: nobody learns by one what they may not see."""
    scope.require(Permission.HOOKS_WRITE)
    if not scope.may(Permission.SENDS_READ, Reach.ORGANIZATION):
        raise Forbidden("a hook hears of all sends: it takes the permission to see those of the whole organization")


def _check_signed(row: HookRow) -> None:
    if not TARGETS[row.target].signed:
        raise Conflict(f"nothing is signed for the target {row.target}, so it has no secret", "id")


def _news(known: Content, content: Content) -> dict[str, object]:
    """What of a hook is another now, for the record: addresses of chats are as good as keys, and settings hold some."""
    changed = [name for name in Content._fields if getattr(known, name) != getattr(content, name) and name != "codes"]
    return {name: "changed" if name in ("url", "settings", "metadata") else getattr(content, name) for name in changed}


def _secret(target: Target, format_: str, given: str) -> str:
    """The secret of a hook: what somebody gave, or a new one; none where nothing is signed. Invalid names `secret`."""
    if not target.signed:
        if given:
            raise Invalid("secret is for webhooks: nothing is signed for this target", "secret")
        return ""
    return signatures.checked_secret(given, standard=format_ in _STANDARD) if given else signatures.new_secret()


def _content(row: HookRow) -> Content:
    return Content(
        row.name,
        row.url,
        row.format,
        row.settings,
        row.events,
        notices.heard(row.events),
        row.kinds,
        [number for number, _ in row.campaigns],
        row.tags,
        row.bots,
        row.clients,
        row.wait_days,
        row.description,
        row.metadata,
    )


def _state(row: HookRow) -> State:
    if row.ended_at:
        return "ended"
    if row.disabled_at:
        return "disabled"
    return "failing" if row.failing_since else "active"


def _latest(row: HookRow) -> datetime | None:
    """Until when a secret before signs too."""
    return max(row.signing_until, default=None)


def _future(moment: datetime | None) -> datetime | None:
    return moment if moment and moment > datetime.now(UTC) else None


def _hook(context: Context, scope: Scope, row: HookRow, health: HealthRow) -> Hook:
    return Hook(
        id=context.ids.encode("webhook", row.id),
        name=row.name,
        live=scope.live,
        target=cast(TargetWord, row.target),
        url=row.url,
        format=cast(Format, row.format),
        settings=TARGETS[row.target].shown(row.settings),
        events=row.events,
        kinds=[cast(KindWord, Kind(kind).word) for kind in row.kinds],
        campaigns=[HeardCampaign(context.ids.encode("campaign", id_), name) for id_, name in row.campaigns],
        tags=row.tags,
        bots=row.bots,
        clients=row.clients,
        wait_days=row.wait_days,
        description=row.description,
        metadata=row.metadata,
        state=_state(row),
        disabled_at=row.disabled_at,
        disabled_why=row.disabled_why,
        ended_at=row.ended_at,
        ended_why=row.ended_why,
        old_secret_until=_latest(row),
        created_at=row.created_at,
        made_by=row.made_by,
        health=Health(
            pending=health.pending,
            oldest_pending_at=health.oldest_at,
            waiting=health.waiting,
            delivered=health.delivered,
            tried=health.tried,
            nobody=health.nobody,
            success_rate=_rate(health),
            failures=row.failures,
            failing_since=row.failing_since,
            resting_until=_future(row.rest_until),
            last_success_at=row.last_success_at,
            last_failure_at=row.last_failure_at,
        ),
    )


def _rate(health: HealthRow) -> float | None:
    """Per cent with one digit: not all is never all."""
    return math.floor(1000 * health.delivered / health.tried) / 10 if health.tried else None


def _cursor(context: Context, after: str | None) -> int | None:
    if after is None:
        return None
    try:
        return number_of(context, "webhook", after)
    except NotFound:
        raise Invalid("after must be a cursor that a list answered as next", "after") from None
