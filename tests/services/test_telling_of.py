"""What is told of campaigns and stock orders: by whoever listens, in order, and only if it truly happened."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from psycopg import Rollback

from sendtrail.config import Config
from sendtrail.domain.deliveries import SUBJECTS, State, subject_of, thread_of
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context, open_context
from sendtrail.services.telling_of import tell_of
from tests.services.hooks import listen, told
from tests.services.organizations import organization

CAMPAIGN = ("campaign", 7)
READY = {"id": "campaign_x", "object": "campaign", "status": "ready"}


@pytest.fixture
async def context(dsn: str, tmp_path: Path) -> AsyncIterator[Context]:
    async with open_context(dsn, Config.load({}, data=tmp_path / "data")) as opened:
        yield opened


async def tell(context: Context, scope: Scope, type_: str, subject: tuple[str, int], *, later: bool = False) -> None:
    async with context.database.transaction() as connection:
        await tell_of(connection, context, scope, type_, subject, READY, {"status": "ready"} if later else None)


def test_no_two_subjects_share_a_thread_and_none_is_a_sends() -> None:
    threads = {thread_of(word, number): (word, number) for word in SUBJECTS for number in range(1, 100)}

    assert len(threads) == 99 * len(SUBJECTS)
    assert all(thread < 0 and subject_of(thread) == subject for thread, subject in threads.items())
    assert subject_of(0) is subject_of(12) is None


async def test_who_listens_is_told_in_order_and_nobody_else(context: Context) -> None:
    scope, other = await organization(context, "Acme"), await organization(context, "Other")
    both = await listen(context, scope, "campaign.created", "campaign.updated")
    all_ = await listen(context, scope, "postgrid.*", kinds=[1], tags=["vip"])
    of_this = await listen(context, scope, "campaign.updated", campaigns=[7])
    await listen(context, scope, "campaign.updated", campaigns=[8])
    await listen(context, scope, "letter.updated", "send.*")
    await listen(context, other, "postgrid.*")
    await listen(context, Scope(scope.organization_id, not scope.live, "test"), "postgrid.*")

    await tell(context, scope, "campaign.created", CAMPAIGN)
    await tell(context, scope, "campaign.updated", CAMPAIGN, later=True)
    await tell(context, scope, "return_envelope_order.created", ("return_envelope_order", 7))
    found = await told(context)

    assert [(each.hook, each.type, each.sequence) for each in found] == [
        (both, "campaign.created", 1),
        (both, "campaign.updated", 2),
        (all_, "campaign.created", 1),
        (all_, "campaign.updated", 2),
        (all_, "return_envelope_order.created", 1),
        (of_this, "campaign.updated", 2),
    ]
    assert {each.state for each in found} == {State.PENDING}
    body = found[1].body
    assert body | {"id": "", "createdAt": ""} == {
        "id": "",
        "object": "event",
        "type": "campaign.updated",
        "live": scope.live,
        "data": READY,
        "updatedFields": {"status": "ready"},
        "createdAt": "",
    }
    assert context.ids.decode(body["id"])[0] == "event"


async def test_what_is_undone_is_not_told_and_where_nobody_listens_nothing_is_written(context: Context) -> None:
    scope = await organization(context, "Acme")
    await tell(context, scope, "campaign.created", CAMPAIGN)
    await listen(context, scope, "postgrid.*")
    async with context.database.transaction() as connection:
        await tell_of(connection, context, scope, "campaign.created", CAMPAIGN, READY, None)
        raise Rollback

    assert await told(context) == []
