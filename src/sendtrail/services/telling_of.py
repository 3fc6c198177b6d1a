"""Tells hooks what became of a campaign or a stock order, in PostGrid's words."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from sendtrail.domain.deliveries import thread_of
from sendtrail.domain.notice_bodies import Told, postgrid
from sendtrail.domain.notices import naming
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import tellings
from sendtrail.store.database import Connection
from sendtrail.store.tellings import NewTelling


async def tell_of(
    connection: Connection,
    context: Context,
    scope: Scope,
    type_: str,
    subject: tuple[str, int],
    data: dict[str, Any],
    updated: dict[str, Any] | None,
) -> None:
    """Have all hooks that listen to `type_` told, within the transaction in which it happened: if that is undone, so is
    this.

    `subject`: what it is about, by the word that its ids begin with and its number (domain/deliveries.py: SUBJECTS).
    Hold its row meanwhile, so that it is told of in order. `data`: all of it, as PostGrid's API shows it; `updated`:
    the fields that changed with what they are now, None for `.created`. Nothing is written where nobody listens.

    It is told at once: a hook that waits some days does so for what a piece may yet meet on its way.
    """
    word, number = subject
    campaign_id = number if word == "campaign" else 0
    hook_ids = await tellings.listening(connection, scope, naming(type_), campaign_id)
    if not hook_ids:
        return
    now = datetime.now(UTC)
    id_ = await tellings.number(connection, scope)
    told = Told(context.ids.encode("event", id_), type_, now, now, 0, scope.live)
    body = msgspec.json.encode(postgrid(told, data, updated)).decode()
    await tellings.put(connection, scope, NewTelling(id_, thread_of(word, number), type_, now, body), hook_ids)
