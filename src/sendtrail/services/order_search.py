"""Searches among orders: by the words that they hold, and by the ids of what they name."""

from contextlib import aclosing

from sendtrail.domain.events import Kind
from sendtrail.domain.postgrid.orders import send_of
from sendtrail.domain.scope import Scope
from sendtrail.services import tracker
from sendtrail.services.context import Context
from sendtrail.services.tracker import COUNTED, Wanted
from sendtrail.store import orders as store
from sendtrail.store.nouns import terms_of
from sendtrail.store.orders import Sought

_NAMED = ("contact", "template", "return_envelope", "bank_account", "campaign")


async def search(context: Context, scope: Scope, kind: Kind, text: str, skip: int, limit: int) -> tuple[list[int], int]:
    """The numbers of the sends of a page, and how many are found in all; of more than 10,000, at least so many.

    First those that were ordered here with their content, the newest first, by any of their words; then the others,
    from the latest day down, by what the tracker finds: who they go to, and numbers.
    """
    sought, most = _sought(context, text), skip + limit + COUNTED
    async with context.database.snapshot() as connection:
        count = await store.found_count(connection, scope, kind, sought, most)
        numbers = await store.found(connection, scope, kind, sought, skip, limit) if limit and skip < count else []
    if count == most:
        return numbers, count
    others = await _others(context, scope, kind, text, most - count)
    return [*numbers, *others[max(skip - count, 0) :][: limit - len(numbers)]], count + len(others)


async def _others(context: Context, scope: Scope, kind: Kind, text: str, most: int) -> list[int]:
    """Sends that were not ordered with their content: at most so many."""
    found: list[int] = []
    wanted = Wanted(q=text.replace('"', " "), kind=kind.word)
    async with aclosing(tracker.matching(context, scope, wanted)) as pieces:
        async for _, some in pieces:
            async with context.database.snapshot() as connection:
                ordered = await store.ordered(connection, scope, some)
            found += [number for number in some if number not in ordered]
            if len(found) >= most:
                break
    return found[:most]


def _sought(context: Context, text: str) -> Sought:
    """The texts of a search; an id is no text but what it names."""
    texts: list[str] = []
    marks: list[str] = []
    for term in terms_of(text):
        mark = _mark(context, term)
        (marks if mark else texts).append(mark or term)
    return Sought(texts, marks)


def _mark(context: Context, term: str) -> str:
    """Of an id what a search index calls it; empty for anything else."""
    try:
        word, number = context.ids.decode(term.lower())
    except ValueError:
        return ""
    if word.upper() in Kind.__members__:
        return f"send:{number}"
    if word == "contact" and (own := send_of(number)):
        return f"send:{own[0]}"
    return f"{word}:{number}" if word in _NAMED else ""
