"""The demo, made on a real database; smaller than the real one, which differs in nothing else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sendtrail.domain.imb import parse
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import (
    accounts,
    api_keys,
    campaigns,
    doctor,
    feeds,
    goals,
    hook_deliveries,
    hooks,
    people,
    reports,
    sends,
    welcome,
)
from sendtrail.services.context import Context
from sendtrail.services.demo import EMAIL, ORGANIZATION, PASSWORD, Say, prepare
from sendtrail.services.tracker import Wanted, list_sends

SENDS = 900


async def test_it_shows_everything_and_a_second_run_changes_nothing(context: Context) -> None:
    context.config.data.mkdir()
    said: list[str] = []
    came: list[Any] = []
    first = await prepare(context, said.append, SENDS)
    scope = await accounts.scope_of_organization(context, ORGANIZATION, live=True)
    today = (await reports.summary(context, scope)).end
    whole = await reports.summary(context, scope, today - timedelta(100), today + timedelta(30))
    assert all(proof.broken == 0 for proof in await doctor.prove(context))
    assert SENDS - 10 < whole.total <= SENDS
    for sector in ("bulk", "triggered", "single", "gift"):
        assert (await reports.summary(context, scope, whole.start, whole.end, sector)).total > 5, sector
    for category in ("received", "producing", "handed_over", "in_transit", "local_delivery", "delivered", "returned",
                     "cancelled"):  # fmt: skip
        assert getattr(whole, category) > 0, category
    assert whole.delivered > 0.7 * whole.total
    assert (whole.balance or 0) > 0

    files, _ = await feeds.list_files(context, scope, 100)
    assert {file.format for file in files} == {
        "printer", "imb_tracing", "iv_mtr_delimited", "iv_mtr_json", "acs",
    }  # fmt: skip
    assert {file.source for file in files} == {"sample"}
    assert sum(file.duplicate for file in files) > 20
    assert sum(file.unmatched for file in files) > 10
    assert sum(file.rejected for file in files) == 1

    test = await reports.summary(context, replace(scope, live=False), whole.start, whole.end)
    assert test.total > 200
    assert test.delivered > 50

    for mode in (scope, replace(scope, live=False)):
        async with context.database.snapshot() as connection:
            cursor = await connection.execute(
                "select sum(visits), sum(goals), sum(bots), count(*) filter (where last_visit_at > now())"
                " from engagement where live = %s",
                [mode.live],
            )
            came.append(await cursor.fetchone())
    (visits, reached, machines, to_come), (tried, *_) = came
    assert 0.02 * whole.total < visits < 0.2 * whole.total
    assert 0 < reached < visits / 2
    assert (machines > 0, to_come, tried > 0) == (True, 0, True)
    assert {goal.currency for goal in (await goals.list_goals(context, scope))[0]} == {"USD"}

    assert said
    again: list[str] = []
    assert await prepare(context, again.append, SENDS) == first
    assert again == []
    assert await reports.summary(context, scope, whole.start, whole.end) == whole
    assert len((await goals.list_goals(context, scope, limit=1000))[0]) == reached

    seen = {}
    for email, role in ((EMAIL, "admin"), (first.manager, "manager"), (first.sender, "sender")):
        member = await accounts.sign_in(context, email, PASSWORD)
        assert [each.role for each in member.memberships] == [role]
        for live in (True, False):
            own = await accounts.scope_of_member(context, member.id, scope.organization_id, live)
            assert own
            seen[role, live] = (await reports.summary(context, own, whole.start, whole.end)).total
            assert await campaigns.list_campaigns(context, own)
    for live, total in ((True, whole.total), (False, test.total)):
        assert 10 < seen["sender", live] < seen["manager", live] < seen["admin", live] == total
    assert {team.name for team in await people.list_teams(context, scope)} == {"New customers", "Policyholders"}
    assert await api_keys.scope_of_key(context, first.key)
    example = await sends.get(context, scope, first.example)
    assert example["vocabularies"]["stannp"] == "returned"
    assert (await accounts.organization(context, scope)).support_contact
    (hook,), _ = await hooks.list_hooks(context, scope)
    (trial,), _ = await hook_deliveries.list_deliveries(context, scope, hook.id, hook_deliveries.Chosen(), limit=9)
    assert (hook.target, trial.send) == ("email", None)  # what is past was told to nobody


async def test_one_that_broke_off_goes_on(context: Context) -> None:
    """Whatever it was at: here, before its sends, before its files, and when all were there."""
    context.config.data.mkdir()

    class Enough(Exception):
        pass

    def until(words: str) -> Say:
        def say(step: str) -> None:
            if words in step:
                raise Enough

        return say

    for words in ("invented", "making its sends", "taking its", "for test mode", "working out"):
        with pytest.raises(Enough):
            await prepare(context, until(words), 200)
    await prepare(context, lambda step: None, 200)
    assert all(proof.broken == 0 for proof in await doctor.prove(context))
    scope = await accounts.scope_of_organization(context, ORGANIZATION, live=True)
    page, _ = await list_sends(context, scope, Wanted(q="HV-000042"), 10)
    assert len(page) == 1


async def test_a_visitors_own_barcodes_and_mail_stand_apart_from_the_sample(context: Context) -> None:
    context.config.data.mkdir()
    await prepare(context, lambda step: None, 100)
    scope = await accounts.scope_of_organization(context, ORGANIZATION, live=True)
    before = await welcome.progress(context, scope)
    assert (before.samples, before.mailer_id, before.file, before.send) == (True, False, False, False)
    (made,) = await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ada"))])
    assert isinstance(made, dict)
    assert parse(made["imb"]).serial == "500000"
    assert made["cost_cents"] == 78
    assert (await welcome.progress(context, scope)).send
