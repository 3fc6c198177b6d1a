"""What is in the other mode: a send opens whichever it belongs to; of other things a page says so, and leads there."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from litestar import Response

from sendtrail.domain.problems import NotFound
from sendtrail.domain.scope import Scope
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.services.views import View
from sendtrail.web.rendering import page
from sendtrail.web.visitors import Visitor, WebRequest, context_of


async def send_in_either(request: WebRequest, visitor: Visitor, send_id: str) -> tuple[View, Scope]:
    """A send, and the visitor's reach in the mode to which it belongs; NotFound where it is in neither."""
    context = context_of(request)
    try:
        return await sends.get(context, visitor.scope, send_id), visitor.scope
    except NotFound:
        scope = other_mode(visitor.scope)
        return await sends.get(context, scope, send_id), scope


async def shown_elsewhere(
    request: WebRequest, visitor: Visitor, get: Callable[[Context, Scope, str], Awaitable[object]], public_id: str
) -> Response[str]:
    """A page that offers to show something of the organization in its other mode; NotFound where it is in neither."""
    await get(context_of(request), other_mode(visitor.scope), public_id)
    return page(request, "other_mode.html", visitor, status=404)


def other_mode(scope: Scope) -> Scope:
    """The same reach among test sends for one among live ones, and the other way round."""
    return replace(scope, live=not scope.live)
