"""Whom the demo's insurer tells: people hear of mail that comes back and of goals, from the moment that it is made."""

from sendtrail.domain.scope import Scope
from sendtrail.services import hook_deliveries, hooks
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import HookPlan

_EVENTS = ["send.returned", "send.undeliverable", "send.goal_reached"]


async def tell(context: Context, scope: Scope, address: str) -> None:
    """Make the hook, as far as it is missing, and try it: what was invented as past is told to nobody."""
    if (await hooks.list_hooks(context, scope))[0]:
        return
    plan = HookPlan(events=_EVENTS, name="Returned mail and goals", settings={"to": [address]})
    made = await hooks.make(context, scope, plan, "email")
    await hook_deliveries.try_out(context, scope, made.id)
