"""What hooks of all organizations are to be told, for the workers that tell them: each row carries its organization.

`delivery.attempts` has an entry for each try that failed: at, status, took_ms and error.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sendtrail.domain.deliveries import State
from sendtrail.domain.retrying import Health
from sendtrail.store.database import Connection, statements

_SQL = statements("system/deliveries.sql")


class HookRow(NamedTuple):
    """A hook as its targets need it. `secrets`: those that sign, the newest first; `ended`: it is told nothing more.
    Columns in the order of the statement `ready`."""

    id: int
    organization_id: int
    live: bool
    name: str
    target: str
    url: str
    format: str
    settings: dict[str, Any]
    secrets: list[str]
    ended: bool


class DueRow(NamedTuple):
    """A delivery that is to be tried now, and what it tells; `send_id` 0: a trial. Columns in the order of `due`."""

    id: int
    hook_id: int
    send_id: int
    tries: int
    notification_id: int
    type: str
    body: str


class Tried(NamedTuple):
    """How a delivery stands after a try. `wait`: until the next one, where it is still pending; `error` empty: it went
    well."""

    id: int
    state: State
    wait: timedelta
    at: datetime
    status: int | None
    took_ms: int
    error: str
    answer: str


class Fared(NamedTuple):
    """How a hook fares now; when it last succeeded and failed, None where it did not since the last time."""

    hook_id: int
    health: Health
    succeeded_at: datetime | None
    failed_at: datetime | None


class WaitedRow(NamedTuple):
    """A delivery whose day has come; the organization, mode and send are those of its notification."""

    id: int
    organization_id: int
    live: bool
    send_id: int
    occurred_at: datetime
    ended: bool


async def ready(connection: Connection, holder: str) -> list[HookRow]:
    """Hooks that may be told something now by `holder`, and those that have ended while something was pending."""
    cursor = await connection.execute(_SQL["ready"], {"holder": holder})
    return [HookRow(*row) async for row in cursor]


async def hold(connection: Connection, holder: str, hook_ids: Sequence[int], lease: timedelta) -> set[int]:
    """Take hooks, or keep them, for the time of `lease`: those of them that are the holder's now."""
    cursor = await connection.execute(_SQL["hold"], {"holder": holder, "hook_ids": list(hook_ids), "lease": lease})
    return {row[0] async for row in cursor}


async def let_go(connection: Connection, holder: str) -> None:
    """Leave all hooks of a holder to others."""
    await connection.execute(_SQL["let_go"], {"holder": holder})


async def due(
    connection: Connection, wanted: Sequence[tuple[int, int]], busy: Sequence[int], lease: timedelta
) -> list[DueRow]:
    """What is to be tried now of hooks that are held, with how many at most of each; `busy`: those being tried.

    In order by hook, send and number: those of one send one after the other. Others of a send that cannot be tried yet
    are put off, by `lease` at least.
    """
    given = {"hook_ids": [each for each, _ in wanted], "mosts": [most for _, most in wanted], "busy": list(busy)}
    cursor = await connection.execute(_SQL["due"], given | {"lease": lease})
    return [DueRow(*row) async for row in cursor]


async def record(connection: Connection, tried: Sequence[Tried]) -> None:
    """Write how tries went."""
    ids, states, waits, ats, statuses, tooks, errors, answers = (list(each) for each in zip(*tried, strict=True))
    values = {"ids": ids, "states": states, "waits": waits, "ats": ats, "statuses": statuses, "tooks": tooks}
    await connection.execute(_SQL["record"], values | {"errors": errors, "answers": answers})


async def set_free(connection: Connection, ended: Sequence[tuple[int, int]]) -> None:
    """Of these hooks and sends something has ended: the next may be tried."""
    given = {"hook_ids": [hook for hook, _ in ended], "send_ids": [send for _, send in ended]}
    await connection.execute(_SQL["set_free"], given)


async def health(connection: Connection, hook_ids: Sequence[int]) -> dict[int, Health]:
    """How hooks fare, which nobody changes until the transaction ends."""
    cursor = await connection.execute(_SQL["health"], {"hook_ids": list(hook_ids)})
    return {row[0]: Health(*row[1:]) async for row in cursor}


async def fared(connection: Connection, rows: Sequence[Fared]) -> None:
    """Write how hooks fare."""
    await connection.execute(
        _SQL["fared"],
        {
            "hook_ids": [each.hook_id for each in rows],
            "failures": [each.health.failures for each in rows],
            "failing_since": [each.health.failing_since for each in rows],
            "rest_until": [each.health.rest_until for each in rows],
            "succeeded_at": [each.succeeded_at for each in rows],
            "failed_at": [each.failed_at for each in rows],
        },
    )


async def disable(connection: Connection, hook_id: int, why: str) -> bool:
    """Tell a hook nothing for now; False where that was so already."""
    return (await connection.execute(_SQL["disable"], {"hook_id": hook_id, "why": why})).rowcount == 1


async def end(connection: Connection, hook_id: int, why: str) -> bool:
    """Tell a hook nothing more; False where that was so already."""
    return (await connection.execute(_SQL["end"], {"hook_id": hook_id, "why": why})).rowcount == 1


async def drop(connection: Connection, hook_ids: Sequence[int], most: int) -> int:
    """Drop some of what hooks that have ended were still to be told; how many."""
    return (await connection.execute(_SQL["drop"], {"hook_ids": list(hook_ids), "most": most})).rowcount


async def told_later(connection: Connection, hook_id: int, notification_id: int) -> tuple[str, list[str]]:
    """The time zone of whose send a notification is of; and the bodies of later ones of that send that arrived at the
    hook, some of the newest."""
    given = {"hook_id": hook_id, "notification_id": notification_id}
    ((time_zone, bodies),) = await (await connection.execute(_SQL["told_later"], given)).fetchall()
    return time_zone, bodies


async def waited(connection: Connection, most: int) -> list[WaitedRow]:
    """Some of what has waited until its day, held until the transaction ends."""
    cursor = await connection.execute(_SQL["waited"], {"most": most})
    return [WaitedRow(*row) async for row in cursor]


async def decide(connection: Connection, ids: Sequence[int], dropped: Sequence[int]) -> None:
    """What has waited is to be told now, or is dropped."""
    await connection.execute(_SQL["decide"], {"ids": list(ids), "dropped": list(dropped)})


async def forget(connection: Connection, age: timedelta, most: int) -> int:
    """Forget some deliveries that ended longer ago, and notifications that nobody is to be told; how many."""
    deliveries = await connection.execute(_SQL["forget_deliveries"], {"age": age, "most": most})
    notifications = await connection.execute(_SQL["forget_notifications"], {"age": age, "most": most})
    return deliveries.rowcount + notifications.rowcount
