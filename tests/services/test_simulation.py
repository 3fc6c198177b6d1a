"""Simulated mail through the real pipeline: reports show what the simulator's ledger says, in every order."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import doctor, feeds, mailer_ids, money, reports, sends
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_path
from sendtrail.services.reports import Sector
from sendtrail.services.send_imports import import_sends
from sendtrail.services.simulation import Wish, invent, load, simulate, write_out
from sendtrail.services.tracker import Wanted, list_sends
from sendtrail.simulator.files import FORMATS, FeedFile, Format, lay_out
from sendtrail.simulator.ledger import Entry, Ledger, by_day, categories, keep, spent
from tests.services.organizations import organization

WISH = Wish(sends=700, days=75)
WORDS = [category.word for category in CATEGORIES]
SECTORS: tuple[Sector, ...] = ("all", "bulk", "triggered", "single", "gift")


def counts(entries: list[Entry]) -> dict[str, int]:
    found = categories(entries)
    return {word: found[word] for word in WORDS}


async def assert_agrees(context: Context, scope: Scope, ledger: Ledger) -> None:
    """Summary, money, timeline, and each send of each campaign, with what the ledger knows."""
    days = [entry.day for entry in ledger.entries.values()]
    periods = [(min(days), max(days)), (max(days) - timedelta(45), max(days) - timedelta(20))]
    for start, end in periods:
        for sector in SECTORS:
            entries = ledger.select(start=start, end=end, sector=sector)
            summary = await reports.summary(context, scope, start, end, sector)
            assert {word: getattr(summary, word) for word in WORDS} == counts(entries), (sector, start)
            assert (summary.total, summary.spent) == (len(entries), spent(entries))
            timeline = await reports.timeline(context, scope, start, end, sector)
            expected = by_day(entries)
            for day in timeline.data:
                of_day = expected.get(day.day, Counter())
                assert {word: getattr(day, word) for word in WORDS} == {word: of_day[word] for word in WORDS}
    assert (await money.balance(context, scope)).spent == (spent(ledger.select()) if scope.live else 0)
    for campaign in {entry.campaign for entry in ledger.entries.values() if entry.campaign}:
        expected_sends = {entry.external_id: (entry.code, entry.category) for entry in ledger.select(campaign=campaign)}
        assert await standing(context, scope, campaign) == expected_sends


async def standing(context: Context, scope: Scope, campaign: str) -> dict[str, tuple[str, str]]:
    """Status and category of each of a campaign's sends, by external id."""
    found: dict[str, tuple[str, str]] = {}
    after = None
    while True:
        page, after = await list_sends(context, scope, Wanted(campaign=campaign, after=after), 500)
        found |= {send["external_id"]: (send["status"]["code"], send["vocabularies"]["stannp"]) for send in page}
        if after is None:
            return found


def backwards(files: list[FeedFile]) -> list[FeedFile]:
    return files[::-1]


def shuffled(files: list[FeedFile]) -> list[FeedFile]:
    """And some of them come again, under another name."""
    random = Random(3)
    again = [FeedFile(f"again-{file.name}", file.parts) for file in random.sample(files, 12)]
    some = [*files, *again]
    random.shuffle(some)
    return some


def as_they_came(files: list[FeedFile]) -> list[FeedFile]:
    return files


@pytest.mark.parametrize("order", [as_they_came, backwards, shuffled], ids=lambda order: order.__name__)
async def test_reports_agree_with_the_ledger_in_any_order(context: Context, tmp_path: Path, order: object) -> None:
    assert callable(order)
    scope = await organization(context)
    made = invent(WISH, datetime.now(UTC), scope.organization_id)
    files = lay_out(made)
    ledger = keep(made.items, files, made.feed.misread)

    loaded = await load(context, scope, made, order(files), tmp_path / "files")
    await assert_agrees(context, scope, ledger)
    assert all(proof.broken == 0 for proof in await doctor.prove(context))
    assert sum(file.new for file in loaded.files) == ledger.tally.new
    if order is not shuffled:
        assert sum(file.duplicate for file in loaded.files) == ledger.tally.duplicate
        assert sum(file.unmatched for file in loaded.files) == ledger.tally.unmatched
        assert sum(file.rejected for file in loaded.files) == ledger.tally.rejected


@pytest.mark.parametrize("format_", [each for each in FORMATS if each != "mixed"])
async def test_every_format_tells_what_the_ledger_says(context: Context, tmp_path: Path, format_: Format) -> None:
    scope = await organization(context)
    simulated, loaded = await simulate(context, scope, Wish(200, 30, 5, format_), tmp_path / "files")
    await assert_agrees(context, scope, simulated.ledger)
    tally = simulated.ledger.tally
    assert [sum(getattr(file, word) for file in loaded.files) for word in ("new", "duplicate", "unmatched")] == [
        tally.new, tally.duplicate, tally.unmatched,
    ]  # fmt: skip
    assert tally.unmatched == tally.misread + tally.strangers


async def test_written_out_it_comes_in_by_the_usual_commands(context: Context, tmp_path: Path) -> None:
    scope = await organization(context)
    simulated = write_out(Wish(300, 40), datetime.now(UTC), tmp_path / "out")
    for path in sorted((tmp_path / "out" / "feeds").iterdir()):
        await ingest_path(context, scope, path)
    async for imported, rejects in import_sends(context, scope, tmp_path / "out" / "sends.csv"):
        assert rejects == []
        created = imported.created
    assert created == len(simulated.ledger.entries) > 280

    days = [entry.day for entry in simulated.ledger.entries.values()]
    summary = await reports.summary(context, scope, min(days), max(days))
    entries = simulated.ledger.select()
    assert {word: getattr(summary, word) for word in WORDS} == counts(entries)
    assert summary.spent == spent(entries)


async def test_again_on_the_same_day_it_goes_on_and_doubles_nothing(context: Context, tmp_path: Path) -> None:
    scope = await organization(context)
    made = invent(WISH, datetime.now(UTC), scope.organization_id)
    files = lay_out(made)
    first = await load(context, scope, made, files[:20], tmp_path / "files")
    again = await load(context, scope, made, files, tmp_path / "files")
    assert (first.created, again.created, again.before) == (len(made.items), 0, len(made.items))
    await assert_agrees(context, scope, keep(made.items, files, made.feed.misread))


async def test_what_it_registers_counts_as_a_sample(context: Context, tmp_path: Path) -> None:
    scope = await organization(context)
    await simulate(context, scope, Wish(60, 10), tmp_path / "first")
    files, _ = await feeds.list_files(context, scope, 100)
    assert {file.source for file in files} == {"sample"}
    await simulate(context, scope, Wish(60, 10, 2), tmp_path / "second")  # samples may have company
    assert len(await mailer_ids.list_mailer_ids(context, scope)) == 1


async def test_two_organizations_can_have_simulated_mail(context: Context, tmp_path: Path) -> None:
    for name in ("One", "Two"):
        scope = await organization(context, name)
        simulated, _ = await simulate(context, scope, Wish(60, 10), tmp_path / name)
        await assert_agrees(context, scope, simulated.ledger)


class TestAnOrganizationWithLiveMailOfItsOwn:
    @pytest.fixture(params=["a Mailer ID", "a send", "a file", "a Mailer ID beside a simulated one"])
    async def own(self, context: Context, tmp_path: Path, request: pytest.FixtureRequest) -> Scope:
        scope = await organization(context)
        if "simulated" in request.param:
            await simulate(context, scope, Wish(20, 5), tmp_path / "before")
        if "Mailer ID" in request.param:
            await mailer_ids.add_mailer_id(context, scope, "901234567")
        if request.param == "a send":
            await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ann"))])
        if request.param == "a file":
            path = tmp_path / "own.csv"
            path.write_text("imb,code,date\n00310901234567000001,N,2026-03-02\n")
            await ingest_path(context, scope, path)
        return scope

    async def test_is_refused(self, context: Context, tmp_path: Path, own: Scope) -> None:
        before = await reports.summary(context, own)
        with pytest.raises(Conflict, match="--mode test") as refusal:
            await simulate(context, own, Wish(20, 5), tmp_path / "files")
        assert refusal.value.param == "organization"
        assert await reports.summary(context, own) == before

    async def test_may_have_simulated_mail_in_test_mode(self, context: Context, tmp_path: Path, own: Scope) -> None:
        before = await reports.summary(context, own)
        simulated, _ = await simulate(context, replace(own, live=False), Wish(40, 5), tmp_path / "files")
        await assert_agrees(context, replace(own, live=False), simulated.ledger)
        assert await reports.summary(context, own) == before


@pytest.mark.parametrize(
    ("wish", "param"), [((0, 90), "sends"), ((100_001, 90), "sends"), ((10, 0), "days"), ((10, 366), "days")]
)
def test_what_cannot_be_wished_for_is_refused_by_field(wish: tuple[int, int], param: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Wish(*wish)
    assert refusal.value.param == param


def test_a_folder_with_something_in_it_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Invalid, match="is not empty"):
        write_out(Wish(10, 5), datetime.now(UTC), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
