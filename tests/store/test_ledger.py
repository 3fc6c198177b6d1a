"""The ledger: whatever happens, in whatever order and at once, money moves with the sends and never without them."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.money import NOT_OWED
from sendtrail.domain.observation import Observation, event_item
from sendtrail.domain.problems import Conflict, NotFound, SendtrailError, Unaffordable
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import SendChange
from sendtrail.services import cancelling, doctor, editing, funds, money, reports, sends
from sendtrail.services.context import Context
from sendtrail.store import ingest
from sendtrail.store.system import proofs

from .piles import DAY, NOON, RECORDED, organization

in_database = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
EGIFT = NewSend("egift", Address(name="Ann", email="ann@example.com"), cost_cents=2_500, send_date=DAY)
GIFT = NewSend("gift", Address(name="Bo"), cost_cents=4_000, send_date=DAY)
LETTER = NewSend("letter", Address(name="Cy"), cost_cents=70, send_date=DAY)
FREE = NewSend("postcard", Address(name="Di"), send_date=DAY)
LIFE = ("offer_sent", "opened", "clicked", "expired", "redeemed", "refunded", "failed", "held", "cancelled")

Entries = list[tuple[str, int]]


async def accept(context: Context, scope: Scope, *new: NewSend) -> list[str]:
    """The ids of sends that are all accepted."""
    made = await sends.create(context, scope, list(new))
    assert not [each for each in made if isinstance(each, SendtrailError)]
    return [each["id"] for each in made if isinstance(each, dict)]


async def happen(context: Context, scope: Scope, told: list[tuple[str, str, int]]) -> None:
    """One batch of what vendors tell: the send's id, the event, minutes after noon."""
    observations = [
        Observation(
            0,
            event_item(NOON + minutes * 60_000, code, Source.VENDOR, Evidence.REPORTED),
            send=str(sends.send_number(context, id_)),
        )
        for id_, code, minutes in told
    ]
    rows = ingest.copy_rows(observations, RECORDED)
    await context.database.run(lambda connection: ingest.record(connection, scope, rows))


async def entries(context: Context, scope: Scope, id_: str) -> Entries:
    """The types and cents of what was booked for a send, in order."""
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select type, cents from ledger where organization_id = %s and send_id = %s order by id",
            [scope.organization_id, sends.send_number(context, id_)],
        )
        return [({2: "charge", 3: "refund"}[type_], cents) async for type_, cents in cursor]


async def assert_money_holds(context: Context) -> None:
    """The ledger's sum is the balance; it holds what is owed and what reports say; entries of a send alternate."""
    async with context.database.snapshot() as connection:
        assert await proofs.unbalanced(connection) == 0
        assert await proofs.unpaid(connection) == 0
        assert await proofs.misspent(connection) == 0
        assert await proofs.miscounted(connection) == 0
        cursor = await connection.execute(
            "select count(*) from (select type, lag(type) over (partition by send_id order by id) as before"
            "  from ledger where send_id <> 0) entry where type = before or (before is null and type = 3)"
        )
        assert await cursor.fetchone() == (0,)


async def test_a_send_is_charged_when_it_is_accepted_and_refunded_once_it_is_owed_no_more(context: Context) -> None:
    scope = await organization(context)
    for code, new in {
        "cancelled": LETTER,
        "failed": LETTER,
        "confirmation_expired": GIFT,
        "refunded": EGIFT,
    }.items():
        cents = new.cost_cents or 0
        (id_,) = await accept(context, scope, new)
        assert await entries(context, scope, id_) == [("charge", -cents)]
        await happen(context, scope, [(id_, code, 1)])
        await happen(context, scope, [(id_, code, 1), (id_, code, 2)])
        assert await entries(context, scope, id_) == [("charge", -cents), ("refund", cents)], code
    assert {"cancelled", "failed", "confirmation_expired", "refunded"} == set(NOT_OWED)
    await assert_money_holds(context)


async def test_an_offer_that_runs_out_is_refunded_only_if_nobody_looked_at_it(context: Context) -> None:
    scope = await organization(context)
    unopened, opened, clicked, late = await accept(context, scope, *[EGIFT] * 4)
    await happen(context, scope, [(opened, "opened", 5), (clicked, "clicked", 6)])
    await happen(context, scope, [(id_, "expired", 60) for id_ in (unopened, opened, clicked, late)])
    shown = {id_: await sends.get(context, scope, id_) for id_ in (unopened, opened, clicked, late)}
    assert [shown[id_]["status"]["code"] for id_ in shown] == ["refunded", "expired", "expired", "refunded"]
    last = shown[unopened]["trail"][-1]
    assert (last["code"], last["source"], last["evidence"]) == ("refunded", "system", "inferred")
    assert last["occurred_at"] == shown[unopened]["trail"][-2]["occurred_at"]
    assert [len(await entries(context, scope, id_)) for id_ in shown] == [2, 1, 1, 2]
    assert (await reports.summary(context, scope, DAY, DAY)).spent == 5_000

    await happen(context, scope, [(late, "redeemed", 30)])
    assert await entries(context, scope, late) == [("charge", -2_500), ("refund", 2_500), ("charge", -2_500)]
    await happen(context, scope, [(unopened, "expired", 60), (unopened, "expired", 90)])
    assert (await sends.get(context, scope, unopened))["status"]["code"] == "refunded"
    assert len(await entries(context, scope, unopened)) == 2
    await assert_money_holds(context)


async def test_the_order_in_which_opening_and_expiry_are_told_does_not_matter(context: Context) -> None:
    scope = await organization(context)
    orders = list(permutations([("opened", 5), ("clicked", 70), ("expired", 60)]))
    for order, id_ in zip(orders, await accept(context, scope, *[EGIFT] * len(orders)), strict=True):
        for code, minutes in order:
            await happen(context, scope, [(id_, code, minutes)])
        status = (await sends.get(context, scope, id_))["status"]
        assert (status["code"], status["evidence"]) == ("expired", "reported"), order
        assert sum(cents for _, cents in await entries(context, scope, id_)) == -2_500, order
    await assert_money_holds(context)


async def test_what_is_free_or_a_test_moves_no_money(context: Context) -> None:
    scope = await organization(context)
    test = replace(scope, live=False)
    (free,) = await accept(context, scope, FREE)
    (rehearsed,) = await accept(context, test, GIFT)
    await happen(context, test, [(rehearsed, "cancelled", 1)])
    await happen(context, scope, [(free, "cancelled", 1)])
    async with context.database.snapshot() as connection:
        assert await (await connection.execute("select count(*) from ledger")).fetchone() == (0,)


async def test_a_send_that_moves_to_another_day_takes_its_cost_there(context: Context) -> None:
    scope = await organization(context)
    moved, gone = await accept(context, scope, LETTER, LETTER)
    later = DAY + timedelta(3)
    await editing.edit(context, scope, moved, SendChange(send_date=later))
    await cancelling.cancel(context, scope, gone)
    assert await entries(context, scope, moved) == [("charge", -70), ("refund", 70), ("charge", -70)]
    assert [(await reports.summary(context, scope, day, day)).spent for day in (DAY, later)] == [0, 70]
    assert (await money.balance(context, scope)).spent == 70
    await assert_money_holds(context)


@pytest.mark.parametrize("change", ["update ledger set cents = 1", "delete from ledger", "truncate ledger"])
async def test_the_ledger_is_only_ever_added_to(context: Context, change: str) -> None:
    scope = await organization(context)
    await accept(context, scope, LETTER)
    with pytest.raises(psycopg.errors.RestrictViolation, match="only ever added to"):
        async with context.database.transaction() as connection:
            await connection.execute(change.encode())


@in_database
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(LIFE), st.integers(0, 40)), min_size=1, max_size=12),
    st.integers(0, 12),
)
async def test_in_whatever_order_things_happen_the_ledger_holds_what_is_owed(
    context: Context, told: list[tuple[int, str, int]], cut: int
) -> None:
    scope = await organization(context)
    ids = await accept(context, scope, EGIFT, EGIFT, LETTER)
    for batch in (told[:cut], told[cut:], told[: cut // 2]):
        if batch:
            await happen(context, scope, [(ids[place], code, minutes) for place, code, minutes in batch])
        await assert_money_holds(context)


@in_database
@given(st.integers(0, 2**32))
async def test_people_and_machines_at_once_leave_the_ledger_true_and_no_fund_below_zero(
    context: Context, seed: int
) -> None:
    chance = random.Random(seed)
    scope = await organization(context)
    await money.deposit(context, scope, 30_000)
    (main,) = await funds.list_funds(context, scope)
    await funds.change_fund(context, scope, main.id, never_below_zero=True)
    ids: list[str] = []
    refused: list[SendtrailError] = []

    async def take() -> None:
        new = [chance.choice([EGIFT, GIFT, LETTER]) for _ in range(chance.randrange(1, 5))]
        for each in await sends.create(context, scope, new):
            if isinstance(each, SendtrailError):
                refused.append(each)
            else:
                ids.append(each["id"])

    async def call_off() -> None:
        if ids:
            numbers = [sends.send_number(context, id_) for id_ in chance.sample(ids, min(3, len(ids)))]
            await cancelling.cancel_many(context, scope, numbers)

    async def tell() -> None:
        egifts = [id_ for id_ in ids if id_.startswith("egift")]
        if egifts:
            codes = ("held", "expired", "failed", "cancelled")  # a refund that is taken back may lead below zero
            some = chance.sample(egifts, min(3, len(egifts)))
            await happen(context, scope, [(id_, chance.choice(codes), chance.randrange(40)) for id_ in some])

    async def move() -> None:
        if ids:
            day = SendChange(send_date=DAY + timedelta(chance.randrange(9)))
            try:
                await editing.edit(context, scope, chance.choice(ids), day)
            except (Conflict, NotFound):
                return

    async def pay() -> None:
        try:
            await money.deposit(context, scope, chance.choice([2_000, -3_000]))
        except Unaffordable as refusal:
            refused.append(refusal)

    for _ in range(4):
        work = [take, take, take, call_off, tell, move, pay]
        chance.shuffle(work)
        await asyncio.gather(*(each() for each in work))
        assert (await money.balance(context, scope)).balance >= 0
        await assert_money_holds(context)
    assert all(isinstance(each, Unaffordable) for each in refused)
    left = await money.balance(context, scope)
    assert (await reports.summary(context, scope, DAY, DAY + timedelta(9))).spent == left.spent


async def test_the_doctor_proves_the_ledger(context: Context) -> None:
    scope = await organization(context)
    await money.deposit(context, scope, 1_000)
    await accept(context, scope, LETTER, GIFT)
    assert {proof.broken for proof in await doctor.prove(context)} == {0}

    async with context.database.transaction() as connection:
        await connection.execute("update balance set cents = cents + 1 where type = 1")
        await connection.execute("update state set cost_cents = 71 where cost_cents = 70")
    broken = {proof.law for proof in await doctor.prove(context) if proof.broken}
    assert broken >= {"balances equal the sum of the ledger", "the ledger holds for each send what it owes"}
