"""Orders made many at a time, by several at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from sendtrail.domain.bank_accounts import NewBankAccount
from sendtrail.domain.events import Kind
from sendtrail.domain.mailings import Settings
from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.pieces import Cheque, Making
from sendtrail.domain.postgrid.orders import of_send
from sendtrail.domain.problems import Conflict, Forbidden, SendtrailError
from sendtrail.domain.roles import rights_of
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import AddressChange, SendChange
from sendtrail.services import (
    bank_accounts,
    contents,
    mailer_ids,
    mailings,
    money,
    order_steps,
    order_views,
    orders,
    return_envelopes,
    sends,
    stock_orders,
    templates,
)
from sendtrail.services.context import Context
from sendtrail.services.editing import edit
from sendtrail.services.mailings import MailingPlan
from sendtrail.services.orders import NewOrder
from sendtrail.services.templates import TemplatePlan

from .hooks import listen, told
from .organizations import organization

PAUL = NewContact("1 Main St", "US", first_name="Paul", postal_code="60614")
DRAWN = NewBankAccount("First Bank", "US", "12345678", routing_number="021000021", signature_text="Paul")
OTHER = msgspec.structs.replace(DRAWN, account_number="87654321")
PAGES = [contents.html(f"<p>{n}</p>", "html") for n in range(4)]


@pytest.fixture
async def scope(context: Context) -> Scope:
    return await organization(context, live=False)


def letter(n: int = 0, **more: Any) -> NewOrder:
    """One of four letters to one of four people."""
    to = msgspec.structs.replace(PAUL, first_name=f"Paul {n}")
    return replace(NewOrder(kind="letter", to=to, from_=PAUL, documents={"html": PAGES[n]}), **more)


async def made(context: Context, scope: Scope, wanted: Sequence[NewOrder]) -> list[int | SendtrailError]:
    return await context.database.run(lambda connection: orders.make_many(connection, context, scope, wanted))


async def count(context: Context, table: str) -> int:
    async with context.database.snapshot() as connection:
        ((n,),) = await (await connection.execute(f"select count(*) from {table}".encode())).fetchall()
    return int(n)


async def test_each_that_cannot_be_made_is_refused_alone_and_in_its_place(context: Context, scope: Scope) -> None:
    wanted = [
        letter(0),
        letter(1, to=4711),
        letter(2, making=Making(templates={"template": 9})),
        letter(3, campaign="No such campaign"),
        letter(1, return_envelope=5),
        letter(1),
    ]

    results = await made(context, scope, wanted)

    refused = {n: (each.param, each.index) for n, each in enumerate(results) if isinstance(each, SendtrailError)}
    assert refused == {1: ("to", 1), 2: ("template", 2), 3: ("campaign", 3), 4: ("returnEnvelope", 4)}
    numbers = [each for each in results if isinstance(each, int)]
    async with context.database.snapshot() as connection:
        shown = await order_views.read(connection, context, scope, numbers, whole=True)
    assert [shown[each]["html"] for each in numbers] == ["<p>0</p>", "<p>1</p>"]
    assert await count(context, "piece") == 2


async def test_who_sends_the_same_at_once_keeps_it_once(context: Context, scope: Scope) -> None:
    forwards, backwards = [letter(n) for n in range(4)], [letter(n) for n in (3, 2, 1, 0)]

    results = await asyncio.gather(*(made(context, scope, each) for each in (forwards, backwards) * 4))

    assert all(isinstance(each, int) for some in results for each in some)
    assert (await count(context, "document"), await count(context, "contact")) == (4, 5)
    assert await count(context, "piece") == 32


async def test_no_number_of_a_cheque_is_given_twice_and_no_envelope_that_is_not_there(
    context: Context, scope: Scope
) -> None:
    drawn = NewBankAccount("First Bank", "CA", "12345678", route_number="001", transit_number="12345",
                           signature_text="Paul")  # fmt: skip
    account = (await bank_accounts.make(context, scope, drawn)).id
    envelope = (await return_envelopes.make(context, scope, PAUL, None, None)).id
    public_id = context.ids.encode("return_envelope", envelope)
    placed = await stock_orders.place(context, scope, public_id, 5000, None, None)
    async with context.database.transaction() as connection:
        await connection.execute(
            "update stock_order set status = 'filled', quantity_filled = 3 where id = %s", [placed.id]
        )

    def cheque() -> NewOrder:
        return letter(kind="cheque", making=Making(cheque=Cheque(100, "", account)), return_envelope=envelope)

    results = await asyncio.gather(*(made(context, scope, [cheque(), cheque()]) for _ in range(4)))

    numbers = [each for some in results for each in some if isinstance(each, int)]
    assert len(numbers) == 3
    assert {each.type for some in results for each in some if isinstance(each, SendtrailError)} == {"conflict"}
    async with context.database.snapshot() as connection:
        shown = await order_views.read(connection, context, scope, numbers)
    assert sorted(each["number"] for each in shown.values()) == [1, 2, 3]
    assert {each["currencyCode"] for each in shown.values()} == {"CAD"}


async def test_hooks_are_told_the_order_as_the_api_shows_it(context: Context, scope: Scope) -> None:
    await listen(context, scope, "letter.created")
    (number,) = await made(context, scope, [letter(description="First")])
    assert isinstance(number, int)

    (heard,) = await told(context)

    async with context.database.snapshot() as connection:
        shown = (await order_views.read(connection, context, scope, [number], whole=True))[number]
    content = {"url": shown.pop("url"), "html": shown.pop("html")}
    assert heard.body["data"] == shown
    assert all(content.values())
    assert (shown["to"]["firstName"], shown["description"]) == ("Paul 0", "First")


async def test_a_digital_cheque_is_cancelled_as_it_is_made_and_takes_nothing(context: Context) -> None:
    live = await organization(context, live=True)
    await mailer_ids.add_mailer_id(context, live, "901000111")
    await money.set_price(context, live, "cheque", 90)
    await listen(context, live, "cheque.created", "cheque.updated")
    account = (await bank_accounts.make(context, live, DRAWN)).id
    watermark = {"watermark": "Copy"}

    digital, printed = await made(
        context,
        live,
        [
            letter(kind="cheque", making=Making(cheque=Cheque(100, "", account, digital_only=only)))
            for only in (watermark, None)
        ],
    )

    assert isinstance(digital, int)
    assert isinstance(printed, int)
    async with context.database.snapshot() as connection:
        shown = await order_views.read(connection, context, live, [digital, printed])
        (send,) = await sends.views(connection, context, live, [digital])
    note = "digital only: it is kept and shown, never printed"
    assert shown[digital]["cancellation"] == {"reason": "user_initiated", "note": note}
    assert [(shown[each]["status"], shown[each]["number"]) for each in (digital, printed)] == [
        ("cancelled", 1),
        ("ready", 2),
    ]
    assert [(each["code"], each["source"]) for each in send["trail"]] == [
        ("created", "system"),
        ("cancelled", "system"),
    ]
    assert (send["imb"], send["cost_cents"]) == ("", 0)
    assert await count(context, "ledger") == 1
    heard = {each.body["data"]["id"]: each.body for each in await told(context)}
    assert {(each["type"], each["data"]["status"]) for each in heard.values()} == {
        ("cheque.created", "cancelled"),
        ("cheque.created", "ready"),
    }
    with pytest.raises(Conflict, match="cancelled already"):
        await order_steps.cancel(context, live, Kind.CHEQUE, send["id"])


async def test_a_number_of_a_cheque_is_taken_once_and_stays_so(context: Context, scope: Scope) -> None:
    one, other = [(await bank_accounts.make(context, scope, each)).id for each in (DRAWN, OTHER)]

    def cheque(number: int, account: int = one) -> NewOrder:
        return letter(kind="cheque", making=Making(cheque=Cheque(100, "", account, number)))

    (first,) = await made(context, scope, [cheque(7)])
    assert isinstance(first, int)
    await order_steps.cancel(context, scope, Kind.CHEQUE, context.ids.encode("cheque", first))
    again = await made(context, scope, [cheque(7), cheque(3), cheque(3), cheque(0), cheque(7, other)])
    racing = await asyncio.gather(*(made(context, scope, [cheque(5), cheque(0)]) for _ in range(4)))

    refused = [(n, each.type, each.param) for n, each in enumerate(again) if isinstance(each, SendtrailError)]
    assert refused == [(0, "conflict", "number"), (2, "conflict", "number")]
    numbers = [each for each in (*again, *(each for some in racing for each in some)) if isinstance(each, int)]
    async with context.database.snapshot() as connection:
        shown = await order_views.read(connection, context, scope, numbers)
    assert sorted(each["number"] for each in shown.values()) == [3, 5, 7, 8, 9, 10, 11, 12]


async def test_no_key_draws_on_what_it_may_not_see_and_none_makes_what_it_cannot(
    context: Context, scope: Scope
) -> None:
    account = (await bank_accounts.make(context, scope, DRAWN)).id
    blind = replace(scope, actor="key:1", rights=rights_of({"sends.write": "organization"}))
    (refused,) = await made(context, blind, [letter(kind="cheque", making=Making(cheque=Cheque(100, "", account)))])
    assert isinstance(refused, Forbidden)
    assert "bank_accounts.read" in refused.message
    campaigns = replace(blind, rights=rights_of({"campaigns.write": "organization"}))
    plan = MailingPlan(kind=Kind.CHEQUE, settings=Settings(making=Making(cheque=Cheque(0, "", account))))
    with pytest.raises(Forbidden, match="bank_accounts"):
        await mailings.make(context, campaigns, plan, None)

    for word in ("own", "teams"):
        narrow = replace(scope, actor="key:1", rights=rights_of({"sends.write": word}))
        with pytest.raises(Forbidden, match="make one whose"):
            await orders.make_once(context, narrow, letter(), None)
        with pytest.raises(Forbidden):
            await sends.create_once(context, narrow, NewSend(kind="letter", to=Address(name="Ann")), None)


async def test_orders_are_found_by_all_that_they_say(context: Context, scope: Scope) -> None:
    ann = msgspec.structs.replace(PAUL, first_name="Ann", city="New York", email="ann@example.com")
    secret = msgspec.structs.replace(PAUL, first_name="Zoe", secret=True)
    await listen(context, scope, "letter.updated")
    template = await templates.make(context, scope, TemplatePlan(html="<p>Hi</p>"))
    plain, full, hidden, card = await made(
        context,
        scope,
        [
            letter(0),
            letter(
                1,
                to=ann,
                description="Spring mailing",
                metadata={"order": {"no": 4711, "shop": "North, side"}},
                making=Making(merge_variables={"greeting": "Dear Annie"}, templates={"template": template.id}),
                documents={},
            ),
            letter(2, to=secret, description="Yorkshire"),
            letter(0, kind="postcard", to=ann),
        ],
    )
    (bare,) = await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Annabel York"))])
    assert isinstance(full, int)
    assert isinstance(bare, dict)
    ids = context.ids
    async with context.database.snapshot() as connection:
        shown = (await order_views.read(connection, context, scope, [full]))[full]

    async def found(search: str, kind: Kind = Kind.LETTER) -> list[Any]:
        page = await order_views.page(context, scope, kind, search, 0, 10)
        assert page.total == len(page.orders)
        return [ids.decode(each["id"])[1] for each in page.orders]

    other = ids.decode(bare["id"])[1]
    for search, numbers in {
        '"New York"': [full],
        "new YORK spring": [full],
        '"York New"': [],
        "York": [hidden, full, other],
        "4711": [full],
        '"north, side"': [full],
        "ann@example.com": [full],
        '"dear ann"': [full],
        shown["to"]["id"]: [full],
        f"{shown['template']} spring": [full],
        shown["id"]: [full],
        ids.encode("contact", of_send(other)): [],
        bare["id"]: [other],
        "Zoe": [],
        "60614": [hidden, full, plain],
        "first_class": [hidden, full, plain],
        "' & ! :* \\": [hidden, full, plain],
        "nothing": [],
    }.items():
        assert await found(search) == numbers, search
    assert await found("york", Kind.POSTCARD) == [card]
    pages = [await order_views.page(context, scope, Kind.LETTER, "york", skip, 2) for skip in (0, 2, 4)]
    assert [[each["id"] for each in page.orders] for page in pages] == [
        [ids.encode("letter", int(str(hidden))), shown["id"]],
        [bare["id"]],
        [],
    ]
    change = SendChange(to=AddressChange(city="Boston"), tracking_number="TRACK1", carrier="other")
    await edit(context, scope, shown["id"], change)
    assert (await found("boston"), await found("track1"), await found('"new york"')) == ([full], [full], [])
    async with context.database.snapshot() as connection:
        after = (await order_views.read(connection, context, scope, [full]))[full]
    assert shown["updatedAt"] == shown["createdAt"] == after["createdAt"] < after["updatedAt"]
    heard = [each.body["data"] for each in await told(context) if each.body["type"] == "letter.updated"]
    assert heard[-1]["updatedAt"] == after["updatedAt"]
