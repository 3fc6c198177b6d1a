"""How far connecting one's own mail has come, and what samples have to show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import accounts, campaigns, mailer_ids, sends
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_stream
from sendtrail.services.sends import NewEvent
from sendtrail.services.welcome import Sights, progress, sights
from sendtrail.store.welcome import ProgressRow
from tests.services.organizations import organization
from tests.services.test_ingest import event, push
from tests.services.test_uploads import in_pieces
from tests.store.piles import letters

NOTHING = ProgressRow(
    samples=False, mailer_id=False, credential=False, last_push_at=None, file=False, send=False, first_scan_at=None,
    unmatched=0,
)  # fmt: skip


async def given(context: Context, scope: Scope, *serials: int) -> None:
    content = push([event(serial, 0) for serial in serials])
    await ingest_stream(context, scope, in_pieces(content), "scans.json")


async def mark_all_as_samples(context: Context) -> None:
    async with context.database.transaction() as connection:
        await connection.execute("update feed_file set sample = true")
        await connection.execute("update mailer_id set sample = true")


async def test_each_step_is_seen_in_the_data(context: Context) -> None:
    scope = await organization(context)
    assert await progress(context, scope) == NOTHING
    await mailer_ids.add_mailer_id(context, scope, "123456")
    feed = await accounts.add_feed(context, scope, "scans")
    assert await progress(context, scope) == NOTHING._replace(mailer_id=True, credential=True)
    await accounts.revoke_feed(context, scope, feed.id)
    await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ann"))])
    assert await progress(context, scope) == NOTHING._replace(mailer_id=True, send=True)


async def test_the_first_scan_of_a_send_of_ones_own_is_what_counts(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    report = b"imb,code,occurred_at\n00310901000077000001,printed,2026-03-02T10:00:00Z\n"
    await ingest_stream(context, scope, in_pieces(report), "printed.csv")
    await given(context, scope, 7, 8)
    so_far = await progress(context, scope)
    assert (so_far.file, so_far.first_scan_at, so_far.unmatched) == (True, None, 2)
    await given(context, scope, 1)
    found = (await progress(context, scope)).first_scan_at
    assert found
    assert datetime.now(UTC) - found < timedelta(minutes=1)
    await given(context, scope, 1)
    assert (await progress(context, scope)).first_scan_at == found
    assert (await progress(context, replace(scope, live=False))) == NOTHING


async def test_samples_count_for_nothing(context: Context) -> None:
    scope = await organization(context)
    await mailer_ids.add_mailer_id(context, scope, "123456")
    await letters(context, scope, [1])
    await given(context, scope, 1)
    await mark_all_as_samples(context)
    assert await progress(context, scope) == NOTHING._replace(samples=True)
    await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ann"))])
    assert (await progress(context, scope)).send


async def test_there_is_something_of_each_sort_to_look_at(context: Context) -> None:
    scope = await organization(context)
    assert await sights(context, scope) == Sights("", "", "")
    spring = await campaigns.add_campaign(context, scope, "Spring", "bulk")
    address = Address(name="Ann", address_line1="1 Elm", city="Boston", state="MA", postal_code="02101")
    made = await sends.create(
        context,
        scope,
        [NewSend(kind=kind, to=address, campaign="Spring") for kind in ("letter", "postcard", "letter")],
    )
    first, second, _ = [each["id"] for each in made if isinstance(each, dict)]
    await sends.record_events(context, scope, first, [NewEvent("returned", source="person")])
    await sends.record_events(context, scope, second, [NewEvent("returned", source="person")])
    assert await sights(context, scope) == Sights(spring.id, "", second)
    (third,) = await letters(context, scope, [1])
    content = push([event(1, 0, "PARS"), event(1, 60)])
    await ingest_stream(context, scope, in_pieces(content), "rerouted.json")
    assert await sights(context, scope) == Sights(spring.id, third, second)
