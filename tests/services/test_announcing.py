"""What becomes of the outbox: notifications in each hook's words, with the send as it was as of then."""

import asyncio
import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.deliveries import State
from sendtrail.domain.events import Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.notice_bodies import NATIVE, POSTGRID
from sendtrail.domain.observation import Observation
from sendtrail.domain.phases import Phase
from sendtrail.domain.postgrid.orders import changing
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import AddressChange, SendChange
from sendtrail.domain.vocabularies.postalytics import tellings
from sendtrail.services import announcing, campaigns, editing, sends
from sendtrail.services.context import Context
from sendtrail.store import sends as store
from sendtrail.store.system import responses
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse
from tests.store.piles import DAY, letters, observations, organization, report, scan, take

from .hooks import listen, told, types

NOON = "2026-03-02T12:00:00.000Z"


async def respond(context: Context, *rows: NewResponse) -> None:
    now = datetime.now(UTC)
    await context.database.run(lambda connection: responses.record(connection, rows, now))


def shape(value: Any) -> Any:
    """The names of a body's fields, however deep; what lists, texts and metadata hold is anybody's."""
    if isinstance(value, dict):
        return {
            name: shape(part) for name, part in value.items() if name not in ("to", "from", "metadata", "local_time")
        }
    return None if value is None else "…"


async def test_a_body_tells_the_event_and_the_send_as_they_are_known(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.out_for_delivery", "postalytics.*")
    to = Address(name="Ann", email="ann@example.com", postal_code="60614")
    new = NewSend("letter", to, imb="0027090123456700000160614", campaign="Welcome", external_id="crm-1",
                  metadata={"policy": 7}, tags=["north"], sender="Joe", send_date=DAY)  # fmt: skip
    await campaigns.add_campaign(context, scope, "Welcome", "bulk")
    (letter,) = await sends.create(context, scope, [new])
    assert isinstance(letter, dict)
    assert await types(context) == []
    out = scan(1, 0, Phase.DESTINATION_SEQUENCED, operation=919, expected=2254)
    await take(context.database, scope, [out._replace(zip=60614)])

    ours, *theirs = await told(context)
    assert [each.type for each in theirs] == ["postalytics.Mailed", "postalytics.ProcessedForDelivery"]
    assert {each.sequence for each in (ours, *theirs)} == {2}
    assert theirs[1].body["data"]["code"] == {"vocabulary": "postalytics", "name": "ProcessedForDelivery", "number": 6}
    body, data = ours.body, ours.body["data"]
    assert (body["type"], body["timestamp"], body["live"]) == ("send.out_for_delivery", NOON, True)
    assert body["organization"]["name"].startswith("Acme")
    assert (data["event"]["evidence"], data["event"]["place"]["zip"]) == ("scanned", "60614")
    assert data["status_changed"]
    assert data["previous_status"]["code"] == "created"
    send = data["send"]
    assert (send["id"], send["status"]["code"]) == (letter["id"], "out_for_delivery")
    assert send["to"] == {"name": "Ann", "email": "ann@example.com", "postal_code": "60614", "country": "US"}
    assert (send["external_id"], send["metadata"], send["campaign"]["name"]) == ("crm-1", {"policy": 7}, "Welcome")
    assert send["expected_delivery"] == "2026-03-04"
    assert send["vocabularies"]["postalytics"] == {"name": "ProcessedForDelivery", "code": 6}
    assert not {"trail", "responses", "cost_cents", "currency", "funding_source", "link"} & send.keys()
    example = json.loads(json.dumps(NATIVE))
    example["data"]["send"] |= {"owner": None}
    assert shape(body).keys() == shape(example).keys()
    assert shape(data).keys() == shape(example["data"]).keys()
    assert shape(data["event"]).keys() == shape(example["data"]["event"]).keys()
    assert shape(send).keys() == shape(example["data"]["send"]).keys()


async def test_who_hears_all_counts_without_gaps_whatever_comes(context: Context) -> None:
    scope = await organization(context)
    (old,) = await letters(context, scope, [0])
    everything = await listen(context, scope, "send.*")
    await listen(context, scope, "send.printed", "send.status_changed")
    (new,) = await letters(context, scope, [1])
    numbers = {name: sends.send_number(context, name) for name in (old, new)}
    for serial in (0, 1):
        await take(context.database, scope, [report(serial, 0, "printed"), scan(serial, 60, operation=141)])
    await editing.edit(context, scope, new, SendChange(tracking_number="4204", carrier="dhl"))
    await respond(
        context, NewResponse(numbers[new], VISIT, datetime.now(UTC)), NewResponse(numbers[old], GOAL, datetime.now(UTC))
    )
    await take(context.database, scope, [scan(1, 60, Phase.DELIVERY, operation=141)])
    await take(context.database, scope, [report(1, 90, "returned")])
    heard = [each for each in await told(context) if each.hook == everything]

    of_new = [(each.sequence, each.type) for each in heard if each.send == numbers[new]]
    assert [sequence for sequence, _ in of_new] == list(range(1, len(of_new) + 1))
    assert [type_ for _, type_ in of_new] == [
        "send.created", "send.printed", "send.delivered", "send.updated", "send.link_opened", "send.returned",
    ]  # fmt: skip
    of_old = [(each.sequence, each.type) for each in heard if each.send == numbers[old]]
    assert of_old == [(2, "send.printed"), (3, "send.in_transit"), (4, "send.goal_reached")]


async def test_an_event_that_became_better_known_is_told_as_what_it_is(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*", "send.status_changed", "postalytics.*", "letter.updated", "stannp.*")
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, operation=141)])
    before = await told(context)
    await take(context.database, scope, [scan(1, 0, Phase.DESTINATION_SEQUENCED, operation=141)])
    after = await told(context)

    assert [each.sequence for each in before] == sorted(each.sequence for each in before)
    assert {each.type for each in after} == {
        "send.out_for_delivery", "send.status_changed", "postalytics.ProcessedForDelivery", "letter.updated",
        "stannp.local_delivery",
    }  # fmt: skip
    assert {each.sequence for each in after} == {before[-1].sequence + 1}
    (order,) = [each.body for each in after if each.type == "letter.updated"]
    assert order["updatedFields"] == {"imbStatus": "out_for_delivery"}
    await take(context.database, scope, [scan(1, 0, Phase.DESTINATION_SEQUENCED, operation=141)])
    assert await types(context) == []


async def test_a_better_known_event_is_told_even_where_the_status_stays(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "postalytics.*", "send.*", "send.status_changed")
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, operation=141), report(1, 60, "returned")])
    before = await told(context)
    await take(context.database, scope, [scan(1, 0, Phase.DESTINATION_SEQUENCED, operation=141)])

    assert [(each.type, each.sequence) for each in await told(context)] == [
        (type_, before[-1].sequence + 1) for type_ in ("send.out_for_delivery", "postalytics.ProcessedForDelivery")
    ]


async def test_an_order_of_postgrid_is_told_when_a_field_of_it_is_another(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "letter.created", "letter.updated", "tracker.visited")
    (letter,) = await letters(context, scope, [1])
    number = sends.send_number(context, letter)
    await take(context.database, scope, [report(1, 0, "rendered")])
    await take(context.database, scope, [report(1, 60, "printed")])
    await editing.edit(context, scope, letter, SendChange(tracking_number="4204", carrier="dhl"))
    await take(context.database, scope, [scan(1, 90, Phase.ORIGIN), scan(1, 120, Phase.ORIGIN)])
    await respond(context, NewResponse(number, VISIT, datetime(2026, 3, 5, tzinfo=UTC), device="phone"))
    heard = await told(context)

    assert [(each.type, each.body["updatedFields"]) for each in heard] == [
        ("letter.created", None),
        ("letter.updated", {"status": "printing"}),
        ("letter.updated", {"trackingNumber": "4204"}),
        (
            "letter.updated",
            {
                "status": "processed_for_delivery",
                "imbStatus": "entered_mail_stream",
                "imbDate": "2026-03-02T12:01:30.000Z",
                "imbZIPCode": "10001",
            },
        ),
        ("letter.updated", {"imbDate": "2026-03-02T12:02:00.000Z"}),
        ("tracker.visited", None),
    ]
    created, first, *_, visited = (each.body for each in heard)
    assert created["data"]["status"] == "ready"
    assert "trackingNumber" not in first["data"]
    assert shape(first).keys() == shape(POSTGRID).keys()
    assert {"object": "contact", "firstName": "Ann", "countryCode": "US"}.items() <= created["data"]["to"].items()
    assert (visited["data"]["orderID"], visited["data"]["device"]) == (letter, "phone")
    assert visited["data"]["createdAt"] == "2026-03-05T00:00:00.000Z"


async def test_what_somebody_changes_is_told_with_the_send_as_it_was_at_each_step(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*", "letter.updated")
    (made,) = await sends.create(context, scope, [NewSend("letter", Address(name="Ann", city="Troy"))])
    assert isinstance(made, dict)
    await editing.edit(context, scope, made["id"], SendChange(to=AddressChange(name="Bea", city="")))
    await editing.edit(context, scope, made["id"], SendChange(send_date=datetime(2027, 3, 1).date()))
    heard = await told(context)

    recipients = [each.body["data"]["send"]["to"] for each in heard if each.type.startswith("send.")]
    assert [(to["name"], to.get("city")) for to in recipients] == [("Ann", "Troy"), ("Bea", None), ("Bea", None)]
    fields = [each.body["data"]["updated_fields"] for each in heard if each.type.startswith("send.")]
    assert fields == [None, ["to.city", "to.name"], ["send_date"]]
    changes = [each.body["updatedFields"] for each in heard if each.type == "letter.updated"]
    assert [changes[0].keys(), changes[1]] == [{"to"}, {"sendDate": "2027-03-01T00:00:00.000Z"}]
    assert (changes[0]["to"]["firstName"], changes[0]["to"].get("city")) == ("Bea", None)
    event = heard[1].body["data"]["event"]
    assert (event["code"], event["detail"]) == ("updated", {"to.name": ["Ann", "Bea"], "to.city": ["Troy", ""]})


async def test_hooks_hear_what_their_filters_let_through(context: Context) -> None:
    agency, scope = await organization(context, "Agency"), await organization(context)
    async with context.database.transaction() as connection:
        await connection.execute(
            "update organization set parent_id = %s where id = %s", [agency.organization_id, scope.organization_id]
        )
    new = [
        NewSend("letter", Address(name="Ann"), campaign="A", tags=["x", "y"]),
        NewSend("postcard", Address(name="Bo"), campaign="B", tags=["z"]),
        NewSend("gift", Address(name="Cy")),
    ]
    for name in ("A", "B"):
        await campaigns.add_campaign(context, scope, name, "bulk")
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select id from campaign where name = 'A'")
        (campaign,) = await cursor.fetchone() or (0,)
    hooks = {
        "kinds": await listen(context, scope, "send.created", kinds=[Kind.POSTCARD, Kind.GIFT]),
        "campaign": await listen(context, scope, "send.created", campaigns=[campaign]),
        "tags": await listen(context, scope, "send.created", tags=["y", "z"]),
        "agency": await listen(context, agency, "send.created", clients=True),
        "own": await listen(context, agency, "send.created"),
        "test": await listen(context, Scope(scope.organization_id, False, "test"), "send.created"),
        "other": await listen(context, await organization(context), "send.*"),
    }
    await sends.create(context, scope, new)
    heard = await told(context)

    def names(hook: str) -> list[str]:
        return [each.body["data"]["send"]["to"]["name"] for each in heard if each.hook == hooks[hook]]

    assert (names("kinds"), names("campaign"), names("tags")) == (["Bo", "Cy"], ["Ann"], ["Ann", "Bo"])
    assert sorted(names("agency")) == ["Ann", "Bo", "Cy"]
    assert names("own") == names("test") == names("other") == []
    agencys = [each for each in heard if each.hook == hooks["agency"]]
    assert {each.organization for each in agencys} == {agency.organization_id}
    assert {each.body["organization"]["name"] for each in agencys} == {f"Acme {scope.organization_id - 1}"}


async def test_machines_are_told_to_who_wants_them_and_bear_no_number_of_their_own(context: Context) -> None:
    scope = await organization(context)
    people = await listen(context, scope, "send.link_opened", "postalytics.pURLOpened", "lob.*")
    all_ = await listen(context, scope, "send.link_opened", bots=True)
    (letter,) = await letters(context, scope, [1])
    await told(context)
    visit = NewResponse(sends.send_number(context, letter), VISIT, datetime.now(UTC), country="US", device="phone")
    await respond(context, visit, visit._replace(bot=True), visit)
    heard = await told(context)

    by = {hook: [(each.type, each.sequence) for each in heard if each.hook == hook] for hook in (people, all_)}
    assert by[people] == [(type_, n) for n in (2, 3) for type_ in ("send.link_opened", "postalytics.pURLOpened")]
    assert by[all_] == [("send.link_opened", 2), ("send.link_opened", 2), ("send.link_opened", 3)]
    event = heard[0].body["data"]["event"]
    assert event["id"].startswith("visit_")
    assert event["response"]["device"] == "phone"
    assert not {"value_cents", "currency"} & event["response"].keys()


async def test_what_nobody_could_hear_is_not_told_later(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, Phase.ORIGIN)])
    await listen(context, scope, "send.returned")
    await take(context.database, scope, [scan(1, 60, Phase.DESTINATION_MMP)])
    await listen(context, scope, "postalytics.*", "letter.updated")
    await take(context.database, scope, [scan(1, 120, Phase.DESTINATION_SEQUENCED)])
    heard = await told(context)

    assert [each.type for each in heard] == ["postalytics.ProcessedForDelivery", "letter.updated"]
    assert heard[1].body["updatedFields"] == {
        "imbStatus": "out_for_delivery", "imbDate": "2026-03-02T12:02:00.000Z",
    }  # fmt: skip


async def test_what_was_long_noted_when_a_hook_was_made_is_not_for_it(context: Context) -> None:
    scope = await organization(context)
    first = await listen(context, scope, "send.*", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    await letters(context, scope, [1])
    async with context.database.transaction() as connection:
        await connection.execute("update outbox set created_at = created_at - interval '2 min'")
    second = await listen(context, scope, "send.*")
    await take(context.database, scope, [report(1, 0, "printed")])

    assert [(each.hook, each.type) for each in await told(context)] == [
        (first, "send.created"), (first, "send.printed"), (second, "send.printed"),
    ]  # fmt: skip


@pytest.mark.parametrize(("days", "due"), [(1, "2026-03-03T14:00:00+00:00"), (5, "2026-03-09T13:00:00+00:00")])
async def test_a_hook_that_waits_is_due_on_the_morning_after_so_many_business_days(
    context: Context, days: int, due: str
) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.out_for_delivery", wait_days=days)
    await letters(context, scope, [1])
    await take(context.database, scope, [scan(1, 0, Phase.DESTINATION_SEQUENCED)])
    (only,) = await told(context)

    assert only.state is State.WAITING
    assert only.due_at == datetime.fromisoformat(due)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(observations(2), st.booleans()), min_size=1, max_size=5))
async def test_whatever_comes_in_whatever_order_each_telling_follows_from_the_one_before(
    context: Context, rounds: list[tuple[list[Observation], bool]]
) -> None:
    scope = await organization(context)
    ours = await listen(context, scope, "send.*")
    postal = await listen(context, scope, "postalytics.*")
    orders = await listen(context, scope, "letter.created", "letter.updated")
    made = await letters(context, scope, [0, 1])
    heard = []
    for batch, at_once in rounds:
        await take(context.database, scope, batch)
        heard += await told(context) if at_once else []
    heard += await told(context)

    for letter in made:
        number = sends.send_number(context, letter)
        own = [each for each in heard if each.send == number]
        numbers = [each.sequence for each in own if each.hook == ours]
        assert numbers == list(range(1, len(numbers) + 1))
        codes = [each.type for each in own if each.hook == postal and each.type != "postalytics.ReRouted"]
        assert len(codes) == len(set(codes))
        async with context.database.snapshot() as connection:
            trail = (await store.trails(connection, scope, [number]))[number]
        final = {f"postalytics.{each.name}" for each in tellings(trail, Facts(Kind.LETTER, "usps"))}
        assert final <= {each.type for each in own if each.hook == postal}
        chain = [each.body for each in own if each.hook == orders]
        assert [body["type"] for body in chain] == ["letter.created"] + ["letter.updated"] * (len(chain) - 1)
        for before, after in pairwise(chain):
            assert after["updatedFields"]
            assert changing(before["data"]) | after["updatedFields"] == changing(after["data"])
        current = await sends.get(context, scope, letter)
        shown = current["vocabularies"]["postgrid"]
        assert shown == {name: chain[-1]["data"].get(name) for name in shown}


async def test_what_cannot_be_told_holds_nothing_else_up_and_is_told_later(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*")
    numbers = [sends.send_number(context, each) for each in await letters(context, scope, range(17))]
    broken = numbers[0]
    async with context.database.transaction() as connection:
        change = {"send_date": ["no day", "2026-03-02"]}
        await connection.execute(
            "insert into outbox (lane, organization_id, live, send_id, change) values (%s, %s, true, %s, %s)",
            [broken % 16, scope.organization_id, broken, json.dumps(change)],
        )
    assert await announcing.announce(context) == 16
    await take(context.database, scope, [report(n, 0, "printed") for n in range(17)])
    assert await announcing.announce(context) == 16
    async with context.database.transaction() as connection:
        await connection.execute("update outbox set change = null, told = 1, was = 0 where change is not null")
    assert await announcing.announce(context) == 0
    assert await announcing.retry(context) == 3

    own = [(each.type, each.sequence) for each in await told(context) if each.send == broken]
    assert own == [("send.created", 1), ("send.printed", 2)]


async def test_several_workers_tell_each_thing_once_and_in_order(context: Context) -> None:
    scope = await organization(context)
    await listen(context, scope, "send.*")
    for round_ in range(4):
        await letters(context, scope, range(round_ * 40, round_ * 40 + 40))
        await take(context.database, scope, [scan(n, round_, Phase.ORIGIN) for n in range(round_ * 40 + 40)])
    await _side_by_side(context, 3)
    heard = await told(context)

    by_send: dict[int, list[int]] = {}
    for each in heard:
        by_send.setdefault(each.send, []).append(each.sequence)
    assert len(by_send) == 160
    assert all(sequences == list(range(1, len(sequences) + 1)) for sequences in by_send.values())
    assert len(heard) == 160 + 40 * (4 + 3 + 2 + 1)


async def _side_by_side(context: Context, workers: int) -> None:
    await asyncio.gather(*(announcing.announce(context) for _ in range(workers)))
