"""Contacts, templates and the like: a table each, of which all are made, listed, changed and deleted by one code."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, NamedTuple, TypeVar

import msgspec
from psycopg.sql import SQL, Composed, Identifier, Placeholder
from psycopg.types.json import Jsonb

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements

_SQL = statements("nouns.sql")
_TERM = re.compile(r'"([^"]*)"|(\S+)')
R = TypeVar("R", bound=tuple[Any, ...])
COUNTED, SEARCHED = 1_000_000, 100_000
"""How far beyond a page is counted: of all, and of what was searched for. Whoever pages through still comes to the end:
each page counts as far again."""


@dataclass(frozen=True, slots=True)
class Noun(Generic[R]):
    """A table of things of an organization and mode. `row`: a NamedTuple whose fields are its columns; `searched`: the
    texts in which a search looks, as an expression; `by_words`: it is an indexed tsvector, of whose words a search
    tells the beginnings."""

    table: str
    row: type[R]
    searched: LiteralString
    key: str = "id"
    by_words: bool = False


class Found(NamedTuple, Generic[R]):
    """Some of a list, and how many it has in all."""

    rows: list[R]
    total: int


async def page(
    connection: Connection,
    scope: Scope,
    noun: Noun[R],
    *,
    search: str = "",
    skip: int = 0,
    limit: int = 10,
    narrowed: Mapping[str, object] | None = None,
) -> Found[R]:
    """The newest first, all of whose `narrowed` columns have these values, and that hold each word of `search`, or each
    text in quotation marks, in any case. Of very many it tells that there are at least so many."""
    terms = terms_of(search)
    parts = {
        "narrowed": SQL(" ").join(
            SQL("and {} = {}").format(Identifier(name), Placeholder(name)) for name in narrowed or {}
        ),
        "searched": _condition(noun, len(terms)),
    }
    values = {
        **_own(scope),
        **(narrowed or {}),
        **{f"term_{number}": term if noun.by_words else holding(term) for number, term in enumerate(terms)},
        "skip": skip,
        "limit": limit,
        "most": skip + limit + (SEARCHED if terms else COUNTED),
    }
    # Never prepared: which index is the best depends on what is searched for.
    cursor = await connection.execute(_composed("page", noun, **parts), values, prepare=False)
    rows = [noun.row(*row) async for row in cursor]
    counting = await connection.execute(_composed("count", noun, **parts), values, prepare=False)
    ((total,),) = await counting.fetchall()
    return Found(rows, int(total))


async def read(connection: Connection, scope: Scope, noun: Noun[R], numbers: Sequence[int]) -> dict[int, R]:
    """Those of the scope's with these numbers, deleted ones too."""
    values = {**_own(scope), "numbers": list(numbers)}
    cursor = await connection.execute(_composed("read", noun), values)
    key = fields_of(noun).index(noun.key)
    return {row[key]: noun.row(*row) async for row in cursor}


async def hold(connection: Connection, scope: Scope, noun: Noun[R], number: int) -> R | None:
    """One that is not deleted, and that nobody else changes before the transaction ends."""
    cursor = await connection.execute(_composed("hold", noun), {**_own(scope), "number": number})
    row = await cursor.fetchone()
    return noun.row(*row) if row else None


async def add(connection: Connection, scope: Scope, noun: Noun[R], values: Mapping[str, object]) -> R:
    """A new one with these columns; objects and lists of objects become JSON."""
    parts = {
        "names": SQL(", ").join(map(Identifier, values)),
        "values": SQL(", ").join(map(Placeholder, values)),
    }
    cursor = await connection.execute(_composed("add", noun, **parts), {**_own(scope), **_adapted(values)})
    (row,) = await cursor.fetchall()
    return noun.row(*row)


async def change(
    connection: Connection, scope: Scope, noun: Noun[R], number: int, values: Mapping[str, object]
) -> R | None:
    """Give some of its columns other values, at least one; None where there is none of this number."""
    changes = SQL(", ").join(SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in values)
    cursor = await connection.execute(
        _composed("change", noun, changes=changes), {**_own(scope), **_adapted(values), "number": number}
    )
    row = await cursor.fetchone()
    return noun.row(*row) if row else None


async def remove(connection: Connection, scope: Scope, noun: Noun[R], number: int) -> bool:
    """Delete one; False where there is none, or none any more."""
    cursor = await connection.execute(_composed("remove", noun), {**_own(scope), "number": number})
    return cursor.rowcount > 0


def _condition(noun: Noun[R], terms: int) -> Composed:
    one = SQL(_SQL["word" if noun.by_words else "text"])
    return SQL(" ").join(
        one.format(searched=SQL(noun.searched), term=Placeholder(f"term_{number}")) for number in range(terms)
    )


def _composed(name: str, noun: Noun[R], **parts: Composed | SQL) -> Composed:
    columns = SQL(", ").join(Identifier(name) for name in fields_of(noun))
    table, key = Identifier(noun.table), Identifier(noun.key)
    return SQL(_SQL[name]).format(table=table, columns=columns, key=key, **parts)


def fields_of(noun: Noun[Any]) -> tuple[str, ...]:
    """The columns of a noun's rows, in their order."""
    names: tuple[str, ...] = noun.row._fields
    return names


def _own(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}


def _adapted(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _jsonb(value) if isinstance(value, dict | list) else value for name, value in values.items()}


def _jsonb(value: object) -> Jsonb:
    return Jsonb(value, dumps=msgspec.json.encode)


def terms_of(search: str) -> list[str]:
    """The words of a search, and its texts in quotation marks without these: something found has all of them."""
    return [quoted or word for quoted, word in _TERM.findall(search)]


def holding(term: str) -> str:
    """What `ilike` compares with to find texts that hold a term."""
    escaped = re.sub(r"([\\%_])", r"\\\1", term)
    return f"%{escaped}%"
