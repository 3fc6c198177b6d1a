"""Hooks: subscribe, change, unsubscribe; how each fares, and what it was told, to be told again."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from sendtrail.api.filters import End, Start
from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission
from sendtrail.domain.send import KindWord
from sendtrail.services import hook_catalogue, hook_deliveries, hooks
from sendtrail.services.hook_catalogue import EventKind
from sendtrail.services.hook_deliveries import MOST_SAMPLES, Again, Chosen, Delivery, Heard, StandingWord, WholeDelivery
from sendtrail.services.hook_plans import Format, HookPlan
from sendtrail.services.hook_settings import TargetWord
from sendtrail.services.hooks import Hook, NewHook, Secret

HookId = Annotated[str, PathParameter(description="A hook's `id`.")]
DeliveryId = Annotated[str, PathParameter(description="A delivery's `id`.")]
_READS = refusals(400, 401, 403, 404)
_WRITES = refusals(400, 401, 403, 404, 409, 413, 415)


class HookWanted(HookPlan, forbid_unknown_fields=True, omit_defaults=True):
    """A hook. `target`: what `url` or `settings` lead to. `campaign`: short for one of `campaigns`; empty or null for
    all. `secret`: one of one's own, else Sendtrail makes it: `whsec_` and 24 to 64 bytes in base64, for PostGrid's
    formats at least 20 characters that are not blank.
    """

    target: TargetWord = "webhook"
    campaign: str | None = None
    secret: str = ""


class HookPatch(HookPlan, forbid_unknown_fields=True, omit_defaults=True):
    """What of a hook is to be another from now on. `enabled`: false lets what happens wait, true sends what waits at
    once. Its `target` stays; its secret changes by `rotate`.
    """

    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class SecretWanted(msgspec.Struct, forbid_unknown_fields=True):
    """A secret of one's own; left out, Sendtrail makes one."""

    secret: str = ""


class Trial(msgspec.Struct, forbid_unknown_fields=True):
    """Which `type` of event to make up; left out, the first that the hook hears."""

    type: str = ""


class Period(msgspec.Struct, forbid_unknown_fields=True):
    """All that was announced from `since` until before `until`, which is now unless said; with their time zones."""

    since: datetime
    until: datetime | None = None


class Hooks(Controller):
    path = "/hooks"
    tags = ["hooks"]  # noqa: RUF012 — read once, by the framework

    @get(responses=refusals(400, 401, 403), needs=Permission.HOOKS_READ)
    async def page(self, context: Here, caller: Caller, limit: Limit = 100, after: After = None) -> Page[Hook]:
        """Hooks of this key's mode with how each fares, the newest first."""
        return Page(*await hooks.list_hooks(context, caller, limit=limit, after=after))

    @post(responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.HOOKS_WRITE)
    async def add(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[HookWanted],
        idempotency_key: IdempotencyKey = None,
    ) -> NewHook:
        """Subscribe. Nothing is asked of the receiver first. It takes `sends.read` for the whole organization too.

        The secret is told here and at `/hooks/{id}/secret`.
        """
        again = repeatable(request, idempotency_key, await request.body())
        if data.campaign:
            if data.campaigns:
                raise Invalid("campaign or campaigns: say one of them", "campaign")
            data.campaigns = [data.campaign]
        return await hooks.make(context, caller, data, data.target, data.secret, request=again)

    @get("/events", responses=refusals(400, 401, 403), needs=None)
    async def events(self) -> Page[EventKind]:
        """What a hook's `events` may name: types of events in each reader's words, and all of a reader's at once."""
        return Page(hook_catalogue.catalogue(), None)

    @get("/sample", responses=refusals(400, 401, 403), needs=Permission.HOOKS_READ)
    async def sample(
        self,
        context: Here,
        caller: Caller,
        events: Annotated[str, QueryParameter(description="As a hook has them, joined by commas.")],
        of_format: Annotated[Format, QueryParameter(name="format", description="As a hook has it.")] = "standard",
        campaign: Annotated[
            list[str] | None, QueryParameter(description="A campaign, by id or name; it may come several times.")
        ] = None,
        kind: Annotated[list[KindWord] | None, QueryParameter(description="It may come several times.")] = None,
        tag: Annotated[
            list[str] | None, QueryParameter(description="It may come several times: a send has one of them.")
        ] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=MOST_SAMPLES, description="How many at most.")] = 3,
    ) -> Page[dict[str, Any]]:
        """What a hook would be told, in the shape in which it is: the last real events, the newest first.

        Where there are none, of one that is made up, marked by `"sample": true`.
        """
        heard = Heard(campaign or (), kind or (), tag or ())
        bodies = await hook_deliveries.sample(context, caller, events.split(","), of_format, heard, limit)
        return Page(bodies, None)

    @get("/{hook_id:str}", responses=_READS, needs=Permission.HOOKS_READ)
    async def one(self, context: Here, caller: Caller, hook_id: HookId) -> Hook:
        """One hook, and how it fares."""
        return await hooks.get(context, caller, hook_id)

    @patch("/{hook_id:str}", responses=_WRITES, needs=Permission.HOOKS_WRITE)
    async def change(self, context: Here, caller: Caller, hook_id: HookId, data: JSONBody[HookPatch]) -> Hook:
        """Change what a hook hears and where, disable it or enable it again."""
        return await hooks.change(context, caller, hook_id, data, enabled=data.enabled)

    @delete("/{hook_id:str}", responses=_READS, needs=Permission.HOOKS_WRITE)
    async def remove(self, context: Here, caller: Caller, hook_id: HookId) -> None:
        """Unsubscribe: nothing more is told, not even what waits."""
        await hooks.delete(context, caller, hook_id)

    @get("/{hook_id:str}/secret", responses=refusals(400, 401, 403, 404, 409), needs=Permission.HOOKS_WRITE)
    async def secret(self, context: Here, caller: Caller, hook_id: HookId) -> Secret:
        """What signs what the hook is told."""
        return await hooks.secret_of(context, caller, hook_id)

    @post("/{hook_id:str}/rotate", responses=_WRITES, needs=Permission.HOOKS_WRITE)
    async def rotate(self, context: Here, caller: Caller, hook_id: HookId, data: JSONBody[SecretWanted]) -> Secret:
        """Sign with another secret from now on; for 24 hours the one before signs too, where both have room."""
        return await hooks.rotate(context, caller, hook_id, data.secret)

    @post("/{hook_id:str}/test", responses=_WRITES, needs=Permission.HOOKS_WRITE)
    async def try_out(
        self, context: Here, caller: Caller, hook_id: HookId, data: JSONBody[Trial | None] = None
    ) -> Delivery:
        """Tell the hook of something made up, marked by `"sample": true`. See the delivery for how that went."""
        return await hook_deliveries.try_out(context, caller, hook_id, data.type if data else "")

    @post("/{hook_id:str}/replay", responses=_WRITES, needs=Permission.HOOKS_WRITE)
    async def replay_all(self, context: Here, caller: Caller, hook_id: HookId, data: JSONBody[Period]) -> Again:
        """Tell all of a time once more, in its order, by the same event ids; at most 100,000 events."""
        return await hook_deliveries.replay_all(context, caller, hook_id, data.since, data.until)

    @post("/{hook_id:str}/recover", responses=_WRITES, needs=Permission.HOOKS_WRITE)
    async def recover(self, context: Here, caller: Caller, hook_id: HookId, data: JSONBody[Period]) -> Again:
        """Tell once more what failed for good since a time, and did not arrive otherwise."""
        return await hook_deliveries.replay_all(context, caller, hook_id, data.since, data.until, failed_only=True)

    @get("/{hook_id:str}/deliveries", responses=_READS, needs=Permission.HOOKS_READ)
    async def deliveries(
        self,
        context: Here,
        caller: Caller,
        hook_id: HookId,
        limit: Limit = 100,
        after: After = None,
        of_state: Annotated[
            StandingWord | None,
            QueryParameter(name="state", description="How they stand; `nobody`: the CRM knows no such person."),
        ] = None,
        of_type: Annotated[str, QueryParameter(name="type", description="A type, or many by a pattern.")] = "",
        send: Annotated[str, QueryParameter(description="A send's id.")] = "",
        start: Start = None,
        end: End = None,
    ) -> Page[Delivery]:
        """What the hook was told and is to be told, the newest first. It takes `sends.read` for all sends too."""
        chosen = Chosen(of_state or "", of_type, send, start, end)
        return Page(*await hook_deliveries.list_deliveries(context, caller, hook_id, chosen, limit=limit, after=after))

    @get("/{hook_id:str}/deliveries/{delivery_id:str}", responses=_READS, needs=Permission.HOOKS_READ)
    async def delivery(self, context: Here, caller: Caller, hook_id: HookId, delivery_id: DeliveryId) -> WholeDelivery:
        """One delivery, with its body, what was answered and each try that failed."""
        return await hook_deliveries.get(context, caller, hook_id, delivery_id)

    @post("/{hook_id:str}/deliveries/{delivery_id:str}/replay", responses=_WRITES, needs=Permission.HOOKS_WRITE)
    async def replay(self, context: Here, caller: Caller, hook_id: HookId, delivery_id: DeliveryId) -> Delivery:
        """Tell this once more: a new delivery of the same event. What is still pending is tried at once instead.

        What waits for its day is refused (409), with the time at which it is told.
        """
        return await hook_deliveries.replay(context, caller, hook_id, delivery_id)
