"""Webhooks, the tries to tell them something, and events, by PostGrid's own client in its strict mode."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import postgrid
import pytest
from litestar import Litestar
from postgrid import AsyncPostGrid

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import api_keys, hook_deliveries, hooks, sends, webhooks
from sendtrail.services.announcing import announce
from sendtrail.services.context import Context
from sendtrail.services.deliveries import Deliveries
from sendtrail.services.hook_plans import HookPlan
from sendtrail.services.telling_of import tell_of
from sendtrail.store import system
from sendtrail.webhooks import verify
from tests.clients.receiving import OK, Received, receiving

from .conftest import Sdks

SECRET = "twenty characters that are no blank"
URL = "https://8.8.8.8/hear"
CAMPAIGN = {"id": "campaign_x", "object": "campaign", "status": "ready"}


@pytest.fixture
async def nearby(app: Litestar, context: Context) -> Context:
    """The context of an application whose hooks may reach this machine."""
    near = dataclasses.replace(context, config=dataclasses.replace(context.config, allow_private_hooks=True))
    app.state.context = near
    return near


@pytest.fixture
async def client(sdks: Sdks) -> AsyncPostGrid:
    return await sdks("Acme")


@pytest.fixture
async def scope(client: AsyncPostGrid, context: Context) -> Scope:
    """Of Acme's test mode."""
    async with context.database.transaction() as connection:
        number = await system.organization_named(connection, "Acme")
    assert number is not None
    return Scope(number, False, "test")


class Receiver:
    """Fails as often as it is told to, and keeps what it took."""

    def __init__(self) -> None:
        self.failing = 0
        self.taken: list[Received] = []

    async def __call__(self, received: Received) -> bytes:
        if self.failing:
            self.failing -= 1
            return b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
        self.taken.append(received)
        return OK


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    own = Receiver()
    async with receiving(own) as address:
        yield own, address


async def deliver(context: Context) -> None:
    """Have told whatever is to be told, now."""
    await announce(context)
    async with context.database.transaction() as connection:
        await connection.execute("update delivery set due_at = now() where state = 1")
        await connection.execute("update hook set rest_until = null")
    async with Deliveries.opened(context) as own:
        await own.round()


async def test_a_webhook_is_made_changed_and_ended_and_its_secret_told_to_who_does(
    client: AsyncPostGrid, sdks: Sdks, context: Context, scope: Scope
) -> None:
    native = await hooks.make(context, scope, HookPlan(events=["send.*"], url=URL))
    every: Any = list(webhooks.TYPES)
    made = await client.print_mail.webhooks.create(url=URL, enabled_events=every, description="Ours", metadata={"a": 1})
    assert (made.payload_format, made.enabled, made.live, made.description) == ("jwt", True, False, "Ours")
    assert made.enabled_events == every
    assert len(made.enabled_events) == 18
    assert made.secret
    assert len(made.secret) >= 20

    changed = await client.print_mail.webhooks.update(
        made.id, enabled=False, enabled_events=["box.created"], payload_format="json", secret=SECRET, metadata={}
    )
    assert (changed.enabled, changed.payload_format, changed.secret) == (False, "json", SECRET)
    assert (changed.enabled_events, changed.metadata, changed.url) == (["box.created"], {}, URL)
    assert changed.updated_at > changed.created_at
    again = await client.print_mail.webhooks.update(made.id, secret=SECRET)
    assert again.secret == SECRET

    shown = await client.print_mail.webhooks.retrieve(made.id)
    listed = await client.print_mail.webhooks.list(search='"box.created"')
    assert (shown.secret, [each.id for each in listed.data], listed.total_count) == (None, [made.id], 1)
    with pytest.raises(postgrid.NotFoundError):
        await client.print_mail.webhooks.retrieve(native.id)
    with pytest.raises(postgrid.NotFoundError):
        await client.print_mail.webhooks.delete(native.id)
    for other in (await sdks("Acme", live=True), await sdks("Other")):
        with pytest.raises(postgrid.NotFoundError):
            await other.print_mail.webhooks.retrieve(made.id)

    assert (await client.print_mail.webhooks.delete(made.id)).deleted
    assert (await client.print_mail.webhooks.list()).total_count == 0
    assert [each.id for each in (await hooks.list_hooks(context, scope))[0]] == [native.id]


async def test_what_is_wrong_with_a_webhook_is_said_in_the_clients_words(client: AsyncPostGrid) -> None:
    good: dict[str, Any] = {"url": URL, "enabled_events": ["letter.created"]}
    for wrong, param in (
        ({"enabled_events": ["letter.delivered"]}, "enabledEvents"),
        ({"enabled_events": ["send.delivered"]}, "enabledEvents"),
        ({"enabled_events": []}, "enabledEvents"),
        ({"payload_format": "xml"}, "payloadFormat"),
        ({"secret": "short"}, "secret"),
        ({"secret": ""}, "secret"),
        ({"url": "ftp://8.8.8.8/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"extra_body": {"enabled": True}}, "enabled"),
    ):
        with pytest.raises(postgrid.BadRequestError) as refusal:
            await client.print_mail.webhooks.create(**{**good, **wrong})
        body: Any = refusal.value.body
        assert (body["error"]["param"], body["error"]["message"].partition(" ")[0].rstrip(":")) == (param, param)
    with pytest.raises(postgrid.BadRequestError, match=r"type: 'letter\.delivered' is no type of event"):
        await client.print_mail.events.list(extra_query={"type": "letter.created,letter.delivered"})


async def test_each_try_is_an_invocation_and_each_thing_told_an_event(
    client: AsyncPostGrid, nearby: Context, scope: Scope, receiver: tuple[Receiver, str]
) -> None:
    own, address = receiver
    hook = await client.print_mail.webhooks.create(
        url=f"{address}/", enabled_events=["letter.created", "campaign.created"], payload_format="json", secret=SECRET
    )
    await client.print_mail.webhooks.create(url=f"{address}/", enabled_events=["letter.created"], secret=SECRET)
    (letter,) = await sends.create(nearby, scope, [NewSend("letter", Address(name="Ann", address_line1="1 Main St"))])
    assert isinstance(letter, dict)
    own.failing = 2
    await deliver(nearby)
    await deliver(nearby)
    async with nearby.database.transaction() as connection:
        await tell_of(connection, nearby, scope, "campaign.created", ("campaign", 5), CAMPAIGN, None)
    await hook_deliveries.try_out(nearby, scope, hook.id)
    await deliver(nearby)

    async with nearby.database.transaction() as connection:  # the letter's first delivery was the last to arrive
        number = nearby.ids.decode(str(letter["id"]))[1]
        later = "update delivery set ended_at = ended_at + interval '1 h' where send_id = %s"
        await connection.execute(later, [number])

    tried = [each async for each in client.print_mail.webhooks.list_invocations(hook.id, limit=2)]
    assert [each.created_at for each in tried] == sorted((each.created_at for each in tried), reverse=True)
    assert (tried[0].order_id, tried[0].status_code, tried[-1].status_code) == (letter["id"], 200, 500)
    assert sorted((each.type, each.status_code, each.order_id or "") for each in tried) == [
        ("campaign.created", 200, ""),
        ("letter.created", 200, ""),
        ("letter.created", 200, letter["id"]),
        ("letter.created", 500, letter["id"]),
    ]
    assert len({each.id for each in tried}) == 4
    assert {each.webhook for each in tried} == {hook.id}
    failed = await client.print_mail.webhooks.list_invocations(hook.id, search="letter 500")
    assert (failed.total_count, failed.data[0].status_code) == (1, 500)

    events = [each async for each in client.print_mail.events.list(limit=1)]
    assert [each.type for each in events] == ["campaign.created", "letter.created"]
    assert events[0].data == CAMPAIGN
    assert {each.event for each in tried} > {each.id for each in events}
    heard = [verify(each.body, each.headers, SECRET) for each in own.taken]
    assert {(each.type, each.format) for each in heard if each.id in {one.id for one in events}} == {
        ("letter.created", "postgrid_json"), ("letter.created", "postgrid_jwt"), ("campaign.created", "postgrid_json")
    }  # fmt: skip
    only = await client.print_mail.events.list(type=["letter.created", "letter.updated"])
    assert [each.id for each in only.data] == [events[1].id]
    assert (await client.print_mail.events.list(type=["box.created"])).total_count == 0
    key = await api_keys.add_key(nearby, "Acme", True)
    assert (await client.with_options(print_mail_api_key=key).print_mail.events.list()).data == []
