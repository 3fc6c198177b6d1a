"""What is told of files and pushes: where they came from, how they stand, how old their scans were."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, feeds
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_stream
from sendtrail.store import feed_files
from sendtrail.store.ingest import Tally
from tests.services.organizations import organization
from tests.services.test_ingest import event, push
from tests.services.test_uploads import in_pieces
from tests.store.piles import letters


async def given(context: Context, scope: Scope, name: str, *, number: int) -> feeds.FeedFile:
    summary = await ingest_stream(context, scope, in_pieces(push([event(number, 0)])), name)
    return await feeds.get_file(context, scope, context.ids.encode("file", summary.feed_file_id))


async def test_a_file_says_where_it_came_from(context: Context) -> None:
    scope = await organization(context)
    said = {
        actor: (await given(context, replace(scope, actor=actor), actor, number=number)).source
        for number, actor in enumerate(("member:1", "key:3", "feed-dir", "cli", "file:9"))
    }
    assert said == {"member:1": "upload", "key:3": "api", "feed-dir": "folder", "cli": "file", "file:9": "file"}


async def test_a_push_is_told_with_its_credentials_which_were_heard(context: Context) -> None:
    scope = await organization(context)
    made = await accounts.add_feed(context, scope, "The mail house")
    (silent,) = await accounts.list_feeds(context, scope)
    assert silent.last_heard_at is None
    found = await accounts.scope_of_feed(context, made.username, made.password or "")
    assert found
    received = await feeds.receive_push(context, found[0], in_pieces(push([event(1, 0)])), found[1])
    file = await feeds.get_file(context, scope, received.file)
    assert (file.source, file.feed) == ("push", "The mail house")
    (heard,) = await accounts.list_feeds(context, scope)
    assert heard.last_heard_at
    assert datetime.now(UTC) - heard.last_heard_at < timedelta(minutes=1)


async def test_a_repeated_push_is_heard_too(context: Context) -> None:
    scope = await organization(context)
    made = await accounts.add_feed(context, scope, "scans")
    found = await accounts.scope_of_feed(context, made.username, made.password or "")
    assert found
    for _ in range(2):
        async with context.database.transaction() as connection:
            await connection.execute("update feed set last_heard_at = null")
        await feeds.receive_push(context, found[0], in_pieces(push([event(1, 0)])), found[1])
    (heard,) = await accounts.list_feeds(context, scope)
    assert heard.last_heard_at


async def test_it_is_known_from_when_to_when_a_file_tells(context: Context) -> None:
    scope = await organization(context)
    content = push([event(n, minutes) for n, minutes in enumerate((50, 5, 90))])
    summary = await ingest_stream(context, scope, in_pieces(content), "scans.json")
    file = await feeds.get_file(context, scope, context.ids.encode("file", summary.feed_file_id))
    assert file.oldest_at
    assert file.newest_at
    assert file.newest_at - file.oldest_at == timedelta(minutes=85)


async def test_a_file_is_read_as_far_as_its_reader_noted(context: Context) -> None:
    scope = await organization(context)
    async with context.database.transaction() as connection:
        number, _ = await feed_files.register(
            connection, scope, name="x", digest=bytes(32), size=100, feed_id=None, lease=timedelta(minutes=5)
        )
        for read in (40, 30):
            step = feed_files.Step(read)
            await feed_files.progressed(connection, scope, number, Tally(new=2), timedelta(minutes=5), step)
    file = await feeds.get_file(context, scope, context.ids.encode("file", number))
    assert (file.state, file.bytes_read, file.new) == ("reading", 40, 4)


async def test_totals_count_what_came_within_a_time(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    await given(context, scope, "new", number=1)
    old = await given(context, scope, "old", number=2)
    async with context.database.transaction() as connection:
        await connection.execute(
            "update feed_file set received_at = now() - interval '3 days' where id = %s",
            [context.ids.decode(old.id)[1]],
        )
    day, week = await feeds.totals(context, scope, timedelta(days=1), timedelta(days=7))
    assert day == feeds.Totals(files=1, new=1, duplicate=0, unmatched=0, rejected=0)
    assert week == feeds.Totals(files=2, new=1, duplicate=0, unmatched=1, rejected=0)
    other = replace(scope, live=False)
    assert await feeds.totals(context, other, timedelta(days=7)) == [feeds.Totals(0, 0, 0, 0, 0)]
