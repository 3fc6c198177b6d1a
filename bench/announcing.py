"""How fast one process puts into words what happened to sends: from the outbox to notifications and deliveries.

SENDTRAIL_BENCH_ANNOUNCED: how many sends each get a scan.
"""

import asyncio
import os
import time

from bench.installation import installed
from sendtrail.domain.events import Evidence
from sendtrail.domain.observation import Observation, scan_item
from sendtrail.domain.packing import NO_OPERATION
from sendtrail.domain.phases import Phase
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import announcing, hooks, sends
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import HookPlan
from sendtrail.store import ingest, system

SENDS = int(os.environ.get("SENDTRAIL_BENCH_ANNOUNCED", "10000"))
PHASES = (Phase.ORIGIN, Phase.DESTINATION_MMP, Phase.DESTINATION_SEQUENCED)
HEARD = {
    "one hook hears send.*": ["send.*"],
    "another one the status and all readers": [
        "send.status_changed",
        "postalytics.*",
        "postgrid.*",
        "stannp.*",
        "sendoso.*",
        "lob.*",
    ],
}  # fmt: skip_HOUR = 3_600_000

_HOUR = 3_600_000
"""Milliseconds."""


def main() -> None:
    asyncio.run(_measure())


async def _measure() -> None:
    async with installed() as context:
        async with context.database.transaction() as connection:
            number = await system.add_organization(connection, "Bench")
        scope = Scope(number or 0, True, "bench")
        numbers = await _make(context, scope)
        for place, (what, events) in enumerate(HEARD.items()):
            await hooks.make(context, scope, HookPlan(events=events, settings={"to": ["a@example.com"]}), "email")
            for hour, phase in enumerate(PHASES, 1 + place * len(PHASES)):
                await _scan(context, scope, numbers, phase, hour)
            started, worked = time.perf_counter(), time.process_time()
            notifications = await announcing.announce(context)
            took, cpu = time.perf_counter() - started, time.process_time() - worked
            events_told = len(numbers) * len(PHASES)
            print(
                f"  {events_told:,} scans, {what}".ljust(60)
                + f"{events_told / took:7,.0f} events/s   {notifications / took:7,.0f} notifications/s"
                f"   processor {cpu / took:.0%}"
            )


async def _make(context: Context, scope: Scope) -> list[int]:
    made: list[int] = []
    for first in range(0, SENDS, 5_000):
        new = [
            NewSend("letter", Address(name=f"Ann {n}", email=f"ann{n}@example.com", city="Troy"), external_id=str(n))
            for n in range(first, min(SENDS, first + 5_000))
        ]
        made += [
            sends.send_number(context, each["id"])
            for each in await sends.create(context, scope, new)
            if isinstance(each, dict)
        ]
    return made


async def _scan(context: Context, scope: Scope, numbers: list[int], phase: Phase, hour: int) -> None:
    item = scan_item(hour * _HOUR, phase, NO_OPERATION, Evidence.SCANNED)
    rows = ingest.copy_rows((Observation(0, item, zip=10001, send=str(number)) for number in numbers), 1)
    await context.database.run(lambda connection: ingest.record(connection, scope, rows))
