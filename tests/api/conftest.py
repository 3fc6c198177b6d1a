"""The application on the test's own database, and clients with keys to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from sendtrail.app import connected
from sendtrail.config import Config
from sendtrail.services import api_keys
from sendtrail.services.context import Context
from sendtrail.store import system

Clients = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def app(application: Litestar, dsn: str, tmp_path: Path) -> AsyncIterator[Litestar]:
    """The application, at work on the test's own database."""
    settings = Config.load({}, data=tmp_path / "data", database_url=dsn)
    started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def live() -> None:  # in one task from start to end, as its task group demands
        async with connected(application, settings):
            started.set_result(None)
            await over.wait()

    life = asyncio.create_task(live())
    await asyncio.wait([life, started], return_when=asyncio.FIRST_COMPLETED)
    yield application
    over.set()
    await life


@pytest.fixture
async def context(app: Litestar) -> Context:
    """What the application's services work with."""
    found: Context = app.state.context
    return found


@pytest.fixture
async def clients(app: Litestar, context: Context) -> AsyncIterator[Clients]:
    """Makes clients: `await clients("Acme", live=False)` has a new key of the organization, made on first mention."""
    async with AsyncExitStack() as stack:

        async def make(organization: str | None = "Acme", *, live: bool = True) -> httpx.AsyncClient:
            headers = {}
            if organization:
                async with context.database.transaction() as connection:
                    await system.add_organization(connection, organization)
                headers["Authorization"] = f"Bearer {await api_keys.add_key(context, organization, live)}"
            transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://sendtrail.test", headers=headers)
            return await stack.enter_async_context(client)

        yield make


@pytest.fixture
async def client(clients: Clients) -> httpx.AsyncClient:
    """A client with a live key of the organization Acme."""
    return await clients()
