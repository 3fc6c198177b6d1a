"""A link to what is in the other mode: say so, and lead there."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from litestar import Response

from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.web.rendering import page
from sendtrail.web.visitors import Visitor, WebRequest, context_of


async def shown_elsewhere(
    request: WebRequest, visitor: Visitor, get: Callable[[Context, Scope, str], Awaitable[object]], public_id: str
) -> Response[str]:
    """A page that offers to show something of the organization in its other mode; NotFound where it is in neither."""
    await get(context_of(request), replace(visitor.scope, live=not visitor.scope.live), public_id)
    return page(request, "other_mode.html", visitor, status=404)
