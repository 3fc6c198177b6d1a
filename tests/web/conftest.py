"""The application that the API's tests have, and browsers without scripts."""

import re
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session
from tests.api.conftest import app, context

__all__ = ["app", "context"]

EMAIL, PASSWORD = "ann@example.com", "long enough"


class Browser:
    """What people do with pages: look at them, fill in their one form, press its button."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def look(self, address: str) -> httpx.Response:
        return await self.client.get(address, headers={"Accept": "text/html"})

    async def post(self, address: str, **fields: str) -> httpx.Response:
        """Post a form, with the token of the page that it stands on."""
        page = await self.look("/login")
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found
        return await self.client.post(address, data={"csrf": found[1], **fields})

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD, **more: str) -> httpx.Response:
        return await self.post("/login", email=email, password=password, **more)


@pytest.fixture
async def stranger(app: Litestar) -> AsyncIterator[Browser]:
    """Somebody who is not signed in."""
    transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sendtrail.test") as client:
        yield Browser(client)


@pytest.fixture
async def acme(context: Context) -> Scope:
    """An organization whose admin is Ann."""
    member = await accounts.add_user(context, EMAIL, "admin", "Acme", PASSWORD)
    return Scope(member.memberships[0].organization_id, True, f"member:{member.id}")


@pytest.fixture
async def ann(stranger: Browser, context: Context, acme: Scope) -> Browser:
    """Ann, signed in."""
    session = Session(int(acme.actor.removeprefix("member:")), EMAIL, acme.organization_id)
    stranger.client.cookies.set("sendtrail_session", await sessions.begin(context, session), domain="sendtrail.test")
    return stranger
