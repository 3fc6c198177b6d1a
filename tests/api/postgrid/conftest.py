"""PostGrid's own client, in its strict mode, on the application."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from postgrid import AsyncPostGrid

from sendtrail.services import api_keys
from sendtrail.services.context import Context
from sendtrail.store import system

Sdks = Callable[..., Awaitable[AsyncPostGrid]]


@pytest.fixture
async def sdks(app: Litestar, context: Context) -> AsyncIterator[Sdks]:
    """Makes clients: `await sdks("Acme", live=True)` has a new key of the organization, made on first mention."""
    async with AsyncExitStack() as stack:

        async def make(organization: str = "Acme", *, live: bool = False) -> AsyncPostGrid:
            async with context.database.transaction() as connection:
                await system.add_organization(connection, organization)
            transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
            http = await stack.enter_async_context(httpx.AsyncClient(transport=transport))
            return AsyncPostGrid(
                base_url="http://sendtrail.test",
                print_mail_api_key=await api_keys.add_key(context, organization, live),
                max_retries=0,
                http_client=http,
                _strict_response_validation=True,
            )

        yield make
