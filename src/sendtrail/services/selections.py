"""What is done to all sends of a list at once. It is done piece by piece: what is done stays done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from sendtrail.domain import terms
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import MAX_TAGS, MAX_TEXT
from sendtrail.services import cancelling
from sendtrail.services.context import Context
from sendtrail.services.tracker import Wanted, matching
from sendtrail.store import audit, tags
from sendtrail.store.database import Connection


@dataclass(slots=True)
class Outcome:
    """`done`: how many were changed. `refused`: how many were not, by the label of their status or another reason."""

    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)


async def cancel(
    context: Context, scope: Scope, wanted: Wanted, reason: str, *, modes: Sequence[bool] | None = None
) -> Outcome:
    """Cancel those of a list that can be. Forbidden; Invalid names `reason`, or a filter."""
    outcome = Outcome()
    async for within, send_ids in matching(context, scope, _by_day(wanted), modes=modes):
        some = await cancelling.cancel_many(context, within, send_ids, reason)
        outcome.done += some.cancelled
        outcome.refused.update(some.by_label())
    return outcome


async def tag(
    context: Context,
    scope: Scope,
    wanted: Wanted,
    text: str,
    *,
    remove: bool = False,
    modes: Sequence[bool] | None = None,
) -> Outcome:
    """Give all of a list a tag, or take it from them; tags that differ by capitals or accents are one.

    Invalid names `tag`; Forbidden.
    """
    scope.require(Permission.SENDS_WRITE)
    text = " ".join(text.split())
    if not text or len(text) > MAX_TEXT or not text.isprintable():
        raise Invalid(f"tag must be 1 to {MAX_TEXT} characters on one line", "tag")
    outcome = Outcome()
    async for within, send_ids in matching(context, scope, _by_day(wanted), modes=modes):
        changed = await context.database.run(partial(_tag, scope=within, send_ids=send_ids, text=text, remove=remove))
        outcome.done += changed
        if changed < len(send_ids):
            outcome.refused["without it already" if remove else "with it already"] += len(send_ids) - changed
    return outcome


async def _tag(connection: Connection, scope: Scope, send_ids: Sequence[int], text: str, remove: bool) -> int:
    mark = terms.tag(text)
    alike = [each for each in await tags.spelled(connection, scope, send_ids) if terms.tag(each) == mark]
    if remove:
        changed = await tags.remove(connection, scope, send_ids, mark, alike)
    else:
        changed = await tags.add(connection, scope, send_ids, text, mark, alike, MAX_TAGS)
    if changed:
        await audit.note(connection, scope, "sends.untagged" if remove else "sends.tagged", text, sends=changed)
    return changed


def _by_day(wanted: Wanted) -> Wanted:
    """The list in an order that what is done to it does not change."""
    return replace(wanted, sort="-day", after=None)
