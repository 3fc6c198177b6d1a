"""Campaigns renamed, given away, archived, deleted and restored: what they sent counts as before (law 7)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import audit, histories, reports, sends
from sendtrail.services.campaign_changes import change, choices, may_change, move
from sendtrail.services.campaigns import CampaignState, add_campaign, get, history, list_campaigns, tally
from sendtrail.services.context import Context
from sendtrail.services.send_imports import import_sends
from sendtrail.services.tracker import Wanted, list_sends
from tests.people import World, world
from tests.services.mail import END, START, many
from tests.services.organizations import organization

PAST = ("archived", "deleted")


def letter(campaign: str) -> NewSend:
    return NewSend(kind="letter", to=Address(name="Ann"), campaign=campaign)


async def refused(context: Context, scope: Scope, campaign: str) -> SendtrailError:
    (outcome,) = await sends.create(context, scope, [letter(campaign)])
    assert isinstance(outcome, SendtrailError)
    return outcome


async def names(context: Context, scope: Scope, state: str) -> list[str]:
    return [each.name for each in (await list_campaigns(context, scope, state=state))[0]]


@pytest.mark.parametrize("state", PAST)
async def test_what_a_campaign_sent_counts_as_before_and_is_told_by_its_name(
    context: Context, state: CampaignState
) -> None:
    scope = await organization(context)
    await many(context, scope)
    await histories.refresh(context, rest=timedelta())
    spring = next(each for each in (await list_campaigns(context, scope))[0] if each.name == "Spring")

    async def told() -> list[object]:
        whole = Wanted(campaign=spring.id)
        detail = await get(context, scope, spring.id)
        return [
            *[await reports.summary(context, scope, START, END, each) for each in ("all", "bulk", "triggered")],
            await reports.timeline(context, scope, START, END),
            [(row.name, row.total, row.spent) for row in
             (await reports.campaign_rows(context, scope, START, END, None)).data],
            (detail.total, detail.spent, detail.kinds),
            (await history(context, scope, spring.id)).data,
            [(each["id"], each["campaign"]) for each in (await list_sends(context, scope, whole, 1000))[0]],
            [each["id"] for each in (await list_sends(context, scope, Wanted(campaign="Spring"), 1000))[0]],
        ]  # fmt: skip

    before = await told()
    moved = await move(context, scope, spring.id, state)
    assert moved.state == (await get(context, scope, spring.id)).state == state
    assert await told() == before


@pytest.mark.parametrize("state", PAST)
async def test_it_takes_no_sends_until_it_is_restored(context: Context, state: CampaignState, tmp_path: Path) -> None:
    scope = await organization(context)
    spring = await add_campaign(context, scope, "Spring", "bulk")
    await move(context, scope, spring.id, state)
    path = tmp_path / "sends.csv"
    path.write_text(f"kind,to.name,campaign\nletter,Ann,Spring\nletter,Bo,{spring.id}\nletter,Cy,\n")

    for named in ("Spring", spring.id):
        refusal = await refused(context, scope, named)
        assert refusal.param == "campaign"
        assert {"archived": "is archived", "deleted": "was deleted"}[state] in refusal.message
    steps = [step async for step in import_sends(context, scope, path)]
    assert (steps[-1][0].created, steps[-1][0].rejected) == (1, 2)
    assert all("restore it" in reject.reason for reject in steps[-1][1])
    assert await names(context, scope, "active") == []

    assert (await move(context, scope, spring.id, "active")).state == "active"
    (made,) = await sends.create(context, scope, [letter("Spring")])
    assert isinstance(made, dict)


async def test_lists_show_one_state_or_all_and_say_how_many_are_in_each(context: Context) -> None:
    scope = await organization(context)
    added = [await add_campaign(context, scope, name, "bulk") for name in ("One", "Two", "Three")]
    await move(context, scope, added[1].id, "archived")
    await move(context, scope, added[2].id, "deleted")

    assert [await names(context, scope, state) for state in ("active", "archived", "deleted", "all")] == [
        ["One"], ["Two"], ["Three"], ["Three", "Two", "One"],
    ]  # fmt: skip
    assert await tally(context, scope) == {"active": 1, "archived": 1, "deleted": 1}
    assert await tally(context, scope, q="T") == {"active": 0, "archived": 1, "deleted": 1}
    assert await tally(context, scope, type_="triggered") == dict.fromkeys(("active", "archived", "deleted"), 0)
    with pytest.raises(Invalid) as refusal:
        await list_campaigns(context, scope, state="gone")
    assert refusal.value.param == "state"


async def test_the_name_of_a_deleted_one_is_free_and_means_the_new_one(context: Context) -> None:
    scope = await organization(context)
    old = await add_campaign(context, scope, "Spring", "bulk")
    await sends.create(context, scope, [letter("Spring")])
    await move(context, scope, old.id, "archived")
    with pytest.raises(Conflict):
        await add_campaign(context, scope, "Spring", "bulk")
    await move(context, scope, old.id, "deleted")
    new = await add_campaign(context, scope, "Spring", "triggered")
    await sends.create(context, scope, [letter("Spring"), letter(new.id)])

    assert (await get(context, scope, old.id)).total == 1
    assert (await get(context, scope, new.id)).total == 2
    assert len((await list_sends(context, scope, Wanted(campaign="Spring"), 10))[0]) == 2
    assert "was deleted" in (await refused(context, scope, old.id)).message
    with pytest.raises(Conflict) as refusal:
        await move(context, scope, old.id, "active")
    assert refusal.value.param == "name"
    await change(context, scope, new.id, name="Summer")
    assert (await move(context, scope, old.id, "active")).name == "Spring"
    with pytest.raises(Conflict):
        await change(context, scope, new.id, name="Spring")


async def test_what_is_deleted_is_restored_before_anything_else(context: Context) -> None:
    scope = await organization(context)
    spring = await add_campaign(context, scope, "Spring", "bulk")
    await move(context, scope, spring.id, "deleted")
    with pytest.raises(Conflict):
        await change(context, scope, spring.id, name="Summer")
    with pytest.raises(Conflict):
        await move(context, scope, spring.id, "archived")


async def test_each_change_is_noted_once(context: Context) -> None:
    made = await world(context)
    ann = made.scopes["ann"]
    begun, _ = await audit.list_notes(context, ann, 1)
    spring = await add_campaign(context, ann, "Spring", "bulk")
    for _ in range(2):
        await change(context, ann, spring.id, name="Summer", owner="sam@example.com", team="East")
    states: tuple[CampaignState, ...] = ("archived", "deleted", "active")
    for state in states:
        await move(context, ann, spring.id, state)
        await move(context, ann, spring.id, state)

    notes, _ = await audit.list_notes(context, ann)
    new = [(note.action, note.subject, note.detail) for note in notes[: [each.id for each in notes].index(begun[0].id)]]
    assert new[::-1] == [
        ("campaign.added", "Spring", {"type": "bulk"}),
        ("campaign.changed", "Spring", {"name": "Summer", "owner": "sam@example.com", "team": "East"}),
        ("campaign.archived", "Summer", {}),
        ("campaign.deleted", "Summer", {}),
        ("campaign.restored", "Summer", {}),
    ]
    assert {note.who for note in notes[:5]} == {"ann@example.com"}


async def test_a_campaign_belongs_to_who_begins_it_or_whom_they_name(context: Context) -> None:
    made = await world(context)
    east = (await get(context, made.scopes["mia"], made.campaigns["mia"])).team
    assert east
    own = await add_campaign(context, made.scopes["sam"], "Sam's", "bulk")
    assert own.owner
    assert (own.owner.email, own.team) == ("sam@example.com", east)
    named = await add_campaign(context, made.scopes["ann"], "Tom's", "bulk", owner="Tom@example.com")
    assert named.owner
    assert (named.owner.email, named.team) == ("tom@example.com", east)
    nobodys = await add_campaign(context, made.scopes["ann"], "Nobody's", "bulk", owner="", team=east.id)
    assert (nobodys.owner, nobodys.team) == (None, east)
    assert "Nobody's" in await names(context, made.scopes["mia"], "active")
    freed = await change(context, made.scopes["ann"], own.id, owner=None, team=None)
    assert (freed.owner, freed.team) == (None, None)
    with pytest.raises(NotFound):
        await get(context, made.scopes["sam"], own.id)


@pytest.mark.parametrize(
    ("who", "whose", "fields", "param"),
    [
        ("ann", "sam", {"owner": "nobody@example.com"}, "owner"),
        ("ann", "sam", {"owner": "fay@example.com"}, "owner"),
        ("ann", "sam", {"team": "West"}, "team"),
        ("ann", "sam", {"name": "a\nb"}, "name"),
        ("mia", "sam", {"owner": "zoe@example.com"}, "owner"),
        ("mia", "sam", {"owner": "ann@example.com"}, "owner"),
        ("mia", "sam", {"team": None}, "owner"),
        ("mia", "mia", {"owner": None, "team": None}, "owner"),
        ("sam", "sam", {"owner": "tom@example.com"}, "owner"),
        ("sam", "sam", {"owner": None}, "owner"),
        ("zoe", "zoe", {"team": "East"}, "team"),
    ],
)
async def test_nobody_gives_a_campaign_beyond_their_reach(
    context: Context, who: str, whose: str, fields: dict[str, str | None], param: str
) -> None:
    made = await world(context)
    with pytest.raises(Invalid) as refusal:
        await change(context, made.scopes[who], made.campaigns[whose], **fields)  # type: ignore[arg-type]
    assert refusal.value.param == param


async def test_a_manager_gives_within_their_teams(context: Context) -> None:
    made = await world(context)
    given = await change(context, made.scopes["mia"], made.campaigns["sam"], owner="tom@example.com")
    assert given.owner
    assert given.owner.email == "tom@example.com"
    kept = await change(
        context, made.scopes["sam"], (await add_campaign(context, made.scopes["sam"], "X", "bulk")).id, team=""
    )
    assert kept.team is None


async def test_whoever_has_a_send_in_a_campaign_sees_it_and_changes_nothing(context: Context) -> None:
    made = await world(context)
    ann, zoe = made.scopes["ann"], made.scopes["zoe"]
    shared = await add_campaign(context, ann, "Shared", "bulk", owner="zoe@example.com")
    await sends.create(context, zoe, [letter("Shared")])
    await change(context, ann, shared.id, owner="ann@example.com")
    seen = await get(context, zoe, shared.id)
    assert (seen.total, may_change(context, zoe, seen), may_change(context, ann, seen)) == (1, False, True)
    with pytest.raises(Forbidden):
        await change(context, zoe, shared.id, name="Mine")
    states: tuple[CampaignState, ...] = ("archived", "deleted")
    for state in states:
        with pytest.raises(Forbidden):
            await move(context, zoe, shared.id, state)


@pytest.mark.parametrize("who", ["ann", "gus", "mia", "sam", "fay"])
async def test_what_somebody_may_change_is_told_as_it_is(context: Context, who: str) -> None:
    made = await world(context)
    scope = made.scopes[who]
    for owner, campaign_id in made.campaigns.items():
        try:
            seen = await get(context, scope, campaign_id)
        except NotFound:
            with pytest.raises(NotFound):
                await move(context, scope, campaign_id, "archived")
            continue
        assert may_change(context, scope, seen), owner
        assert (await move(context, scope, campaign_id, "archived")).state == "archived"


async def offered(context: Context, made: World, who: str) -> tuple[list[str], list[str], bool]:
    found = await choices(context, made.scopes[who])
    return [each.email.partition("@")[0] for each in found.owners], [each.name for each in found.teams], found.nobody


async def test_forms_offer_whom_a_campaign_can_be_given_to(context: Context) -> None:
    made = await world(context)
    assert await offered(context, made, "ann") == (["ann", "gus", "mia", "sam", "tom", "zoe"], ["East"], True)
    assert await offered(context, made, "mia") == (["mia", "sam", "tom"], ["East"], False)
    assert await offered(context, made, "sam") == (["sam"], ["East"], False)
    assert await offered(context, made, "zoe") == (["zoe"], [], False)


async def test_two_who_change_a_campaign_at_once_take_turns(context: Context) -> None:
    scope = await organization(context)
    spring = await add_campaign(context, scope, "Spring", "bulk")
    await asyncio.gather(*(move(context, scope, spring.id, "archived") for _ in range(4)))
    notes, _ = await audit.list_notes(context, scope)
    assert [note.action for note in notes] == ["campaign.archived", "campaign.added"]
    rivals = [await add_campaign(context, scope, name, "bulk") for name in ("One", "Two")]
    outcomes = await asyncio.gather(
        *(change(context, scope, each.id, name="Same") for each in rivals), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["Campaign", "Conflict"]


async def test_modes_and_organizations_stay_apart(context: Context) -> None:
    scope = await organization(context)
    spring = await add_campaign(context, scope, "Spring", "bulk")
    for stranger in (replace(scope, live=False), await organization(context, "Other")):
        assert await tally(context, stranger) == {"active": 0, "archived": 0, "deleted": 0}
        with pytest.raises(NotFound):
            await change(context, stranger, spring.id, name="Mine")
        with pytest.raises(NotFound):
            await move(context, stranger, spring.id, "deleted")
    assert (await add_campaign(context, replace(scope, live=False), "Spring", "bulk")).live is False
