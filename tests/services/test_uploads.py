"""Files given to a page: kept, read, and told apart from what is no feed."""

import gzip
from collections.abc import AsyncIterator

import pytest

from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.services import feeds, ingest
from sendtrail.services.context import Context
from sendtrail.services.uploads import receive_upload
from tests.services.organizations import organization
from tests.services.test_ingest import event, push
from tests.store.piles import letters


async def in_pieces(whole: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


async def kept(context: Context) -> int:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select count(*) from feed_file")
        ((number,),) = await cursor.fetchall()
    return int(number)


async def test_a_small_file_is_read_at_once(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    content = push([event(1, 0), event(2, 0)])
    file = (await receive_upload(context, scope, in_pieces(content), "C:\\scans\\mon\x07day.json")).file
    assert (file.name, file.state, file.new, file.unmatched) == ("mon day.json", "done", 1, 1)
    assert file.bytes_read == file.bytes == len(content)
    assert file.oldest_at == file.newest_at is not None


async def test_a_large_file_waits_for_a_worker_who_says_how_far_it_is(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    content = push([event(1, 0)])
    with monkeypatch.context() as large:
        large.setattr(ingest, "ASIDE_BYTES", 1)
        file = (await receive_upload(context, scope, in_pieces(content), "large.json")).file
    assert (file.state, file.new, file.bytes_read) == ("waiting", 0, 0)
    assert await ingest.resume(context)
    file = await feeds.get_file(context, scope, file.id)
    assert (file.state, file.new, file.bytes_read) == ("done", 1, len(content))


async def test_what_nothing_can_be_read_of_has_failed_and_is_kept(context: Context) -> None:
    scope = await organization(context)
    file = (await receive_upload(context, scope, in_pieces(b"\x89PNG and so on"), "picture.png")).file
    assert (file.state, file.rejected) == ("failed", 1)
    original = await feeds.original(context, scope, file.id)
    assert (original.name, original.size) == ("picture.png", 14)
    assert b"".join([piece async for piece in original.pieces]) == b"\x89PNG and so on"


async def test_what_comes_again_is_known_and_stays_as_it_was(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    content = push([event(1, 0), event(1, 0), event(2, 0)])
    first = await receive_upload(context, scope, in_pieces(content), "scans.json")
    assert (first.known, first.new, first.file.duplicate) == (False, 1, 1)
    again = await receive_upload(context, scope, in_pieces(content), "other.json")
    assert (again.known, again.new) == (True, 0)
    assert again.file == first.file
    await letters(context, scope, [2])
    assert (await receive_upload(context, scope, in_pieces(content), "third.json")).new == 0


async def test_what_comes_again_after_its_sends_says_what_was_new(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])
    report = f"send,code,occurred_at\n{letter},printed,2026-03-02\nletter_0,printed,2026-03-02\n".encode()
    assert (await receive_upload(context, scope, in_pieces(report), "report.csv")).new == 1
    async with context.database.transaction() as connection:
        await connection.execute("update state set trail = trail[:1], meta = meta[:1]")
    again = await receive_upload(context, scope, in_pieces(report), "report.csv")
    assert (again.known, again.new, again.file.new) == (True, 1, 2)


async def test_a_reading_that_is_begun_again_counts_nothing_of_its_own_as_duplicate(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    content = push([event(1, 0), event(1, 30), event(1, 30)])
    file = (await receive_upload(context, scope, in_pieces(content), "scans.json")).file
    async with context.database.transaction() as connection:  # as if its reader had died after the last batch
        await connection.execute("update feed_file set finished_at = null, first_finished_at = null, duplicate = 0")
        await connection.execute("update feed_file set claimed_until = 'epoch'")
    assert await ingest.resume(context)
    file = await feeds.get_file(context, scope, file.id)
    assert (file.new, file.duplicate) == (2, 1)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_file_without_its_end_is_incomplete_and_one_without_anything_has_failed(
    context: Context, packed: bool
) -> None:
    scope = await organization(context)
    content = push(event(n, n) for n in range(200))
    content = gzip.compress(content) if packed else content
    half = (await receive_upload(context, scope, in_pieces(content[: len(content) // 2]), "half.json")).file
    assert half.state == "incomplete"
    none = (await receive_upload(context, scope, in_pieces(content[:20]), "none.json")).file
    assert none.state == "failed"
    lines = (await receive_upload(context, scope, in_pieces(push([{"imbTrackingCode": "1"}])), "bad.json")).file
    assert lines.state == "failed"
    whole = (await receive_upload(context, scope, in_pieces(push([event(1, 0), {}])), "some.json")).file
    assert whole.state == "done"


@pytest.mark.parametrize(
    "content",
    [
        b"kind,name,address_line1\nletter,Ann,1 Elm\n",
        "\ufeffType;To Name;ZIP\r\nletter;Ann;12345\r\n".encode(),
    ],
)
async def test_a_list_of_sends_is_told_apart_and_not_kept(context: Context, content: bytes) -> None:
    with pytest.raises(Invalid, match="list of sends"):
        await receive_upload(context, await organization(context), in_pieces(content, 7), "sends.csv")
    assert await kept(context) == 0


async def test_a_long_name_is_cut_before_its_ending(context: Context) -> None:
    scope = await organization(context)
    cut = {"a" * 300 + ".json": "a" * 249 + "….json", "b" * 300: "b" * 254 + "…"}
    for number, (name, kept_as) in enumerate(cut.items()):
        upload = await receive_upload(context, scope, in_pieces(push([event(number, 0)])), name)
        assert upload.file.name == kept_as


async def test_an_empty_file_is_refused(context: Context) -> None:
    with pytest.raises(Invalid, match="empty"):
        await receive_upload(context, await organization(context), in_pieces(b""), "nothing.csv")
    assert await kept(context) == 0


@pytest.mark.parametrize("packed", [False, True])
async def test_the_original_is_given_back_byte_for_byte_to_its_organization_only(
    context: Context, packed: bool
) -> None:
    scope, other = await organization(context), await organization(context, "Other")
    content = push([event(n, 0) for n in range(50)])
    content = gzip.compress(content) if packed else content
    file = (await receive_upload(context, scope, in_pieces(content), "scans.json")).file
    original = await feeds.original(context, scope, file.id)
    assert b"".join([piece async for piece in original.pieces]) == content
    with pytest.raises(NotFound):
        await feeds.original(context, other, file.id)


async def test_a_file_that_the_archive_has_lost_is_said_to_be_so(context: Context) -> None:
    scope = await organization(context)
    file = (await receive_upload(context, scope, in_pieces(push([event(1, 0)])), "scans.json")).file
    for path in context.config.archive.glob("*/*"):
        path.unlink()
    with pytest.raises(NotFound, match="archive"):
        await feeds.original(context, scope, file.id)
