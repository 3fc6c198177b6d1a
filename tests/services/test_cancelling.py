"""Cancelling, one send or many, against everything else that moves a send at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, event_type
from sendtrail.domain.phases import Phase
from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound
from sendtrail.domain.roles import READING
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import api_keys, cancelling, happenings, sends
from sendtrail.services.cancelling import cancel, cancel_many, cancel_named
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.sends import NewEvent
from sendtrail.store import ingest
from sendtrail.store.database import Connection
from tests.people import world
from tests.store.piles import NOON, letters, organization, scan
from tests.store.test_ingest import assert_recount_agrees, in_database

Work = Callable[[Connection], Awaitable[object]]


async def status(context: Context, scope: Scope, public_id: str) -> str:
    return str((await sends.get(context, scope, public_id))["status"]["code"])


def numbers(context: Context, public_ids: Sequence[str]) -> list[int]:
    return [sends.send_number(context, each) for each in public_ids]


async def waits(context: Context, task: "asyncio.Task[object]") -> bool:
    """Whether a task comes to wait for a lock of the database, rather than to its end."""
    while not task.done():
        async with context.database.snapshot() as connection:
            cursor = await connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            if await cursor.fetchone() != (0,):
                return True
    return False


async def while_another_is_at_it(context: Context, first: Work, then: Awaitable[object]) -> object:
    """Begin `then` when `first` is done but not yet committed; its answer, or what it raised."""
    async with context.database.transaction() as connection:
        await first(connection)
        task = asyncio.ensure_future(asyncio.gather(then, return_exceptions=True))
        assert await waits(context, task)  # type: ignore[arg-type]  # a future as good as a task
    return (await task)[0]


class TestOne:
    async def test_reason_and_person_are_kept_in_the_trail(self, context: Context) -> None:
        made = await world(context)
        await cancel(context, made.scopes["sam"], made.sends["sam"]["id"], "The event is off")
        event = (await sends.get(context, made.scopes["ann"], made.sends["sam"]["id"]))["trail"][-1]
        by = context.ids.encode("member", made.members["sam"])
        assert (event["code"], event["source"]) == ("cancelled", "person")
        assert event["detail"] == {"reason": "The event is off", "by": "sam@example.com", "by_id": by}

    async def test_a_key_is_named_with_its_id(self, context: Context) -> None:
        made = await world(context)
        key = await api_keys.make(context, made.scopes["ann"], "Shop")
        scope = await api_keys.scope_of_key(context, str(key.key))
        assert scope
        await cancel(context, scope, made.sends["key"]["id"])
        event = (await sends.get(context, scope, made.sends["key"]["id"]))["trail"][-1]
        assert event["detail"] == {"by": "API key Shop", "by_id": key.id}

    async def test_who_comes_second_is_told_that_it_is_done(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        await cancel(context, scope, letter)
        with pytest.raises(Conflict, match="cancelled already"):
            await cancel(context, scope, letter, "me too")
        assert len((await sends.get(context, scope, letter))["trail"]) == 2

    async def test_too_late_says_which_status_it_has(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        await sends.record_events(context, scope, letter, [NewEvent("handed_over", source="printer")])
        with pytest.raises(Conflict, match=r"Handed over \(handed_over\)"):
            await cancel(context, scope, letter)

    @pytest.mark.parametrize("kind", ["letter", "gift", "egift"])
    async def test_each_status_allows_it_or_not_as_the_table_says(self, context: Context, kind: str) -> None:
        scope = await organization(context)
        seen = set()
        for code in ("held", "resumed", "awaiting_approval", "printed", "ordered", "supplier_shipped", "offer_sent",
                     "opened", "clicked", "redeemed", "expired", "delivered", "failed"):  # fmt: skip
            to = Address(name="Ann", email="ann@example.com")
            (made,) = await sends.create(context, scope, [NewSend(kind, to)])  # type: ignore[arg-type]  # any kind
            assert isinstance(made, dict)
            try:
                await sends.record_events(context, scope, made["id"], [NewEvent(code)])
            except Invalid:
                continue  # not of this kind
            allowed = event_type(code, Evidence.REPORTED).cancellable
            seen.add(allowed)
            if allowed:
                await cancel(context, scope, made["id"])
            else:
                with pytest.raises(Conflict):
                    await cancel(context, scope, made["id"])
            assert (await status(context, scope, made["id"]) == "cancelled") == allowed
        assert seen == {True, False}

    async def test_the_same_click_twice_cancels_once_and_answers_twice(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        click = Request("click", b"x")
        one, two = await asyncio.gather(*(cancel(context, scope, letter, "why", click) for _ in range(2)))
        assert one == two
        assert len(msgspec.json.decode(one)["trail"]) == 2

    async def test_a_reason_has_its_limits(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        for reason in ("x" * 2_001, "a\0b"):
            with pytest.raises(Invalid) as refusal:
                await cancel(context, scope, letter, reason)
            assert refusal.value.param == "reason"
        assert await status(context, scope, letter) == "created"

    async def test_a_letters_number_with_another_kind_before_it_is_no_send(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        with pytest.raises(NotFound):
            await cancel(context, scope, letter.replace("letter", "postcard"))
        assert await status(context, scope, letter) == "created"

    async def test_who_only_reads_cancels_nothing(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        reader = Scope(scope.organization_id, True, "test", rights=READING)
        with pytest.raises(Forbidden):
            await cancel(context, reader, letter)
        with pytest.raises(Forbidden):
            await cancel_many(context, reader, numbers(context, [letter]))


class TestRaces:
    async def test_a_scan_that_is_being_taken_comes_before(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        rows = ingest.copy_rows([scan(1, 0, Phase.ORIGIN)], NOON // 1000)
        refused = await while_another_is_at_it(
            context, lambda connection: ingest.record(connection, scope, rows), cancel(context, scope, letter)
        )
        assert isinstance(refused, Conflict)
        assert "In transit" in refused.message
        assert await status(context, scope, letter) == "in_transit"
        await assert_recount_agrees(context.database)

    async def test_a_scan_that_comes_after_changes_no_status(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        rows = ingest.copy_rows([scan(1, 0, Phase.ORIGIN)], NOON // 1000)
        await while_another_is_at_it(
            context,
            lambda connection: happenings.tell(connection, context, scope, letter, [NewEvent("cancelled")]),
            context.database.run(lambda connection: ingest.record(connection, scope, rows)),
        )
        shown = await sends.get(context, scope, letter)
        assert [event["code"] for event in shown["trail"]] == ["created", "cancelled", "in_transit"]
        assert shown["status"]["code"] == "cancelled"
        await assert_recount_agrees(context.database)

    async def test_of_two_people_at_once_one_cancels(self, context: Context) -> None:
        made = await world(context)
        letter = made.sends["sam"]["id"]
        answers = await asyncio.gather(
            *(cancel(context, made.scopes[who], letter, who) for who in ("ann", "gus", "mia", "sam") * 2),
            return_exceptions=True,
        )
        assert sum(isinstance(each, bytes) for each in answers) == 1
        assert sum(isinstance(each, Conflict) for each in answers) == 7
        trail = (await sends.get(context, made.scopes["ann"], letter))["trail"]
        assert [event["code"] for event in trail] == ["created", "cancelled"]

    async def test_many_at_once_by_two_people_while_scans_come_in_are_each_cancelled_once_or_scanned(
        self, context: Context
    ) -> None:
        scope = await organization(context)
        made = await letters(context, scope, range(120))
        ids = numbers(context, made)
        scans = [
            ingest.copy_rows([scan(serial, 0, Phase.ORIGIN) for serial in range(start, 120, 4)], NOON // 1000)
            for start in range(2)
        ]

        def take(rows: bytes) -> Awaitable[object]:
            return context.database.run(lambda connection: ingest.record(connection, scope, rows))

        one, _, two, _ = await asyncio.gather(
            cancel_many(context, scope, ids, "one"),
            take(scans[0]),
            cancel_many(context, scope, ids[::-1], "two"),
            take(scans[1]),
        )
        assert isinstance(one, cancelling.Outcome)
        assert isinstance(two, cancelling.Outcome)
        states = [await sends.get(context, scope, each) for each in made]
        assert sum(each["status"]["code"] == "cancelled" for each in states) == one.cancelled + two.cancelled
        for each in states:
            codes = [event["code"] for event in each["trail"]]
            assert codes.count("cancelled") == (each["status"]["code"] == "cancelled")
            assert codes[1] == each["status"]["code"]  # whoever came first decided
        await assert_recount_agrees(context.database)


class TestMany:
    async def test_says_how_many_and_why_not_the_others(
        self, context: Context, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cancelling, "_BATCH", 2)
        scope, stranger = await organization(context), await organization(context)
        made = await letters(context, scope, range(5))
        (foreign,) = await letters(context, stranger, [9])
        await sends.record_events(context, scope, made[1], [NewEvent("printed")])
        await cancel(context, scope, made[4])
        ids = numbers(context, [*made, foreign, made[0]])

        outcome = await cancel_many(context, scope, ids, "The show is off")

        assert outcome.cancelled == 3
        assert outcome.by_label() == {"Producing: printed": 1, "Cancelled": 1, "": 1}
        assert {number: each and each.code for number, each in outcome.refused.items()} == {
            ids[1]: "printed", ids[4]: "cancelled", ids[5]: None
        }  # fmt: skip
        assert await status(context, stranger, foreign) == "created"
        again = await cancel_many(context, scope, ids)
        assert (again.cancelled, len(again.refused)) == (0, 6)
        await assert_recount_agrees(context.database)

    async def test_reaches_as_far_as_who_asks(self, context: Context) -> None:
        made = await world(context)
        outcome = await cancel_many(
            context, made.scopes["mia"], numbers(context, [each["id"] for each in made.sends.values()])
        )
        assert (outcome.cancelled, outcome.by_label()) == (3, {"": 5})

    async def test_by_id_names_each_that_was_refused(self, context: Context) -> None:
        scope = await organization(context)
        one, two = await letters(context, scope, [1, 2])
        await sends.record_events(context, scope, two, [NewEvent("printed")])
        gift = one.replace("letter", "gift")

        answer = msgspec.json.decode(await cancel_named(context, scope, [one, "nothing", two, gift[:-1]], "off", None))

        assert (answer["cancelled"], answer["refused"]) == (1, 3)
        refusals = [(each["index"], each["id"], each["error"]["type"]) for each in answer["refusals"]]
        assert refusals == [(1, "nothing", "not_found"), (2, two, "conflict"), (3, gift[:-1], "not_found")]
        with pytest.raises(Invalid) as refusal:
            await cancel_named(context, scope, [one] * 10_001, "", None)
        assert refusal.value.param == "sends"

    async def test_another_kind_before_the_number_cancels_nothing(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        answer = msgspec.json.decode(
            await cancel_named(context, scope, [letter.replace("letter", "self_mailer")], "", None)
        )
        assert (answer["cancelled"], answer["refused"]) == (0, 1)
        assert await status(context, scope, letter) == "created"

    @in_database
    @given(st.lists(st.sampled_from(["printed", "held", "cancelled", ""]), min_size=1, max_size=6), st.data())
    async def test_whatever_happened_before_totals_stay_a_recount(
        self, context: Context, happened: list[str], data: st.DataObject
    ) -> None:
        scope = await organization(context)
        made = await letters(context, scope, range(len(happened)))
        for public_id, code in zip(made, happened, strict=True):
            if code:
                await sends.record_events(context, scope, public_id, [NewEvent(code)])
        ids = numbers(context, made)
        outcome = await cancel_many(context, scope, data.draw(st.permutations(ids + ids[:2])))
        assert outcome.cancelled == sum(code in ("held", "") for code in happened)
        assert len(outcome.refused) == len(made) - outcome.cancelled
        await assert_recount_agrees(context.database)
