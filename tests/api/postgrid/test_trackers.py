"""Trackers and their visits, by PostGrid's own client in its strict mode."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import postgrid
import pytest
from postgrid import AsyncPostGrid

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services import api_keys, destinations, trackers
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import code
from sendtrail.services.visiting import Answer, Asked, opened_visits
from sendtrail.store import destinations as store
from sendtrail.store import system, trials
from tests.links.printing import DESKTOP, PHONE
from tests.services.hooks import listen, told

from .conftest import Sdks

TEMPLATE = "https://shop.example.com/spring?name={{to.firstName}}&by={{from.companyName}}&o={{offer.code}}"
PLACE = {"address_line1": "1 Main St", "city": "Salem", "province_or_state": "OR", "country_code": "US"}
ANN: Any = {"first_name": "Mary Ann", "last_name": "Lee", "postal_or_zip": "97301", **PLACE}
ACME: Any = {"company_name": "Acme", "postal_or_zip": "97301", **PLACE}


HOSTS = ("menu.example.com", "shop.example.com")


@pytest.fixture
async def client(sdks: Sdks, context: Context) -> AsyncPostGrid:
    """In test mode, of Acme, whose links may lead to HOSTS."""
    client, acme = await sdks("Acme"), await scope_of(context)
    for host in HOSTS:
        await destinations.add_destination(context, acme, host)
    return client


@pytest.fixture
async def scope(client: AsyncPostGrid, context: Context) -> Scope:
    return await scope_of(context)


async def scope_of(context: Context) -> Scope:
    """Of Acme's test mode."""
    async with context.database.transaction() as connection:
        number = await system.organization_named(connection, "Acme")
    assert number is not None
    return Scope(number, False, "test")


async def orders(client: AsyncPostGrid, html: str, n: int) -> list[str]:
    """Letters of some HTML; their ids."""
    made = [
        await client.print_mail.letters.create(
            to=ANN, from_=ACME, html=html, merge_variables={"offer": {"code": "50 %"}}, description=str(n)
        )
        for n in range(n)
    ]
    return [each.id for each in made]


async def visit(context: Context, send_id: str, tracker: str, agents: Sequence[tuple[str, str]]) -> list[Answer]:
    """The link of a send's tracker is opened from some addresses, each with a browser."""
    number = context.ids.decode(send_id)[1]
    async with context.database.transaction() as connection:
        cursor = await connection.execute(
            "select link.id from link join tracker using (landing_id) where send_id = %s and tracker.id = %s",
            [number, context.ids.decode(tracker)[1]],
        )
        ((link,),) = await cursor.fetchall()
    async with opened_visits(context) as visits:
        return [
            await visits.open(Asked(code(context, link), datetime.now(UTC), address, agent))
            for address, agent in agents
        ]


async def test_visits_are_counted_and_listed_and_told_by_tracker(
    client: AsyncPostGrid, context: Context, scope: Scope
) -> None:
    await destinations.keep_addresses(context, scope, 30)
    made = [
        await client.print_mail.trackers.create(
            redirect_url_template=TEMPLATE, url_expire_after_days=30, description=name, metadata={"n": n}
        )
        for n, name in enumerate(("Spring sale", "Menu"))
    ]
    spring, menu = (each.id for each in made)
    assert (made[0].visit_count, made[0].redirect_url_template, made[0].live) == (0, TEMPLATE, False)
    await listen(context, scope, "tracker.visited")
    first, second = await orders(client, f"{{{{{spring}}}}}<img src='{{{{{menu}.qrcode}}}}'>", 2)

    answers = await visit(context, first, spring, [("203.0.113.7", PHONE)] * 2 + [("203.0.113.8", DESKTOP)])
    await visit(context, second, spring, [("203.0.113.9", "curl/8.0")])
    await visit(context, second, menu, [("203.0.113.9", PHONE)])

    assert answers[0].location == "https://shop.example.com/spring?name=Mary%20Ann&by=Acme&o=50%20%25"
    counts = {each.id: (each.visit_count, each.unique_visit_count) async for each in client.print_mail.trackers.list()}
    assert counts == {spring: (3, 2), menu: (1, 1)}
    listed = [each async for each in client.print_mail.trackers.retrieve_visits(spring, limit=2)]
    assert [(each.order_id, each.ip_address, each.tracker) for each in listed] == [
        (first, address, spring) for address in ("203.0.113.8", "203.0.113.7", "203.0.113.7")
    ]
    for search, n in ((f'"{first}"', 3), (second, 0), ("PHONE 113.7", 2), ("{", 0), ("%", 0)):
        assert (await client.print_mail.trackers.retrieve_visits(spring, search=search)).total_count == n, search
    told_of = [each.body["data"] for each in await told(context)]
    assert [(each["tracker"], each["orderID"]) for each in told_of] == [
        (spring, first), (spring, first), (spring, first), (menu, second)
    ]  # fmt: skip
    assert not any("ipAddress" in each for each in told_of)

    await context.database.run(lambda connection: trials.reset(connection, scope, 0))
    taken_back = await client.print_mail.trackers.retrieve(spring)
    assert (taken_back.visit_count, taken_back.unique_visit_count) == (0, 0)


async def test_a_change_leads_printed_links_elsewhere_and_a_deleted_tracker_leads_on(
    client: AsyncPostGrid, context: Context, scope: Scope
) -> None:
    tracker = (await client.print_mail.trackers.create(redirect_url_template=TEMPLATE, url_expire_after_days=30)).id
    (order,) = await orders(client, f"{{{{{tracker}}}}}", 1)

    changed = await client.print_mail.trackers.update(
        tracker, redirect_url_template="https://menu.example.com/", url_expire_after_days=365, description="Menu"
    )
    assert (changed.url_expire_after_days, changed.description) == (365, "Menu")
    assert (await visit(context, order, tracker, [("", PHONE)]))[0].location == "https://menu.example.com/"
    with pytest.raises(Conflict, match=r"1 tracker leads to menu\.example\.com: change the redirectURLTemplate"):
        await destinations.remove_destination(context, scope, "menu.example.com")

    assert (await client.print_mail.trackers.delete(tracker)).deleted
    assert (await visit(context, order, tracker, [("", PHONE)]))[0].location == "https://menu.example.com/"
    await destinations.remove_destination(context, scope, "menu.example.com")
    assert (await client.print_mail.trackers.list(search='"menu.example"')).data == []
    with pytest.raises(postgrid.NotFoundError):
        await client.print_mail.trackers.retrieve_visits(tracker)
    async with context.database.transaction() as connection:
        assert await trackers.known(connection, context, scope, [f"{{{{{tracker}}}}}"]) == {}


async def test_what_is_wrong_with_a_tracker_is_said_in_the_clients_words(client: AsyncPostGrid) -> None:
    days: Any
    for url, days, param, why in (
        ("shop.example.com", 30, "redirectURLTemplate", "must begin with https://"),
        ("http://shop.example.com/", 30, "redirectURLTemplate", "must begin with https://, not http://"),
        ("https://{{to.city}}/", 30, "redirectURLTemplate", "the host must stand there"),
        ("https://shop.example.com/{{to.jobTitle}}", 30, "redirectURLTemplate", "'to.jobTitle' is no variable"),
        ("https://shop.example.com/", 31, "urlExpireAfterDays", "must be 30, 60, 90, 180 or 365"),
    ):
        with pytest.raises(postgrid.BadRequestError) as refusal:
            await client.print_mail.trackers.create(redirect_url_template=url, url_expire_after_days=days)
        body: Any = refusal.value.body
        assert (body["error"]["type"], body["error"]["param"]) == ("validation_error", param)
        assert body["error"]["message"].startswith(param)
        assert why in body["error"]["message"]

    assert (await client.print_mail.trackers.list()).total_count == 0


async def test_a_host_is_allowed_by_a_live_key_that_may_change_the_settings_and_by_nobody_else(
    client: AsyncPostGrid, sdks: Sdks, context: Context, scope: Scope
) -> None:
    live = await sdks("Acme", live=True)
    live_scope = dataclasses.replace(scope, live=True)
    narrow = (await api_keys.make(context, live_scope, "Shop", {"sends.write": "organization"})).key
    shop = client.with_options(print_mail_api_key=narrow)

    async def refused(who: AsyncPostGrid, host: str) -> str:
        with pytest.raises((postgrid.BadRequestError, postgrid.ConflictError)) as refusal:
            await who.print_mail.trackers.create(redirect_url_template=f"https://{host}/a", url_expire_after_days=30)
        error: Any = refusal.value.body
        assert error["error"]["param"] == "redirectURLTemplate"
        return str(error["error"]["message"])

    assert await refused(shop, "new.example.com") == (
        "redirectURLTemplate leads to new.example.com, which is no host that links may lead to; allowed: "
        "menu.example.com, shop.example.com"
    )
    assert await refused(client, "new.example.com") == (
        "redirectURLTemplate new.example.com is none that links may lead to (allowed: menu.example.com,"
        " shop.example.com), and a test key allows no other: allow it at /settings/links or with a live key"
    )
    for host in ("localhost", "127.0.0.1:8020"):
        assert "SENDTRAIL_ALLOW_PRIVATE_HOOKS" in await refused(live, host)
        with pytest.raises(Invalid, match="each visitor's own machine"):
            await destinations.add_destination(context, scope, host)
    assert [each.host for each in await destinations.list_destinations(context, scope)] == list(HOSTS)

    new: dict[str, Any] = {"redirect_url_template": "https://new.example.com/a", "url_expire_after_days": 30}
    assert (await live.print_mail.trackers.create(**new)).id
    for who in (shop, client):
        tracker = await who.print_mail.trackers.create(**new)
        assert (await who.print_mail.trackers.update(tracker.id, **new)).id == tracker.id
    async with context.database.transaction() as connection:
        for n in range(destinations.MAX_DESTINATIONS - 3):
            await store.add(connection, scope, f"{n}.example.com")
    assert "one more than the 200" in await refused(live, "other.example.com")
    tracker = await live.print_mail.trackers.create(**new)
    assert (await live.print_mail.trackers.update(tracker.id, **new)).id == tracker.id


async def test_a_tracker_is_nobody_elses(sdks: Sdks, client: AsyncPostGrid) -> None:
    tracker = (await client.print_mail.trackers.create(redirect_url_template=TEMPLATE, url_expire_after_days=30)).id
    for other in (await sdks("Acme", live=True), await sdks("Other")):
        assert (await other.print_mail.trackers.list()).data == []
        with pytest.raises(postgrid.NotFoundError):
            await other.print_mail.trackers.retrieve(tracker)
