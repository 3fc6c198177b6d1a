"""What needs attention, and what is done about it."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, patch
from litestar.params import JSONBody, PathParameter, QueryParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, Limit
from sendtrail.api.shapes import Page
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission
from sendtrail.services import attending
from sendtrail.services.attending import Chosen, Entry, Snooze, Wanted

EntryId = Annotated[str, PathParameter(description="An entry's `id`.")]


class EntryPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; a field that is left out stays as it is.

    `state`: `done` until something new happens, or `open` again; `snooze`: until a morning; `assignee`: a member's id,
    null for nobody.
    """

    state: Literal["open", "done"] | msgspec.UnsetType = msgspec.UNSET
    snooze: Snooze | msgspec.UnsetType = msgspec.UNSET
    assignee: str | msgspec.UnsetType | None = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET


class Attention(Controller):
    path = "/attention"
    tags = ["attention"]  # noqa: RUF012 — read once, by the framework

    @get(responses=refusals(400, 401, 403), needs=Permission.SENDS_READ)
    async def page(
        self,
        context: Here,
        caller: Caller,
        listed: Annotated[
            Literal["open", "snoozed", "done"], QueryParameter(name="state", description="How they stand.")
        ] = "open",
        rule: Annotated[str | None, QueryParameter(description="A rule's name, such as `returned`.")] = None,
        assignee: Annotated[str | None, QueryParameter(description="A member's id, or `nobody`.")] = None,
        limit: Limit = 100,
        after: After = None,
    ) -> Page[Entry]:
        """What needs attention, the most urgent first."""
        wanted = Wanted(listed, rule, assignee, after)
        return Page(*await attending.list_entries(context, caller, wanted, limit))

    @get("/{entry_id:str}", responses=refusals(401, 403, 404), needs=Permission.SENDS_READ)
    async def one(self, context: Here, caller: Caller, entry_id: EntryId) -> Entry:
        """One entry."""
        return await attending.get(context, caller, entry_id)

    @patch("/{entry_id:str}", responses=refusals(400, 401, 403, 404, 415), needs=Permission.SENDS_WRITE)
    async def change(self, context: Here, caller: Caller, entry_id: EntryId, data: JSONBody[EntryPatch]) -> Entry:
        """Snooze it, give it to somebody, be done with it, or note something."""
        if data.state is not msgspec.UNSET and data.snooze is not msgspec.UNSET:
            raise Invalid("snooze must stand without state: what is put off is neither done nor open", "snooze")
        chosen = Chosen([entry_id])
        await attending.get(context, caller, entry_id)
        if data.assignee is not msgspec.UNSET:
            await attending.assign_one(context, caller, entry_id, data.assignee or "nobody")
        if data.note is not msgspec.UNSET:
            await attending.annotate(context, caller, entry_id, data.note)
        if data.state == "done":
            await attending.finish(context, caller, chosen)
        elif data.state == "open":
            await attending.reopen(context, caller, chosen)
        if data.snooze is not msgspec.UNSET:
            await attending.snooze(context, caller, chosen, data.snooze)
        return await attending.get(context, caller, entry_id)
