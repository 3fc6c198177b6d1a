"""All routes of the API, for the application to serve."""

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from sendtrail.api.account import Account
from sendtrail.api.attention import Attention
from sendtrail.api.campaigns import Campaigns
from sendtrail.api.changes import Changes
from sendtrail.api.exports import sends_csv
from sendtrail.api.feeds import Feeds
from sendtrail.api.goals import Goals
from sendtrail.api.hooks import Hooks
from sendtrail.api.links import Destinations, Links, links_csv, links_zip
from sendtrail.api.members import Members
from sendtrail.api.metrics import show_metrics
from sendtrail.api.money import Money
from sendtrail.api.operations import healthz, readyz
from sendtrail.api.performance import campaign_performance, compared_performance, engaged_csv
from sendtrail.api.postgrid import routes as postgrid
from sendtrail.api.pushes import iv_mtr
from sendtrail.api.rehearsals import Rehearsals
from sendtrail.api.reports import Reports
from sendtrail.api.requests import ApiRequest, caller, context, refuse_unknown_parameters, requires_key
from sendtrail.api.sends import Sends
from sendtrail.api.stock import fill_order
from sendtrail.api.teams import Teams
from sendtrail.api.vendor_feeds import vendor_webhook

MAX_BODY_BYTES = 1 << 20
"""Of one JSON body; batches and uploads say what they take."""


def route_handlers() -> list[ControllerRouterHandler]:
    """The native API below /api/v1, PostGrid's, pushes of feeds, and what operators ask."""
    here = {"context": Provide(context, sync_to_thread=False)}
    native = Router(
        "/api/v1",
        route_handlers=[
            Sends,
            sends_csv,
            Changes,
            Rehearsals,
            Attention,
            Campaigns,
            campaign_performance,
            compared_performance,
            engaged_csv,
            links_csv,
            links_zip,
            Links,
            Destinations,
            Goals,
            Account,
            Members,
            Teams,
            Money,
            Reports,
            Feeds,
            Hooks,
            fill_order,
        ],
        guards=[requires_key],
        before_request=refuse_unknown_parameters,
        dependencies={**here, "caller": Provide(caller, sync_to_thread=False)},
        request_class=ApiRequest,
        request_max_body_size=MAX_BODY_BYTES,
        security=[{"key": []}, {"key_header": []}],
    )
    others = Router(
        "/",
        route_handlers=[iv_mtr, vendor_webhook, healthz, readyz, show_metrics],
        before_request=refuse_unknown_parameters,
        dependencies=here,
    )
    return [native, others, postgrid.router()]
