"""Invented mail into an organization, by the ways of real mail: sends are made in batches, files are ingested.

What is there already stays as it is: sends are known again by their external ids, events and files by themselves. So a
loading that broke off is begun again and goes on.
"""

import asyncio
import csv
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import Evidence
from sendtrail.domain.observation import Observation, as_detail, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.scope import INVENTOR, Scope
from sendtrail.services import accounts, campaigns, mailer_ids, sends
from sendtrail.services.context import Context
from sendtrail.services.ingest import Summary, ingest_path
from sendtrail.simulator.companies import COMPANIES
from sendtrail.simulator.files import FeedFile, Format, lay_out
from sendtrail.simulator.ledger import Ledger, keep
from sendtrail.simulator.places import region_of
from sendtrail.simulator.stream import Barcodes, Item, Stream, stream
from sendtrail.store import ingest, samples
from sendtrail.store.database import Connection

MAX_SENDS = 100_000
"""All of it is held in memory: about 2 KB for each send."""
MAX_DAYS = 365
_SLOTS = 999
"""Of a six-digit Mailer ID: a million serial numbers for each seed and day; the last million is given to new sends."""
_SLOT = 1_000_000
_FIRST_MAILER_ID = 800_000

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is: sends, then bytes of files."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What mail to invent; Invalid names what cannot be."""

    sends: int = 2_000
    days: int = 90
    seed: int = 1
    format: Format = "mixed"

    def __post_init__(self) -> None:
        if not 1 <= self.sends <= MAX_SENDS:
            raise Invalid(f"sends must lie between 1 and {MAX_SENDS:,}", "sends")
        if not 1 <= self.days <= MAX_DAYS:
            raise Invalid(f"days must lie between 1 and {MAX_DAYS}", "days")


@dataclass(frozen=True, slots=True)
class Loaded:
    """How the loading went. `before`: sends that an earlier loading had made."""

    created: int
    before: int
    files: list[Summary]


@dataclass(frozen=True, slots=True)
class Simulated:
    """Mail that was invented, its files, and what was known of it: the numbers that reports must show."""

    made: Stream
    files: list[FeedFile]
    ledger: Ledger


def nothing(_what: str, _done: int, _total: int) -> None:
    """A `Progress` that tells nobody."""


def invent(wish: Wish, now: datetime, organization_id: int = 0, progress: Progress = nothing) -> Stream:
    """The mail that a wish gives on the day of `now` (aware): the seed decides which of the companies sends it."""
    company = COMPANIES[wish.seed % len(COMPANIES)]
    day = now.astimezone(region_of(company.home).zone).date()
    slot = crc32(f"{wish.seed} {day}".encode()) % _SLOTS
    return stream(
        company,
        now,
        Barcodes(_mailer_id(organization_id), slot * _SLOT),
        seed=wish.seed,
        sends=wish.sends,
        days=wish.days,
        prefix=f"SIM-{day:%y%m%d}-{wish.seed}",
        progress=lambda done, total: progress("inventing", done, total),
    )


async def simulate(
    context: Context, scope: Scope, wish: Wish, folder: Path, progress: Progress = nothing
) -> tuple[Simulated, Loaded]:
    """Invent mail and load it, its files by way of `folder`.

    Conflict where the organization has live mail of its own: what is made up would stand among it for good.
    """
    await check_free(context, scope)
    made = await asyncio.to_thread(invent, wish, datetime.now(UTC), scope.organization_id, progress)
    await give_barcodes(context, scope)
    files = await asyncio.to_thread(lay_out, made, wish.format)
    loaded = await load(context, scope, made, files, folder, progress)
    zone = ZoneInfo((await accounts.organization(context, scope)).time_zone)
    return Simulated(made, files, keep(made.items, files, made.feed.misread, zone=zone)), loaded


async def give_barcodes(context: Context, scope: Scope) -> None:
    """See to it that new sends get barcodes of a sample's Mailer ID."""
    with suppress(Conflict):  # registered before
        first, last = _SLOTS * _SLOT, (_SLOTS + 1) * _SLOT - 1
        await mailer_ids.add_mailer_id(context, scope, _mailer_id(scope.organization_id), first, last, sample=True)


def write_out(wish: Wish, now: datetime, folder: Path, progress: Progress = nothing) -> Simulated:
    """Write `sends.csv` and the folder `feeds`, to be imported and ingested; no database is asked.

    Files tell of mail pieces only: gifts and what somebody called off are left out. Invalid where the folder is not
    new or empty; OSError where it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(f"{folder} is not empty: name a new folder", "out")
    made = invent(wish, now, progress=progress)
    files = lay_out(made, wish.format)
    write(folder / "feeds", files)
    write_sends(folder / "sends.csv", made.mail())
    return Simulated(made, files, keep(made.mail(), files, made.feed.misread, people=False))


async def check_free(context: Context, scope: Scope) -> None:
    """Conflict where mail of the organization's own is in the scope's mode, if that is live."""
    if not scope.live:
        return
    async with context.database.snapshot() as connection:
        if await samples.has_own_mail(connection, scope):
            raise Conflict(
                "the organization has live mail of its own, which simulated mail would mix with:"
                " use --mode test or another organization",
                "organization",
            )


async def load(
    context: Context, scope: Scope, made: Stream, files: list[FeedFile], folder: Path, progress: Progress = nothing
) -> Loaded:
    """Make the sends, note what people tell of them, ingest the files; all of it as samples."""
    for name, type_ in made.campaigns().items():
        with suppress(Conflict):
            await campaigns.add_campaign(context, scope, name, type_)
    scope = replace(scope, actor=INVENTOR)
    numbers, before = await _make(context, scope, made.items, progress)
    await _tell(context, scope, made.items, numbers)
    paths = await asyncio.to_thread(write, folder, files)
    return Loaded(len(numbers) - before, before, await _ingest(context, scope, paths, progress))


def write(folder: Path, files: list[FeedFile]) -> list[Path]:
    """The files in the order of their arrival; whatever of them the folder has already is written again."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in files:
        path = folder / file.name
        path.write_bytes(file.content())
        paths.append(path)
    return paths


_COLUMNS = (
    "kind", "to.name", "to.address_line1", "to.address_line2", "to.city", "to.state", "to.postal_code", "from.name",
    "from.company", "from.address_line1", "from.city", "from.state", "from.postal_code", "campaign", "tags",
    "send_date", "mailing_class", "imb", "cost_cents", "external_id",
)  # fmt: skip


def write_sends(path: Path, items: list[Item]) -> None:
    """A CSV of mail pieces for `sendtrail import sends`."""
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for item in items:
            send = item.send
            addresses = {"to": send.to, "from": send.from_}
            cells = {f"{side}.{key}": value for side, each in addresses.items() if each
                     for key, value in msgspec.structs.asdict(each).items()}  # fmt: skip
            writer.writerow({**msgspec.structs.asdict(send), **cells, "tags": ";".join(send.tags)})


async def _make(context: Context, scope: Scope, items: list[Item], progress: Progress) -> tuple[dict[str, int], int]:
    """The numbers of all sends by external id, and how many of them there were before. They come on their days."""
    async with context.database.snapshot() as connection:
        numbers = await samples.by_external_id(connection, scope, [item.send.external_id for item in items])
    before = len(numbers)
    missing = [item for item in items if item.send.external_id not in numbers]
    for moment, together in groupby(missing, key=lambda item: item.accepted_at):
        while some := list(islice(together, sends.MAX_BATCH)):
            numbers |= await _accept(context, scope, some, moment.astimezone(UTC))
            progress("making sends", len(numbers), len(items))
    return numbers, before


async def _accept(context: Context, scope: Scope, items: list[Item], now: datetime) -> dict[str, int]:
    ordered = [item.send for item in items]
    results = await context.database.run(lambda connection: sends.admit(connection, context, scope, ordered, now))
    for result in results:
        if isinstance(result, SendtrailError):
            raise result
    return {send.external_id: result for send, result in zip(ordered, results, strict=True) if isinstance(result, int)}


async def _tell(context: Context, scope: Scope, items: list[Item], numbers: dict[str, int]) -> None:
    """Record what no file tells of: what people, carriers, suppliers and recipients did.

    Week by week, so that what it does to money is booked when it was.
    """
    now = to_ms(datetime.now(UTC)) // 1000
    told = sorted(
        (each.at.astimezone(UTC), number, each)
        for item in items
        for number in [numbers[item.send.external_id]]
        for each in item.happenings
    )
    for _, week in groupby(told, key=lambda one: one[0].isocalendar()[:2]):
        observations = []
        for moment, number, each in week:
            said = as_detail({"note": each.note})
            fact = event_item(to_ms(moment), each.code, each.source, Evidence.REPORTED, said)
            observations.append(Observation(mid_serial=0, item=fact, send=str(number), detail=said))
        rows = ingest.copy_rows(observations, now)
        await context.database.run(partial(_record, scope, rows, moment))


async def _record(scope: Scope, rows: bytes, at: datetime, connection: Connection) -> None:
    await ingest.record(connection, scope, rows, at=at)


async def _ingest(context: Context, scope: Scope, paths: list[Path], progress: Progress) -> list[Summary]:
    total = sum(path.stat().st_size for path in paths)
    done = 0
    summaries = []
    for path in paths:
        summaries.append(await ingest_path(context, scope, path, sample=True))
        done += summaries[-1].bytes
        progress("ingesting", done, total)
    return summaries


def _mailer_id(organization_id: int) -> str:
    """Six digits of the organization's own, so that two organizations of one installation can have simulated mail."""
    return str(_FIRST_MAILER_ID + organization_id % 100_000)
