"""Hooks: subscribe, change, unsubscribe; how each fares."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.params import JSONBody, PathParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission
from sendtrail.services import hooks
from sendtrail.services.hook_settings import TargetWord
from sendtrail.services.hooks import Hook, HookPlan, NewHook, Secret

HookId = Annotated[str, PathParameter(description="A hook's `id`.")]


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

    @get("/{hook_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.HOOKS_READ)
    async def one(self, context: Here, caller: Caller, hook_id: HookId) -> Hook:
        """One hook, and how it fares."""
        return await hooks.get(context, caller, hook_id)

    @patch("/{hook_id:str}", responses=refusals(400, 401, 403, 404, 409, 413, 415), needs=Permission.HOOKS_WRITE)
    async def change(self, context: Here, caller: Caller, hook_id: HookId, data: JSONBody[HookPatch]) -> Hook:
        """Change what a hook hears and where, disable it or enable it again."""
        return await hooks.change(context, caller, hook_id, data, enabled=data.enabled)

    @delete("/{hook_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.HOOKS_WRITE)
    async def remove(self, context: Here, caller: Caller, hook_id: HookId) -> None:
        """Unsubscribe: nothing more is told, not even what waits."""
        await hooks.delete(context, caller, hook_id)

    @get("/{hook_id:str}/secret", responses=refusals(400, 401, 403, 404, 409), needs=Permission.HOOKS_WRITE)
    async def secret(self, context: Here, caller: Caller, hook_id: HookId) -> Secret:
        """What signs what the hook is told."""
        return await hooks.secret_of(context, caller, hook_id)

    @post("/{hook_id:str}/rotate", responses=refusals(400, 401, 403, 404, 409, 413, 415), needs=Permission.HOOKS_WRITE)
    async def rotate(self, context: Here, caller: Caller, hook_id: HookId, data: JSONBody[SecretWanted]) -> Secret:
        """Sign with another secret from now on; for 24 hours the one before signs too, where both have room."""
        return await hooks.rotate(context, caller, hook_id, data.secret)
