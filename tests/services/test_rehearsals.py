"""Rehearsals: a journey played to a test send by the real feeds, and taken back."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from sendtrail.config import Config
from sendtrail.domain.problems import NotFound
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import audit, feeds, mailer_ids, presumption, progressions, rehearsals, sends
from sendtrail.services.context import Context
from sendtrail.services.doctor import prove
from sendtrail.services.happenings import NewEvent
from sendtrail.services.views import View
from tests.services.organizations import organization
from tests.services.test_ingest import event, push, read

NOW = datetime(2026, 3, 2, 15, 0, 0, 400_000, tzinfo=UTC)
TO = Address(name="Ann", email="ann@example.com", address_line1="1 Main St", city="Chicago", postal_code="60614")
USUAL = [
    "rendered",
    "addressed",
    "printed",
    "handed_over",
    "in_transit",
    "in_local_area",
    "out_for_delivery",
    "delivered",
]


async def sent(context: Context, scope: Scope, **more: object) -> View:
    new = msgspec.convert({"kind": "letter", "to": TO, "cost_cents": 80, **more}, NewSend, from_attributes=True)
    (made,) = await sends.create(context, scope, [new], NOW)
    assert isinstance(made, dict), made
    return made


@pytest.fixture
async def acme(context: Context) -> Scope:
    """An organization's test mode, with barcodes to give."""
    scope = replace(await organization(context), live=False)
    await mailer_ids.add_mailer_id(context, scope, "901000111")
    return scope


async def played(context: Context, scope: Scope, send: View, now: datetime = NOW) -> list[View]:
    """Play a rehearsal to its end, at the moments at which its steps are due; the send after each step."""
    seen = []
    while (found := await rehearsals.find(context, scope, send["id"])) and found.next_at:
        moment = found.next_at + timedelta(milliseconds=300)
        assert await rehearsals.play(context, moment) == 1
        seen.append(await sends.get(context, scope, send["id"]))
        event = seen[-1]["trail"][-1]
        assert moment - timedelta(seconds=1) < event["occurred_at"] <= moment
    return seen


async def sound(context: Context) -> bool:
    return [each for each in await prove(context) if each.broken] == []


async def test_a_piece_goes_from_created_to_delivered_by_files_of_its_feeds(context: Context, acme: Scope) -> None:
    send = await sent(context, acme)
    begun = await rehearsals.begin(context, acme, send["id"], now=NOW)
    assert (begun.state, begun.played, begun.outcome) == ("playing", 0, "delivered")
    assert begun.ends_at
    assert 15 <= (begun.ends_at - NOW).total_seconds() <= 30
    assert await rehearsals.play(context, NOW) == 0
    seen = await played(context, acme, send)
    codes = [each["status"]["code"] for each in seen]
    assert list(dict.fromkeys(codes)) == USUAL
    assert {event["source"] for event in seen[-1]["trail"]} == {"system", "printer", "usps"}
    assert [event["evidence"] for event in seen[-1]["trail"]][-2:] == ["scanned", "logical"]
    files, _ = await feeds.list_files(context, acme, 100)
    assert len(files) == begun.steps
    assert {each.source for each in files} == {"sample"}
    assert {each.format for each in files} == {"iv_mtr_json", "printer"}
    assert files[0].name == f"rehearsal of {send['id']}, step {begun.steps} of {begun.steps}.json"
    assert (await rehearsals.get(context, acme, send["id"])).state == "finished"
    assert await sound(context)


async def raw(context: Context) -> list[object]:
    """All that the database knows of where sends stand."""
    async with context.database.snapshot() as connection:
        found: list[object] = []
        for query in (
            "select send_id, best, expected, trail, meta from state order by 1",
            "select * from event_detail order by 1, 2",
            "select kind, status, sum(n), sum(cost_cents) from counts group by 1, 2 having sum(n) <> 0 order by 1, 2",
            "select * from unmatched",
            "select * from rehearsal",
            "select * from feed_file",
        ):
            found += await (await connection.execute(query.encode())).fetchall()
    return found


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"mailing_class": "marketing"},
        {"post": "canada_post"},
        {"kind": "gift"},
        {"kind": "gift", "supplier": "Amazon"},
        {"kind": "egift"},
    ],
    ids=["first class", "marketing", "lettermail", "gift", "Amazon", "egift"],
)
async def test_every_problem_ends_as_it_says_and_is_taken_back_to_the_last_bit(
    context: Context, acme: Scope, more: dict[str, object]
) -> None:
    send = await sent(context, acme, **more)
    notes = [NewEvent("held", NOW, note="Waits for the insert"), NewEvent("resumed", NOW + timedelta(seconds=1))]
    await sends.record_events(context, acme, send["id"], notes)
    before = await raw(context)
    for problem in rehearsals.problems_for(send):
        begun = await rehearsals.begin(context, acme, send["id"], "seconds", problem, now=NOW)
        (*_, last) = await played(context, acme, send)
        told = "refunded" if begun.outcome == "expired" else begun.outcome  # an offer that lapsed is paid back at once
        assert (problem, last["status"]["code"]) == (problem, told)
        assert await sound(context)
        assert await rehearsals.reset(context, acme, send["id"]) == len(last["trail"]) - 3
        assert await raw(context) == before
        assert await sound(context)


async def test_what_others_told_meanwhile_stays(context: Context, acme: Scope) -> None:
    send = await sent(context, acme)
    await rehearsals.begin(context, acme, send["id"], now=NOW)
    await rehearsals.play(context, NOW + timedelta(seconds=2))
    event = NewEvent("held", NOW + timedelta(seconds=2), note="By hand")
    await sends.record_events(context, acme, send["id"], [event])
    await played(context, acme, send)
    await rehearsals.reset(context, acme, send["id"])
    after = await sends.get(context, acme, send["id"])
    assert [each["code"] for each in after["trail"]] == ["created", "held"]
    assert after["trail"][1]["detail"]["note"] == "By hand"
    assert after["expected_delivery"] is None
    assert await sound(context)


async def test_an_expected_delivery_of_before_is_expected_again(context: Context, acme: Scope) -> None:
    send = await sent(context, acme)
    at = (NOW - timedelta(hours=2)).isoformat()
    scan = event(1, 0, imbTrackingCode=send["imb"][:20], scanDatetime=at, expectedDeliveryDate="2026-03-07")
    await read(context, acme, push([scan]))
    before = await sends.get(context, acme, send["id"])
    assert before["expected_delivery"] == date(2026, 3, 7)
    await rehearsals.begin(context, acme, send["id"], now=NOW)
    (*_, last) = await played(context, acme, send)
    assert last["expected_delivery"] == date(2026, 3, 2)
    await rehearsals.reset(context, acme, send["id"])
    assert await sends.get(context, acme, send["id"]) == before


async def test_workers_share_what_is_due_and_tell_each_step_once(context: Context, acme: Scope) -> None:
    made = [await sent(context, acme) for _ in range(5)]
    for send in made:
        await rehearsals.begin(context, acme, send["id"], now=NOW)
    for second in range(1, 60):
        moment = NOW + timedelta(seconds=second)
        await asyncio.gather(*(rehearsals.play(context, moment) for _ in range(3)))
    for send in made:
        found = await rehearsals.get(context, acme, send["id"])
        assert (found.state, found.played) == ("finished", found.steps)
        assert len((await sends.get(context, acme, send["id"]))["trail"]) == found.steps + 1
    assert await sound(context)


async def test_a_worker_that_comes_late_tells_one_step_a_second(context: Context, acme: Scope) -> None:
    send = await sent(context, acme)
    await rehearsals.begin(context, acme, send["id"], now=NOW)
    late = NOW + timedelta(minutes=5)
    assert [await rehearsals.play(context, late + timedelta(seconds=n / 2)) for n in range(4)] == [1, 0, 1, 0]


async def test_a_step_that_fails_leaves_nothing_and_lets_others_go_first(
    context: Context, acme: Scope, tmp_path: Path
) -> None:
    send = await sent(context, acme)
    begun = await rehearsals.begin(context, acme, send["id"], now=NOW)
    before = await sends.get(context, acme, send["id"])
    (tmp_path / "full").touch()
    broken = replace(context, config=Config.load({}, data=tmp_path / "full"))
    due = NOW + timedelta(seconds=5)
    with pytest.raises(OSError, match="full"):
        await rehearsals.play(broken, due)
    assert await sends.get(context, acme, send["id"]) == before
    assert await feeds.list_files(context, acme, 10) == ([], None)
    assert await rehearsals.play(context, due) == 0
    found = await rehearsals.get(context, acme, send["id"])
    assert begun.next_at
    assert (found.played, found.next_at) == (0, begun.next_at + timedelta(minutes=1))
    assert await rehearsals.play(context, due + timedelta(minutes=1)) == 1


async def test_it_can_be_stopped_and_goes_on_later_by_the_pause(context: Context, acme: Scope) -> None:
    send = await sent(context, acme)
    begun = await rehearsals.begin(context, acme, send["id"], "minutes", now=NOW)
    await rehearsals.play(context, begun.next_at or NOW)
    before = await rehearsals.get(context, acme, send["id"])
    await rehearsals.stop(context, acme, send["id"], NOW + timedelta(seconds=4))
    assert (await rehearsals.get(context, acme, send["id"])).state == "stopped"
    assert await rehearsals.play(context, NOW + timedelta(days=1)) == 0
    with pytest.raises(NotFound):
        await rehearsals.stop(context, acme, send["id"])
    await rehearsals.go_on(context, acme, send["id"], NOW + timedelta(seconds=64))
    after = await rehearsals.get(context, acme, send["id"])
    assert before.next_at
    assert before.ends_at
    assert after.next_at == before.next_at + timedelta(minutes=1)
    assert after.ends_at == before.ends_at + timedelta(minutes=1)
    assert after.steps == begun.steps
    with pytest.raises(NotFound):
        await rehearsals.go_on(context, acme, send["id"])


async def test_who_did_what_is_noted(context: Context, acme: Scope) -> None:
    send = await sent(context, acme)
    await rehearsals.begin(context, acme, send["id"], "hours", "late", now=NOW)
    await rehearsals.stop(context, acme, send["id"])
    await rehearsals.reset(context, acme, send["id"])
    notes, _ = await audit.list_notes(context, acme, 3)
    assert [(note.action, note.subject, note.detail) for note in reversed(notes)] == [
        ("rehearsal.begun", send["id"], {"pace": "hours", "problem": "late"}),
        ("rehearsal.stopped", send["id"], {}),
        ("rehearsal.reset", send["id"], {"events": 0}),
    ]


async def test_a_send_that_was_moved_along_is_rehearsed_from_there(context: Context, acme: Scope) -> None:
    send = await sent(context, acme)
    for n in range(5):
        await progressions.progress(context, acme, send["id"], now=NOW + timedelta(seconds=n))
    stood = await sends.get(context, acme, send["id"])
    await rehearsals.begin(context, acme, send["id"], now=NOW + timedelta(minutes=1))
    seen = await played(context, acme, send)
    assert list(dict.fromkeys(each["status"]["code"] for each in seen)) == USUAL[5:]
    await rehearsals.reset(context, acme, send["id"])
    assert await sends.get(context, acme, send["id"]) == stood


async def test_a_reset_and_a_step_that_is_being_told_take_turns(context: Context, acme: Scope) -> None:
    send = await sent(context, acme)
    for _ in range(4):
        await rehearsals.begin(context, acme, send["id"], now=NOW)
        moment = NOW + timedelta(seconds=10)
        await asyncio.gather(rehearsals.play(context, moment), rehearsals.reset(context, acme, send["id"]))
        assert (await sends.get(context, acme, send["id"]))["trail"] == send["trail"]
    assert await sound(context)


async def test_a_piece_that_nobody_scans_is_presumed_delivered_and_that_is_taken_back_too(
    context: Context, acme: Scope
) -> None:
    send = await sent(context, acme)
    before = await raw(context)
    await rehearsals.begin(context, acme, send["id"], problem="no_scans", now=NOW)
    (*_, last) = await played(context, acme, send)
    assert last["status"]["code"] == "handed_over"
    number = context.ids.decode(send["id"])[1]
    assert await presumption.presume(context, acme, [number], NOW + timedelta(days=30)) == 1
    after = await sends.get(context, acme, send["id"])
    assert (after["status"]["code"], after["status"]["evidence"]) == ("delivered", "inferred")
    assert await rehearsals.reset(context, acme, send["id"]) == 5
    assert await raw(context) == before
    assert await sound(context)
