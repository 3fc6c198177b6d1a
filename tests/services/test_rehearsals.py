"""Rehearsals: a journey played to a test send by the real feeds, and taken back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import feeds, mailer_ids, rehearsals, sends
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
