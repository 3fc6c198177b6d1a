"""All routes below /print-mail/v1."""

from collections.abc import Sequence
from typing import Any

from litestar import Router
from litestar.di import Provide

from sendtrail.api.postgrid import (
    bank_accounts,
    campaigns,
    contacts,
    errors,
    mailing_list_imports,
    mailing_lists,
    orders,
    resources,
    return_envelopes,
    templates,
    trackers,
    unsupported,
    webhooks,
)
from sendtrail.api.postgrid.resources import Resource
from sendtrail.api.requests import caller, context, refuse_unknown_parameters, requires_key

MAX_BODY_BYTES = 32 << 20
"""PDFs come within it."""
RESOURCES: Sequence[Resource[Any]] = (
    bank_accounts.RESOURCE,
    contacts.RESOURCE,
    mailing_lists.RESOURCE,
    mailing_list_imports.RESOURCE,
    campaigns.RESOURCE,
    return_envelopes.RESOURCE,
    templates.RESOURCE,
    trackers.RESOURCE,
    webhooks.RESOURCE,
)


def router() -> Router:
    """What PostGrid's client asks for. Its paths are documented by PostGrid, and in docs/postgrid.md."""
    there = Router(
        "/",
        route_handlers=[
            *(handler for resource in RESOURCES for handler in resources.routes(resource)),
            *mailing_lists.HANDLERS,
            *campaigns.HANDLERS,
            *orders.routes(),
            *return_envelopes.HANDLERS,
            *trackers.HANDLERS,
            *webhooks.HANDLERS,
        ],
        before_request=refuse_unknown_parameters,
    )
    return Router(
        errors.PATH,
        route_handlers=[there, *unsupported.routes()],
        guards=[requires_key],
        dependencies={
            "context": Provide(context, sync_to_thread=False),
            "caller": Provide(caller, sync_to_thread=False),
        },
        exception_handlers=errors.HANDLERS,
        request_max_body_size=MAX_BODY_BYTES,
        include_in_schema=False,
    )
