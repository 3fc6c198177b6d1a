"""The audit trail: who changed what, and when."""

from datetime import datetime
from typing import Any

import msgspec

from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import audit


class Note(msgspec.Struct, frozen=True):
    """Something that somebody did. `who`: an e-mail address, a key's name, or which part of the program it was; `live`:
    None for what is of both modes."""

    id: str
    at: datetime
    who: str
    action: str
    subject: str
    detail: dict[str, Any]
    live: bool | None


async def list_notes(
    context: Context, scope: Scope, limit: int = 100, after: str | None = None
) -> tuple[list[Note], str | None]:
    """What was done, newest first, and the cursor of the next page."""
    before = None
    if after is not None:
        try:
            prefix, before = context.ids.decode(after)
        except ValueError:
            prefix = ""
        if prefix != "note":
            raise Invalid("after must be a cursor that a list answered as next", "after")
    async with context.database.snapshot() as connection:
        rows = await audit.page(connection, scope, before, limit + 1)
    notes = [
        Note(
            context.ids.encode("note", row.id),
            row.at,
            row.email or (f"API key {row.key}" if row.key else row.actor.partition(":")[0]),
            row.action,
            row.subject,
            row.detail,
            row.live,
        )
        for row in rows[:limit]
    ]
    return notes, notes[-1].id if len(rows) > limit else None
