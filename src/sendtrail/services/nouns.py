"""Contacts, templates and the like: listed, shown and deleted by one code. What makes one has a module of its own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sendtrail.domain.problems import NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.accounts import number_of
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit
from sendtrail.store import nouns as store
from sendtrail.store.database import Connection
from sendtrail.store.nouns import Found as Found
from sendtrail.store.nouns import Noun

R = TypeVar("R", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Generic[R]):
    """Things of one sort that an organization keeps. `word`: what ids begin with; `label`: what people call one, for
    the audit trail. They belong to nobody in particular, so each permission must reach the organization."""

    word: str
    noun: Noun[R]
    reads: Permission
    writes: Permission
    label: Callable[[R], str] = lambda row: ""

    async def page(
        self,
        context: Context,
        scope: Scope,
        *,
        search: str = "",
        skip: int = 0,
        limit: int = 10,
        narrowed: Mapping[str, object] | None = None,
    ) -> Found[R]:
        """Some of those that were not deleted, the newest first; Forbidden."""
        scope.require(self.reads, Reach.ORGANIZATION)
        async with context.database.snapshot() as connection:
            return await store.page(
                connection, scope, self.noun, search=search, skip=skip, limit=limit, narrowed=narrowed
            )

    async def get(self, context: Context, scope: Scope, public_id: str) -> R:
        """One that was not deleted; NotFound; Forbidden."""
        scope.require(self.reads, Reach.ORGANIZATION)
        async with context.database.snapshot() as connection:
            return await self.read(connection, context, scope, public_id)

    async def remove(self, context: Context, scope: Scope, public_id: str) -> None:
        """Delete one: what names it keeps it; NotFound; Forbidden."""
        scope.require(self.writes, Reach.ORGANIZATION)
        async with context.database.transaction() as connection:
            row = await self.hold(connection, context, scope, public_id)
            await store.remove(connection, scope, self.noun, self.number(context, public_id))
            await audit.note(connection, scope, f"{self.word}.deleted", self.label(row) or public_id.lower())

    async def once(
        self, context: Context, scope: Scope, request: Request | None, make: Callable[[Connection], Awaitable[R]]
    ) -> R:
        """What `make` makes, or what an earlier request with the same key made, as it is now. Conflict as `once`."""
        place = store.fields_of(self.noun).index(self.noun.key)

        async def act(connection: Connection) -> bytes:
            return b"%d" % (await make(connection))[place]

        number = int(await once(context, scope, request, act))
        async with context.database.snapshot() as connection:
            return (await store.read(connection, scope, self.noun, [number]))[number]

    async def read(
        self, connection: Connection, context: Context, scope: Scope, public_id: str, param: str = "id"
    ) -> R:
        """`get` within the caller's transaction; `param` names the field that the id stands in."""
        number = self.number(context, public_id, param)
        row = (await store.read(connection, scope, self.noun, [number])).get(number)
        if row is None or row.deleted_at is not None:  # type: ignore[attr-defined]
            raise self.missing(public_id, param)
        return row

    async def hold(self, connection: Connection, context: Context, scope: Scope, public_id: str) -> R:
        """One that nobody else changes before the transaction ends; NotFound."""
        row = await store.hold(connection, scope, self.noun, self.number(context, public_id))
        if row is None:
            raise self.missing(public_id)
        return row

    def number(self, context: Context, public_id: str, param: str = "id") -> int:
        """The number that an id of this sort stands for; NotFound."""
        try:
            return number_of(context, self.word, public_id)
        except NotFound:
            raise self.missing(public_id, param) from None

    def missing(self, public_id: str, param: str = "id") -> NotFound:
        """What to say of an id that none has."""
        what = f"no {self.word} {public_id[:60]!a}"
        return NotFound(what if param == "id" else f"{param}: {what}", param)
