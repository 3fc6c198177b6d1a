"""Each rule makes its entry appear and go; what people do about entries; whom they are for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sendtrail.domain.attention import RULES, TABLE, step
from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import Observation, as_detail, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.problems import Invalid, NotFound, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, KindWord, NewSend
from sendtrail.services import accounts, attending, attention, histories, mailer_ids, money, people, sends, thresholds
from sendtrail.services.attending import Chosen, Entry, Wanted
from sendtrail.services.campaigns import add_campaign
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from tests.people import REACHED, World, world
from tests.services.organizations import organization
from tests.store.piles import LABEL, SERIALS, scan, take

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)
"""A Monday, in New York."""
MINUTE = timedelta(minutes=1)


async def made(context: Context, scope: Scope, kind: KindWord = "letter", **more: Any) -> str:
    """A send accepted at NOON of DAY; its id."""
    new = NewSend(kind=kind, to=Address(name="Ada Abbott", postal_code="60601"), send_date=DAY, **more)
    (view,) = await sends.create(context, scope, [new], now=NOON)
    assert isinstance(view, dict)
    return str(view["id"])


async def told(context: Context, scope: Scope, send_id: str, code: str, at: datetime = NOON) -> None:
    await sends.record_events(context, scope, send_id, [NewEvent(code, at)])


async def look(context: Context, scope: Scope, now: datetime, **wanted: Any) -> list[Entry]:
    """What needs attention at that moment, after the worker has done its duties."""
    await histories.refresh(context, rest=timedelta())
    await attention.refresh(context, now=now)
    found, _ = await attending.list_entries(context, scope, Wanted(**wanted), 100, now=now)
    return found


@dataclass(frozen=True)
class Case:
    """How an entry comes to be, when it appears, and what ends it. `begin` answers what it is about."""

    begin: Callable[[Context, Scope], Awaitable[str]]
    appears: datetime
    end: Callable[[Context, Scope, str], Awaitable[None]]
    sooner: bool = True
    """A minute before there is none."""


def stands(code: str, days: int, *, kind: KindWord = "letter", then: str, **more: Any) -> Case:
    """A send of which `code` was told at NOON, over when `days` have passed; ended by `then`."""

    async def begin(context: Context, scope: Scope) -> str:
        send_id = await made(context, scope, kind, **more)
        if code != "created":
            await told(context, scope, send_id, code)
        return send_id

    async def end(context: Context, scope: Scope, send_id: str) -> None:
        await told(context, scope, send_id, then, NOON + timedelta(days=30))

    return Case(begin, NOON + timedelta(days=days), end)


def midnight(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=ZoneInfo("America/New_York"))


def after(case: Case, appears: datetime, *, sooner: bool = True) -> Case:
    return replace(case, appears=appears, sooner=sooner)


async def one_letter(context: Context, scope: Scope) -> str:
    return await made(context, scope, imb=f"00270{SERIALS + 1:015d}")


async def cancelled(context: Context, scope: Scope) -> str:
    send_id = await one_letter(context, scope)
    await told(context, scope, send_id, "cancelled")
    await take(context.database, scope, [scan(1, 7 * 3600, Phase.ORIGIN)])
    return send_id


async def stray(context: Context, scope: Scope) -> str:
    await mailer_ids.add_mailer_id(context, scope, "901234567")
    await take(context.database, scope, [scan(1, 5 * 3600, Phase.ORIGIN)])
    return ""


async def quiet_feed(context: Context, scope: Scope) -> str:
    feed = await accounts.add_feed(context, scope, "Scans")
    async with context.database.transaction() as connection:
        await connection.execute(
            "update feed set created_at = %s, last_heard_at = %s", [NOON - timedelta(days=20), NOON]
        )
    return feed.id


async def quiet_folder(context: Context, scope: Scope) -> str:
    async with context.database.transaction() as connection:
        for days in (5, 0):
            await connection.execute(
                "insert into feed_file (organization_id, live, name, digest, bytes, brought_by, received_at)"
                " values (%s, true, 'scans.csv', %s, 1, 'feed-dir', %s)",
                [scope.organization_id, bytes([days]), NOON - timedelta(days=days)],
            )
    return ""


async def heard(context: Context, scope: Scope, _: str) -> None:
    async with context.database.transaction() as connection:
        await connection.execute("update feed set last_heard_at = %s", [NOON + timedelta(days=30)])
        await connection.execute("update feed_file set received_at = %s", [NOON + timedelta(days=30)])


async def poor(context: Context, scope: Scope) -> str:
    await money.deposit(context, scope, 50_00)
    return ""


async def rich(context: Context, scope: Scope, _: str) -> None:
    await money.deposit(context, scope, 150_00)


async def nothing(context: Context, scope: Scope, _: str) -> None:
    """Only time ends it: what began so long ago is left out."""


async def matched(context: Context, scope: Scope, _: str) -> None:
    await one_letter(context, scope)


CASES = {
    "scanned_after_cancel": Case(cancelled, NOON + timedelta(hours=8), nothing, sooner=False),
    "failed": replace(stands("failed", 0, then=""), appears=NOON + MINUTE, sooner=False, end=nothing),
    "undeliverable": after(stands("undeliverable", 0, kind="gift", then="returned"), NOON + MINUTE, sooner=False),
    "returned": after(stands("returned", 0, kind="gift", then="refunded"), NOON + MINUTE, sooner=False),
    "balance_low": Case(poor, NOON, rich, sooner=False),
    "feed_quiet": Case(quiet_feed, NOON + timedelta(days=4, seconds=1), heard),
    "folder_quiet": Case(quiet_folder, NOON + timedelta(days=4, seconds=1), heard),
    "unmatched": Case(stray, NOON + timedelta(days=1, seconds=1), matched),
    "held": stands("held", 3, then="resumed"),
    "ordered": stands("created", 7, then="printed"),
    "at_printer": after(stands("printed", 0, then="handed_over"), midnight(3, 5)),
    "no_number": after(stands("shipped", 0, kind="gift", then="delivered"), midnight(3, 6)),
    "out_for_delivery": after(stands("out_for_delivery", 0, then="delivered"), midnight(3, 6)),
    "unscanned": after(stands("handed_over", 0, then="in_transit"), midnight(3, 7)),
}


def test_every_rule_has_its_test() -> None:
    assert list(CASES) == [rule.name for rule in TABLE]


@pytest.mark.parametrize("name", CASES)
async def test_an_entry_appears_when_its_time_has_come_and_goes_with_its_reason(context: Context, name: str) -> None:
    scope, case = await organization(context), CASES[name]
    about = await case.begin(context, scope)
    if case.sooner:
        assert await look(context, scope, case.appears - MINUTE) == []

    (entry,) = await look(context, scope, case.appears + timedelta(seconds=1))
    assert (entry.rule, entry.about.id or "", entry.state) == (name, about or entry.about.id or "", "open")
    assert entry.reason.endswith(".")
    assert entry.next_step == step(RULES[name])
    assert await attention.refresh(context, now=case.appears + timedelta(seconds=2)) == 0

    await case.end(context, scope, about)
    gone = case.appears + (timedelta(days=91) if case.end is nothing else timedelta(seconds=3))
    assert [each.rule for each in await look(context, scope, gone) if each.rule == name] == []


async def test_what_left_before_it_was_told_of_waits_since_it_left(context: Context) -> None:
    scope = await organization(context)
    new = NewSend(kind="letter", to=Address(name="Ada Abbott", postal_code="60601"))
    (sent,) = await sends.create(context, scope, [new], now=NOON)
    assert isinstance(sent, dict)
    await told(context, scope, sent["id"], "handed_over", NOON - timedelta(days=20))
    (entry,) = await look(context, scope, NOON + MINUTE)
    assert (entry.rule, entry.since) == ("unscanned", NOON - timedelta(days=20))


async def test_the_silence_of_each_class_is_measured_by_its_own_days_and_canada_posts_by_none(context: Context) -> None:
    scope = await organization(context)
    marketing = await made(context, scope, mailing_class="marketing")
    for send_id in (marketing, await made(context, scope, post="canada_post")):
        await told(context, scope, send_id, "handed_over")

    assert await look(context, scope, midnight(3, 13) - MINUTE) == []
    (entry,) = await look(context, scope, midnight(3, 13))
    assert entry.about.id == marketing
    assert entry.reason == "Handed over on 2 Mar and not scanned since: 8 business days."


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"nixie": "S", "reason": "No such street"}, "There is no such street."),
        ({"reason": "Paper\njam"}, "“Paper jam”"),
        ({"note": "Came back wet", "by": "Ann"}, "“Came back wet”"),
        ({"rests_on": "in_local_area"}, ""),
    ],
)
async def test_an_entry_says_why_where_somebody_did(context: Context, detail: dict[str, str], said: str) -> None:
    scope = await organization(context)
    item = event_item(to_ms(NOON), "returned", Source.USPS, Evidence.REPORTED, as_detail(detail))
    await one_letter(context, scope)
    await take(context.database, scope, [Observation(SERIALS + 1, item, label=LABEL, detail=as_detail(detail))])
    (entry,) = await look(context, scope, NOON + MINUTE)
    assert entry.reason == f"Returned on 2 Mar. {said}".strip()


async def test_a_send_that_waits_for_its_date_is_not_late(context: Context) -> None:
    scope = await organization(context)
    new = NewSend(kind="letter", to=Address(name="Ada"), send_date=date(2026, 4, 1))
    await sends.create(context, scope, [new], now=NOON)
    assert await look(context, scope, midnight(4, 8)) == []
    assert [each.rule for each in await look(context, scope, midnight(4, 8) + MINUTE)] == ["ordered"]


async def test_a_threshold_that_changes_counts_for_what_is_there_and_zero_ends_the_rule(context: Context) -> None:
    scope = await organization(context)
    await told(context, scope, await made(context, scope), "held")
    now = NOON + timedelta(days=2)
    assert await look(context, scope, now) == []
    for days, rules in ((1, ["held"]), (0, []), (3, [])):
        await thresholds.change(context, scope, {"held_days": days})
        assert [each.rule for each in await look(context, scope, now)] == rules


async def test_who_is_done_sees_it_again_only_when_something_new_happens(context: Context) -> None:
    scope = await organization(context)
    send_id = await made(context, scope)
    await told(context, scope, send_id, "printed")
    now = midnight(3, 5)
    (entry,) = await look(context, scope, now)
    await attending.annotate(context, scope, entry.id, "Asked the printer")
    assert await attending.finish(context, scope, Chosen([entry.id]), now=now) == 1
    assert await look(context, scope, now) == []
    (done,) = await look(context, scope, now, state="done")
    assert (done.id, done.state, done.note) == (entry.id, "done", "Asked the printer")

    await told(context, scope, send_id, "reprinting", NOON + timedelta(hours=1))
    (again,) = await look(context, scope, now)
    assert (again.id, again.state, again.note) == (entry.id, "open", "Asked the printer")


async def test_what_is_snoozed_comes_back_in_the_morning_by_itself(context: Context) -> None:
    scope = await organization(context)
    await told(context, scope, await made(context, scope), "returned")
    (entry,) = await look(context, scope, NOON)
    await attending.snooze(context, scope, Chosen(wanted=Wanted(rule="returned")), "3 days", now=NOON)
    back = midnight(3, 5) + timedelta(hours=6)
    assert await look(context, scope, back - MINUTE) == []
    assert [each.id for each in await look(context, scope, back - MINUTE, state="snoozed")] == [entry.id]
    assert [each.id for each in await look(context, scope, back + MINUTE)] == [entry.id]
    await attending.snooze(context, scope, Chosen([entry.id]), "a week", now=NOON)
    await attending.reopen(context, scope, Chosen([entry.id]))
    assert [each.id for each in await look(context, scope, NOON)] == [entry.id]
    for wrong in (attending.snooze(context, scope, Chosen([entry.id]), "never"), attending.get(context, scope, "x")):
        with pytest.raises(SendtrailError):
            await wrong


async def test_everybody_sees_and_acts_on_what_they_reach_and_is_given_no_more(context: Context) -> None:
    world_ = await world(context)
    ann = world_.scopes["ann"]
    await money.deposit(context, ann, 1)
    for name, view in world_.sends.items():
        await told(context, world_.scopes.get(name, ann), view["id"], "failed", NOON)
    await histories.refresh(context, rest=timedelta())
    await attention.refresh(context, now=NOON)

    async def seen(name: str, **wanted: Any) -> set[str]:
        found, _ = await attending.list_entries(context, world_.scopes[name], Wanted(**wanted), 100, now=NOON)
        return {each.about.name for each in found}

    for name, reached in REACHED.items():
        extra = {"Balance"} if name in ("ann", "gus") else set()
        assert await seen(name) == {f"To {each}." for each in reached} | extra, name
        assert await attending.waiting(context, world_.scopes[name]) == len(reached) + len(extra)

    assert list(await attending.assignable(context, world_.scopes["sam"])) == [member(context, world_, "sam")]
    everything = Chosen(wanted=Wanted())
    mia = await attending.assign(context, ann, everything, member(context, world_, "mia"))
    assert mia == (len(REACHED["mia"]), len(REACHED["ann"]) + 1 - len(REACHED["mia"]))
    assert await seen("mia", assignee="mine") == {f"To {each}." for each in REACHED["mia"]}
    assert await seen("ann", assignee="nobody") == await seen("ann") - await seen("mia")
    assert await attending.assign(context, world_.scopes["sam"], everything, "nobody") == (1, 0)
    with pytest.raises(Invalid):
        await attending.assign(context, world_.scopes["sam"], everything, member(context, world_, "ann"))
    assert await attending.finish(context, world_.scopes["tom"], everything, now=NOON) == 1
    assert await seen("mia") == {"To mia.", "To sam."}
    await people.remove(context, ann, member(context, world_, "mia"))
    assert await seen("ann", assignee="nobody") == await seen("ann")
    (beyond,) = (await attending.list_entries(context, world_.scopes["fay"], Wanted(), 9, now=NOON))[0]
    with pytest.raises(NotFound):
        await attending.finish(context, ann, Chosen([beyond.id]))


def member(context: Context, made_: World, name: str) -> str:
    return context.ids.encode("member", made_.members[name])


async def test_two_workers_at_once_notice_everything_once(context: Context) -> None:
    scope = await organization(context)
    await add_campaign(context, scope, "Spring", "bulk")
    for campaign in ("", "Spring"):
        for _ in range(3):
            await told(context, scope, await made(context, scope, campaign=campaign), "failed")
    await histories.refresh(context, rest=timedelta())

    done = await asyncio.gather(*(attention.refresh(context, now=NOON) for _ in range(4)))

    assert sum(done) == 2
    assert len(await look(context, scope, NOON)) == 6
