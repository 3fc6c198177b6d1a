"""The web application: pages and API on one database. `granian sendtrail.app:create --factory` serves it."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from sendtrail.api.documents import openapi
from sendtrail.api.lingering import lingering
from sendtrail.api.postgrid.errors import or_native
from sendtrail.api.problems import HANDLERS
from sendtrail.api.routes import route_handlers as api_routes
from sendtrail.config import Config
from sendtrail.links import files, goals
from sendtrail.links.pictures import show_picture
from sendtrail.links.redirects import is_link, lead_on
from sendtrail.services.context import open_context
from sendtrail.services.visiting import opened_visits
from sendtrail.web.errors import page_or
from sendtrail.web.routes import router as pages


class Application(Litestar):
    """The application, with the links of sends before it: whoever opens one waits for none of the rest."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        if is_link(scope):
            if not await show_picture(self.state.context, scope, send):
                await lead_on(self.state.visits, self.state.context.config.proxies, scope, send)
        else:
            await super().__call__(scope, receive, send)


def create(config: Config | None = None) -> Litestar:
    """The application on the database of `config`, by default of the environment, which must be up to date."""
    settings = config or Config.load()
    _log_to_stderr()
    return Application(
        route_handlers=[*api_routes(), goals.router(), files.router(), pages()],
        lifespan=[lambda app: connected(app, settings)],
        middleware=[lingering],
        exception_handlers=page_or({**HANDLERS, HTTPException: or_native}),
        openapi_config=openapi(version("sendtrail")),
        logging_config=None,
        state=State(),
    )


@asynccontextmanager
async def connected(app: Litestar, settings: Config) -> AsyncIterator[None]:
    """The application at work on the database of `settings`, until the block ends."""
    async with open_context(settings.database_url, settings) as context, opened_visits(context) as visits:
        app.state.context = context
        app.state.visits = visits
        yield


def _log_to_stderr() -> None:
    """One line an event. Tracebacks come without local variables: these hold people's addresses."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
