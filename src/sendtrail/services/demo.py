"""The demo: an organization with sixty days of mail, whose files went through the pipeline like anybody's.

What is there already stays as it is, so preparing it again costs a moment, and one that broke off goes on.
"""

import asyncio
import gzip
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random

import msgspec

from sendtrail.domain.events import Evidence
from sendtrail.domain.observation import Observation, as_detail, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.domain.problems import Conflict, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, campaigns, feeds, mailer_ids, money, sends
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_path
from sendtrail.services.organizations import names
from sendtrail.services.send_lists import Wanted, list_sends
from sendtrail.simulator import formats, sample
from sendtrail.simulator.sample import Item
from sendtrail.store import ingest

ORGANIZATION = "Harbor & Vale"
EMAIL = "demo@example.com"
PASSWORD = "follow-the-mail"  # noqa: S105 — printed for whoever looks at the demo, which holds invented mail only
_DEPOSIT = 250_000
_PRICES = {"letter": 78, "postcard": 53, "cheque": 96, "self_mailer": 62}
_FREE_SERIALS = (500_000, 899_999)
"""Of the sample's Mailer ID: those that nothing in the sample uses are given out to new sends."""
_PAGE = 1_000

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """What a visitor needs. `example`: the id of a send with a long trail."""

    email: str
    password: str
    key: str
    example: str


class _Kept(msgspec.Struct):
    """What every run must know again, in the data folder: the sample's moment and the key of the examples."""

    now: datetime
    key: str


async def prepare(context: Context, say: Say) -> Demo:
    """Make what is missing of the demo in an installation of its own; `say` is told each step in a few words."""
    if ORGANIZATION not in await names(context):
        await accounts.add_user(context, EMAIL, "admin", ORGANIZATION, PASSWORD)
    scope = await accounts.scope_of_organization(context, ORGANIZATION, live=True)
    kept = await _kept(context)
    if not await _is_complete(context, scope):
        say("inventing sixty days of mail")
        items = sample.sample(kept.now)
        await _furnish(context, scope)
        ids = await _sent(context, scope, items)
        await _happened(context, scope, items, ids)
        say(f"{len(items):,} sends; now their files, in each format")
        for path in await asyncio.to_thread(_write, context.config.data / "sample-files", items):
            summary = await ingest_path(context, scope, path)
            say(
                f"{path.name}: {summary.new:,} new, {summary.duplicate:,} duplicate, {summary.unmatched:,} unmatched, "
                f"{summary.rejected:,} rejected"
            )
    return Demo(EMAIL, PASSWORD, kept.key, await _example(context, scope))


async def _kept(context: Context) -> _Kept:
    path = context.config.data / "demo.json"
    if await asyncio.to_thread(path.exists):
        return msgspec.json.decode(await asyncio.to_thread(path.read_bytes), type=_Kept)
    kept = _Kept(datetime.now(UTC), await accounts.add_key(context, ORGANIZATION, True, "demo"))

    def keep() -> None:
        scratch = path.with_suffix(".new")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(kept))
        scratch.replace(path)

    await asyncio.to_thread(keep)
    return kept


_FILES = ("printer-reports.csv", "imb-tracing.txt", "iv-mtr.txt.gz", "iv-mtr.json.gz", "acs.csv")


async def _is_complete(context: Context, scope: Scope) -> bool:
    files, _ = await feeds.list_files(context, scope, 100)
    return {file.name for file in files if file.finished_at}.issuperset(_FILES)


async def _furnish(context: Context, scope: Scope) -> None:
    """Campaigns, money and barcodes."""
    for name, type_ in sample.campaigns().items():
        with suppress(Conflict):
            await campaigns.add_campaign(context, scope, name, type_)
    with suppress(Conflict):
        await mailer_ids.add_mailer_id(context, scope, sample.MAILER_ID, *_FREE_SERIALS)
    for kind, cents in _PRICES.items():
        await money.set_price(context, scope, kind, cents)
    if not (await money.balance(context, scope)).deposited:
        await money.deposit(context, scope, _DEPOSIT)


async def _sent(context: Context, scope: Scope, items: list[Item]) -> dict[str, str]:
    """Make those sends that are not there yet, as if on their days; the ids of all by their number in the sample."""
    ids: dict[str, str] = {}
    after = None
    while True:
        page, after = await list_sends(context, scope, Wanted(after=after), _PAGE)
        ids |= {send["external_id"]: send["id"] for send in page}
        if after is None:
            break
    missing = [item for item in items if item.send.external_id not in ids]
    for moment, together in groupby(missing, key=lambda item: item.accepted_at):
        for result in await sends.create(context, scope, [item.send for item in together], moment.astimezone(UTC)):
            if isinstance(result, SendtrailError):
                raise result
            ids[result["external_id"]] = result["id"]
    return ids


async def _happened(context: Context, scope: Scope, items: list[Item], ids: dict[str, str]) -> None:
    """Record what no file tells of: what people, carriers and vendors reported."""
    observations = [
        Observation(
            mid_serial=0,
            item=event_item(to_ms(each.at.astimezone(UTC)), each.code, each.source, Evidence.REPORTED, said),
            send=str(sends.send_number(context, ids[item.send.external_id])),
            detail=said,
        )
        for item in items
        for each in item.happenings
        for said in [as_detail({"note": each.note})]
    ]
    rows = ingest.copy_rows(observations, to_ms(datetime.now(UTC)) // 1000)
    await context.database.run(lambda connection: ingest.record(connection, scope, rows))


def _write(folder: Path, items: list[Item]) -> list[Path]:
    """The sample's files. Old scans come in the old format; the newer two overlap, so many scans come twice."""
    folder.mkdir(parents=True, exist_ok=True)
    scans = [scan for item in items for scan in item.scans]
    Random(0).shuffle(scans)  # noqa: S311 — late and out of order is how scans come
    newest = max(scan.occurred_at for scan in scans)
    ages = [(scan, (newest - scan.occurred_at) / timedelta(days=1)) for scan in scans]
    recent = [scan for scan, age in ages if age < 16]
    delimited = list(formats.iv_mtr_delimited((scan for scan, age in ages if 14 <= age < 32), "|", "snake"))
    delimited.append(re.sub(rb"-\d\d-(\d\dT)", rb"-13-\1", delimited[-1]))  # a month that no calendar has
    contents = (
        formats.printer(report for item in items for report in item.reports),
        formats.imb_tracing(scan for scan, age in ages if age >= 32),
        iter(delimited),
        formats.iv_mtr_json([*recent, sample.stray(recent[0])]),
        formats.acs(notice for item in items for notice in item.notices),
    )
    paths = []
    for name, pieces in zip(_FILES, contents, strict=True):
        content = b"".join(pieces)
        path = folder / name
        path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        paths.append(path)
    return paths


async def _example(context: Context, scope: Scope) -> str:
    """A send that came back, or else any."""
    for status in ("returned", None):
        found, _ = await list_sends(context, scope, Wanted(status=status), 1)
        if found:
            return str(found[0]["id"])
    raise LookupError("the sample has no send")
