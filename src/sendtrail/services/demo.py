"""The demo: an insurer with ninety days of mail, whose files went through the pipeline like anybody's.

What is there already stays as it is, so preparing it again costs a moment, and one that broke off goes on.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from sendtrail.domain.problems import Conflict
from sendtrail.domain.scope import Scope
from sendtrail.services import (
    accounts,
    api_keys,
    attention,
    demo_hooks,
    demo_money,
    demo_people,
    demo_responses,
    histories,
    mailer_ids,
    organizations,
    presumption,
)
from sendtrail.services.context import Context
from sendtrail.services.simulation import Loaded, load
from sendtrail.services.tracker import Wanted, list_sends
from sendtrail.simulator.companies import COMPANIES
from sendtrail.simulator.files import lay_out
from sendtrail.simulator.stream import PLANNED_DAYS, Barcodes, Stream, stream

COMPANY = COMPANIES[0]
ORGANIZATION = COMPANY.name
EMAIL = "demo@example.com"
PASSWORD = "follow-the-mail"  # noqa: S105 — printed for whoever looks at the demo, which holds invented mail only
SENDS = 20_000
_TEST_SENDS, _TEST_DAYS = 240, 20
_SUPPORT = "mailroom@harborandvale.example"
_SEED, _TEST_SEED = 2020, 2021
_MAILER_ID = "901000042"
_FREE_SERIALS = (500_000, 899_999)
"""Of the sample's Mailer ID: those that nothing in the sample uses are given out to new sends."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """What a visitor needs. `manager`, `sender`: who see less, by the same password. `example`: the id of a send with a
    long trail."""

    email: str
    manager: str
    sender: str
    password: str
    key: str
    example: str


class _Kept(msgspec.Struct):
    """What every run must know again, in the data folder: the sample's moment, the key of the examples, and whether
    all of it was loaded."""

    now: datetime
    key: str
    loaded: bool = False


async def prepare(context: Context, say: Say, sends: int = SENDS) -> Demo:
    """Make what is missing of the demo in an installation of its own; `say` is told each step in a few words.

    `sends`: about how many, in the live mode; the same in every run.
    """
    if ORGANIZATION not in await organizations.names(context):
        await accounts.add_user(context, EMAIL, "admin", ORGANIZATION, PASSWORD)
    scope = await accounts.scope_of_organization(context, ORGANIZATION, live=True)
    await demo_people.employ(context, scope, ORGANIZATION, PASSWORD)
    kept = await _kept(context)
    if not kept.loaded:
        await demo_money.furnish(context, scope, kept.now)
        await _furnish(context, scope)
        live = await asyncio.to_thread(_invent, kept.now, sends, PLANNED_DAYS, _SEED)
        await _load(context, scope, live, say)
        test = await asyncio.to_thread(_invent, kept.now, _TEST_SENDS, _TEST_DAYS, _TEST_SEED)
        await _load(context, replace(scope, live=False), test, say)
        say("working out how its days went")
        await _catch_up(context)
        await demo_hooks.tell(context, scope, _SUPPORT)
        await _keep(context, msgspec.structs.replace(kept, loaded=True))
    manager, sender = demo_people.MANAGER.email, demo_people.SENDER.email
    return Demo(EMAIL, manager, sender, PASSWORD, kept.key, await _example(context, scope))


async def _catch_up(context: Context) -> None:
    """What the worker would do within minutes: the first look finds all of it done."""

    async def work_out_days() -> None:
        while await histories.refresh(context, rest=timedelta(0)):
            pass

    await work_out_days()
    while (await presumption.refresh(context))[0]:
        pass
    await work_out_days()
    await attention.refresh(context)


def _invent(now: datetime, sends: int, days: int, seed: int) -> Stream:
    return stream(COMPANY, now, Barcodes(_MAILER_ID), seed=seed, sends=sends, days=days, prefix="HV")


async def _load(context: Context, scope: Scope, made: Stream, say: Say) -> None:
    mode = "" if scope.live else " for test mode"
    say(f"invented some mail{mode}: {len(made.items):,} sends, {len(made.feed.scans):,} scans")
    await demo_people.divide(context, scope, made)
    files = await asyncio.to_thread(lay_out, made)
    folder = context.config.data / "sample-files"
    told = _Steps(say, f"{len(files)} files")
    loaded = await load(context, scope, made, files, folder if scope.live else folder / "test", told)
    say(_summary(loaded))
    if answered := await demo_responses.respond(context, scope, made):
        say(f"heard of {answered:,} visits and goals")


class _Steps:
    """Says each kind of work once, when it begins."""

    def __init__(self, say: Say, files: str) -> None:
        self._say = say
        self._words = {"making sends": "making its sends", "ingesting": f"taking its {files}, in each format"}

    def __call__(self, what: str, _done: int, _total: int) -> None:
        if words := self._words.pop(what, ""):
            self._say(words)


def _summary(loaded: Loaded) -> str:
    counts = {
        word: sum(getattr(file, word) for file in loaded.files)
        for word in ("new", "duplicate", "unmatched", "rejected")
    }
    return ", ".join(f"{number:,} {word}" for word, number in counts.items())


async def _kept(context: Context) -> _Kept:
    path = _path(context)
    if await asyncio.to_thread(path.exists):
        return msgspec.json.decode(await asyncio.to_thread(path.read_bytes), type=_Kept)
    kept = _Kept(datetime.now(UTC), await api_keys.add_key(context, ORGANIZATION, True, "demo"))
    await _keep(context, kept)
    return kept


async def _keep(context: Context, kept: _Kept) -> None:
    path = _path(context)

    def keep() -> None:
        scratch = path.with_suffix(".new")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(kept))
        scratch.replace(path)

    await asyncio.to_thread(keep)


def _path(context: Context) -> Path:
    return context.config.data / "demo.json"


async def _furnish(context: Context, scope: Scope) -> None:
    """Barcodes in both modes, where links lead, and whom to ask."""
    await demo_responses.open_site(context, scope)
    for mode in (scope, replace(scope, live=False)):
        with suppress(Conflict):
            await mailer_ids.add_mailer_id(context, mode, _MAILER_ID, *_FREE_SERIALS, sample=True)
    own = await accounts.organization(context, scope)
    await organizations.change(
        context, scope, name=own.name, time_zone=own.time_zone, support_contact=_SUPPORT, currency=own.currency
    )


async def _example(context: Context, scope: Scope) -> str:
    """A send that came back, or else any."""
    for category in ("returned", None):
        found, _ = await list_sends(context, scope, Wanted(category=category), 1)
        if found:
            return str(found[0]["id"])
    raise LookupError("the sample has no send")
