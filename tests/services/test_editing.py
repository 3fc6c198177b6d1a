"""Changing whom a send goes to, or when: totals, histories, barcodes and search follow."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.packing import to_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound, SendtrailError
from sendtrail.domain.roles import READING
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_change import AddressChange, SendChange, edition
from sendtrail.services import attending, attention, audit, campaigns, doctor, histories, mailer_ids, reports, sends
from sendtrail.services.cancelling import cancel
from sendtrail.services.context import Context
from sendtrail.services.editing import ChangedMeanwhile, changes_of, edit
from sendtrail.services.idempotency import Request
from sendtrail.services.sends import NewEvent
from sendtrail.services.tracker import Wanted, list_sends
from sendtrail.services.views import View
from sendtrail.store import ingest
from tests.people import world
from tests.services.test_cancelling import while_another_is_at_it
from tests.store.piles import DAY, NOON, SERIALS, letters, organization, scan, take
from tests.store.test_ingest import in_database


async def made(context: Context, scope: Scope, **fields: object) -> View:
    to = Address(name="Ann Bow", postal_code="60614")
    (send,) = await sends.create(context, scope, [NewSend(**({"kind": "letter", "to": to} | fields))])  # type: ignore[arg-type]
    if not isinstance(send, dict):
        raise send
    return send


def to(**fields: str) -> SendChange:
    return SendChange(to=AddressChange(**fields))


async def changed(context: Context, scope: Scope, send: View, change: SendChange) -> View:
    await edit(context, scope, send["id"], change)
    return await sends.get(context, scope, send["id"])


async def assert_all_is_well(context: Context) -> None:
    while await histories.refresh(context, rest=timedelta(0)):
        pass
    assert [proof for proof in await doctor.prove(context) if proof.broken] == []


async def window(context: Context, send: View) -> tuple[int, int, int]:
    """From when, until when and with which label a send's barcode means it."""
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select valid_from, valid_until, label from barcode where send_id = %s",
            [sends.send_number(context, send["id"])],
        )
        ((begin, end, label),) = await cursor.fetchall()
    return begin, end, label


class TestRecipient:
    async def test_fields_that_are_not_named_stay(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope)
        after = await changed(context, scope, send, to(name="Ann Bowe", email="ann@example.com"))
        assert {**send["to"], "name": "Ann Bowe", "email": "ann@example.com"} == after["to"]
        assert {**after, "to": None, "trail": None} == {**send, "to": None, "trail": None}

    async def test_it_is_found_by_what_it_says_now(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope, tags=["vip"])
        await edit(context, scope, send["id"], to(name="Cleo Dunn"))
        for q, found in (("cleo", 1), ("dunn", 1), ("bow", 0)):
            assert len((await list_sends(context, scope, Wanted(q=q), 10))[0]) == found
        assert len((await list_sends(context, scope, Wanted(tag="vip"), 10))[0]) == 1

    @pytest.mark.parametrize(
        ("kind", "change", "param"),
        [
            ("letter", to(name="", email=""), "to"),
            ("letter", to(name="x" * 501), "to.name"),
            ("letter", to(country="USA"), "to.country"),
            ("letter", to(country="CA"), "to.country"),
            ("letter", to(country="FR"), "to.country"),
            ("letter", to(postal_code="abc"), "to.postal_code"),
            ("letter", to(email="ann"), "to.email"),
            ("egift", to(email=""), "to.email"),
            ("letter", SendChange(send_date=date(2019, 12, 31)), "send_date"),
        ],
    )
    async def test_the_rules_of_new_sends_hold(
        self, context: Context, kind: str, change: SendChange, param: str
    ) -> None:
        scope = await organization(context)
        send = await made(context, scope, kind=kind, to=Address(name="Ann", email="ann@example.com"))
        with pytest.raises(Invalid) as refusal:
            await edit(context, scope, send["id"], change)
        assert refusal.value.param == param
        assert await sends.get(context, scope, send["id"]) == send
        assert await changes_of(context, scope, send["id"]) == []

    async def test_a_gift_may_go_to_another_country(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope, kind="gift")
        assert (await changed(context, scope, send, to(country="fr")))["to"]["country"] == "FR"


class TestDay:
    async def test_totals_days_and_history_follow(self, context: Context) -> None:
        scope = await organization(context)
        campaign = await campaigns.add_campaign(context, scope, "Spring", "bulk")
        send = await made(context, scope, campaign="Spring", send_date=DAY, cost_cents=70)
        later = DAY + timedelta(days=9)

        assert (await changed(context, scope, send, SendChange(send_date=later)))["day"] == later

        detail = await campaigns.get(context, scope, campaign.id)
        assert (detail.first_day, detail.last_day, detail.total, detail.spent) == (later, later, 1, 70)
        assert (await reports.summary(context, scope, DAY, DAY)).total == 0
        assert (await reports.summary(context, scope, later, later)).spent == 70
        await assert_all_is_well(context)
        for day, found in ((DAY, 0), (later, 1)):
            for q in ("", "bow"):
                assert len((await list_sends(context, scope, Wanted(start=day, end=day, q=q), 10))[0]) == found

    async def test_nothing_is_left_of_the_old_day(self, context: Context) -> None:
        scope = await organization(context)
        far = await made(context, scope, send_date=DAY + timedelta(days=900))
        near = await made(context, scope, send_date=DAY)
        await edit(context, scope, far["id"], SendChange(send_date=DAY - timedelta(days=900)))
        async with context.database.snapshot() as connection:
            cursor = await connection.execute("select count(*) from counts where n = 0 or created_on > %s", [DAY])
            assert await cursor.fetchone() == (0,)
        listed, _ = await list_sends(context, scope, Wanted(status="created"), 1)
        assert [send["id"] for send in listed] == [near["id"]]

    async def test_without_a_send_date_it_is_the_day_on_which_it_was_accepted(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope, send_date=DAY)
        after = await changed(context, scope, send, SendChange(send_date=None))
        today = (await made(context, scope))["day"]
        assert (after["send_date"], after["day"]) == (None, today)
        await assert_all_is_well(context)

    @in_database
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.sampled_from(["held", "printed", "", ""]))))
    async def test_any_changes_between_any_events_leave_all_proofs_whole(
        self, context: Context, steps: list[tuple[int, int, str]]
    ) -> None:
        scope = await organization(context)
        ids = await letters(context, scope, range(3))
        for which, days, what in steps:
            try:
                if what in ("held", "printed"):
                    await sends.record_events(context, scope, ids[which], [NewEvent(what)])
                else:
                    await edit(context, scope, ids[which], SendChange(send_date=DAY + timedelta(days)))
            except Conflict:
                assert (await sends.get(context, scope, ids[which]))["status"]["code"] == "printed"
        await assert_all_is_well(context)


class TestBarcode:
    async def test_one_that_we_gave_follows_the_zip_code(self, context: Context) -> None:
        scope = await organization(context)
        await mailer_ids.add_mailer_id(context, scope, "901234567")
        send = await made(context, scope, to=Address(name="Ann", postal_code="60614-1234"))
        assert send["imb"] == "00310901234567000000606141234"

        after = await changed(context, scope, send, to(postal_code="02108"))

        assert after["imb"] == "0031090123456700000002108"
        assert (await window(context, send))[2] == 31002108
        read = scan(0, 0, Phase.ORIGIN)._replace(mid_serial=901234567000000, label=31002108)
        moment = to_ms(datetime.now(UTC))
        read = read._replace(item=scan(0, 0, Phase.ORIGIN).item + (moment - NOON << 22))
        assert (await take(context.database, scope, [read])).new == 1
        assert (await sends.get(context, scope, send["id"]))["trail"][-1]["detail"] is None
        await assert_all_is_well(context)

    @pytest.mark.parametrize(
        ("routing", "old", "new", "fits"),
        [
            ("", "60614", "02108", True),
            ("60614", "60614", "02108", False),
            ("60614", "60614", "60614-1234", True),
            ("606141234", "60614-1234", "60614", True),
            ("606141234", "60614", "60614-9999", False),
            ("02108", "60614", "02108", True),
            ("60614", "60614", "", False),
            ("60614", "60615", "60615", True),
        ],
    )
    async def test_one_that_a_send_came_with_stays_and_must_fit(
        self, context: Context, routing: str, old: str, new: str, fits: bool
    ) -> None:
        scope = await organization(context)
        imb = f"00270{SERIALS:015d}{routing}"
        send = await made(context, scope, imb=imb, to=Address(name="Ann", postal_code=old), send_date=DAY)
        if fits:
            assert (await changed(context, scope, send, to(name="Bo", postal_code=new)))["imb"] == imb
        else:
            with pytest.raises(Conflict if new else Invalid) as refusal:
                await edit(context, scope, send["id"], to(name="Bo", postal_code=new))
            assert refusal.value.param == "to.postal_code"
            assert await sends.get(context, scope, send["id"]) == send

    async def test_its_window_begins_with_the_new_day(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        send = await sends.get(context, scope, letter)
        early, _, label = await window(context, send)
        await edit(context, scope, letter, SendChange(send_date=DAY + timedelta(days=2)))
        assert await window(context, send) == (early + 2 * 86_400_000, 2**63 - 1, label)
        seen = [scan(1, 0, Phase.ORIGIN), scan(1, 2 * 86_400, Phase.DESTINATION)]
        tally = await take(context.database, scope, seen)
        assert (tally.new, tally.unmatched) == (1, 1)
        await assert_all_is_well(context)

    async def test_scans_go_to_whose_window_they_are_in_then(self, context: Context) -> None:
        """The barcode was another send's 60 days before; what was scanned in between belongs to that one or this."""
        scope = await organization(context)
        first = await made(context, scope, imb=f"00270{SERIALS:015d}", send_date=DAY - timedelta(60))
        second = await made(context, scope, imb=f"00270{SERIALS:015d}", send_date=DAY + timedelta(10))
        await take(context.database, scope, [scan(0, 5 * 86_400, Phase.ORIGIN)])
        assert (await sends.get(context, scope, first["id"]))["status"]["code"] == "in_transit"

        await edit(context, scope, second["id"], SendChange(send_date=DAY))

        assert (await sends.get(context, scope, first["id"]))["status"]["code"] == "created"
        assert (await sends.get(context, scope, second["id"]))["status"]["code"] == "in_transit"
        await assert_all_is_well(context)

    async def test_a_window_that_is_given_up_goes_back_to_the_one_before(self, context: Context) -> None:
        scope = await organization(context)
        first = await made(context, scope, imb=f"00270{SERIALS:015d}", send_date=DAY - timedelta(60))
        second = await made(context, scope, imb=f"00270{SERIALS:015d}", send_date=DAY)
        await edit(context, scope, second["id"], SendChange(send_date=DAY + timedelta(10)))
        assert (await window(context, first))[1] == (await window(context, second))[0]
        await take(context.database, scope, [scan(0, 5 * 86_400, Phase.ORIGIN), scan(0, 11 * 86_400, Phase.ORIGIN)])
        for send in (first, second):
            assert len((await sends.get(context, scope, send["id"]))["trail"]) == 2
        await assert_all_is_well(context)

    async def test_it_is_not_used_twice_within_45_days(self, context: Context) -> None:
        scope = await organization(context)
        await made(context, scope, imb=f"00270{SERIALS:015d}", send_date=DAY - timedelta(60))
        second = await made(context, scope, imb=f"00270{SERIALS:015d}", send_date=DAY)
        before = await window(context, second)
        with pytest.raises(Conflict) as refusal:
            await edit(context, scope, second["id"], SendChange(send_date=DAY - timedelta(30)))
        assert refusal.value.param == "send_date"
        assert await window(context, second) == before
        await assert_all_is_well(context)

    async def test_a_scan_that_is_being_taken_by_the_old_window_is_a_reason_to_refuse(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        rows = ingest.copy_rows([scan(1, 0, Phase.ORIGIN)], NOON // 1000)
        refused = await while_another_is_at_it(
            context,
            lambda connection: ingest.record(connection, scope, rows),
            edit(context, scope, letter, SendChange(send_date=DAY + timedelta(3))),
        )
        assert isinstance(refused, Conflict)
        assert "In transit" in refused.message
        assert (await sends.get(context, scope, letter))["day"] == DAY
        await assert_all_is_well(context)

    async def test_it_waits_for_batches_that_look_up_its_window(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        await while_another_is_at_it(
            context,
            lambda connection: ingest.take_part(connection, scope),
            edit(context, scope, letter, SendChange(send_date=DAY + timedelta(3))),
        )
        assert (await sends.get(context, scope, letter))["day"] == DAY + timedelta(3)

    async def test_a_scan_that_comes_while_the_day_moves_goes_by_the_new_window(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        rows = ingest.copy_rows([scan(1, 0, Phase.ORIGIN)], NOON // 1000)
        edits = [
            edit(context, scope, letter, SendChange(send_date=DAY + timedelta(3))),
            context.database.run(lambda connection: ingest.record(connection, scope, rows)),
        ]
        one, _ = await asyncio.gather(*edits, return_exceptions=True)
        shown = await sends.get(context, scope, letter)
        assert len(shown["trail"]) == (2 if isinstance(one, Conflict) else 1)
        assert shown["day"] == (DAY if isinstance(one, Conflict) else DAY + timedelta(3))
        await assert_all_is_well(context)


class TestWho:
    async def test_before_and_after_are_kept_with_who_did_it(self, context: Context) -> None:
        people = await world(context)
        ann, sam = people.scopes["ann"], people.scopes["sam"]
        send = people.sends["sam"]["id"]
        await edit(context, sam, send, to(name="Ida", city="Boston"))
        await edit(context, ann, send, SendChange(send_date=None))
        late, early = await changes_of(context, sam, send)
        assert (late.who, late.before, late.after) == (
            "ann@example.com", {"send_date": "2026-03-02"}, {"send_date": ""}
        )  # fmt: skip
        assert (early.who, early.before, early.after) == (
            "sam@example.com", {"name": "To sam.", "city": ""}, {"name": "Ida", "city": "Boston"}
        )  # fmt: skip
        notes, _ = await audit.list_notes(context, ann, 2)
        assert {(note.action, note.subject) for note in notes} == {("send.changed", send)}

    async def test_a_change_to_what_it_is_already_is_none(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope)
        for change in (SendChange(), to(name="Ann Bow"), SendChange(send_date=None)):
            assert msgspec.json.decode(await edit(context, scope, send["id"], change))["to"] == send["to"]
        assert await changes_of(context, scope, send["id"]) == []

    async def test_it_is_refused_once_it_cannot_be_cancelled(self, context: Context) -> None:
        scope = await organization(context)
        one, two = await letters(context, scope, [1, 2])
        await sends.record_events(context, scope, one, [NewEvent("printed")])
        await cancel(context, scope, two)
        for letter, word in ((one, r"\(printed\)"), (two, "cancelled")):
            with pytest.raises(Conflict, match=word):
                await edit(context, scope, letter, to(name="Bo"))

    async def test_who_may_not_write_it_changes_nothing(self, context: Context) -> None:
        people = await world(context)
        reader = Scope(people.scopes["ann"].organization_id, True, "test", rights=READING)
        refusals: list[tuple[Scope, type[SendtrailError]]] = [
            (reader, Forbidden), (people.scopes["tom"], NotFound), (people.scopes["fay"], NotFound)
        ]  # fmt: skip
        for scope, refusal in refusals:
            with pytest.raises(refusal):
                await edit(context, scope, people.sends["sam"]["id"], to(name="Bo"))
        assert (await sends.get(context, people.scopes["sam"], people.sends["sam"]["id"])) == people.sends["sam"]

    async def test_of_two_forms_at_once_the_second_is_told(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope)
        seen = edition(send["to"], send["send_date"])
        answers = await asyncio.gather(
            *(edit(context, scope, send["id"], to(name=name), seen=seen) for name in ("Bo", "Cy", "Di")),
            return_exceptions=True,
        )
        assert sum(isinstance(each, bytes) for each in answers) == 1
        assert sum(isinstance(each, ChangedMeanwhile) for each in answers) == 2
        assert len(await changes_of(context, scope, send["id"])) == 1

    async def test_the_same_request_twice_changes_once(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope)
        click = Request("click", b"x")
        one, two = [await edit(context, scope, send["id"], to(name="Bo"), click) for _ in range(2)]
        assert one == two
        assert len(await changes_of(context, scope, send["id"])) == 1

    async def test_cancelling_and_changing_at_once_agree(self, context: Context) -> None:
        scope = await organization(context)
        (letter,) = await letters(context, scope, [1])
        change = SendChange(send_date=DAY + timedelta(1))
        one, two = await asyncio.gather(
            edit(context, scope, letter, change), cancel(context, scope, letter), return_exceptions=True
        )
        assert isinstance(two, bytes)
        shown = await sends.get(context, scope, letter)
        assert shown["status"]["code"] == "cancelled"
        assert shown["day"] == (DAY + timedelta(1) if isinstance(one, bytes) else DAY)
        await assert_all_is_well(context)


class TestTrackingNumber:
    async def test_one_that_is_known_late_is_linked_found_and_ends_the_wait(self, context: Context) -> None:
        scope = await organization(context)
        at = datetime.now(UTC)
        (gift,) = await sends.create(context, scope, [NewSend(kind="gift", to=Address(name="Ann Bow"))], at)
        assert isinstance(gift, dict)
        await sends.record_events(context, scope, gift["id"], [NewEvent("shipped", at)])
        await assert_all_is_well(context)
        later = at + timedelta(days=10)
        await attention.refresh(context, now=later)
        wanted = attending.Wanted(rule="no_number")
        assert len((await attending.list_entries(context, scope, wanted, 9, now=later))[0]) == 1

        after = await changed(context, scope, gift, SendChange(tracking_number="1Z 999 AA1 01 2345 6784"))

        assert (after["carrier"], after["tracking_number"]) == ("ups", "1Z999AA10123456784")
        assert after["tracking_url"].endswith("=1Z999AA10123456784")
        found, _ = await list_sends(context, scope, Wanted(q="1z999aa10123456784"), 9)
        assert [send["id"] for send in found] == [gift["id"]]
        await assert_all_is_well(context)
        await attention.refresh(context, now=later)
        assert (await attending.list_entries(context, scope, wanted, 9, now=later))[0] == []
        (told,) = await changes_of(context, scope, gift["id"])
        assert told.after == {"tracking_number": "1Z999AA10123456784", "carrier": "ups"}

    async def test_another_takes_its_place_with_its_carrier(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope, kind="gift", tracking_number="1Z999AA10123456784")
        after = await changed(context, scope, send, SendChange(tracking_number="ORDER 12", carrier="purolator"))
        assert (after["carrier"], after["tracking_number"], after["tracking_url"]) == ("purolator", "ORDER12", "")
        found, _ = await list_sends(context, scope, Wanted(q="1Z999AA10123456784"), 9)
        assert found == []
        bare = await changed(context, scope, send, SendChange(tracking_number=""))
        assert (bare["carrier"], bare["tracking_number"]) == ("", "")

    async def test_a_typing_error_is_told_and_changes_nothing(self, context: Context) -> None:
        scope = await organization(context)
        send = await made(context, scope, kind="gift")
        with pytest.raises(Invalid, match="check digit") as refusal:
            await edit(context, scope, send["id"], SendChange(tracking_number="1Z999AA10123456785"))
        assert refusal.value.param == "tracking_number"
        assert (await sends.get(context, scope, send["id"]))["tracking_number"] == ""
