"""A crash at any point leaves money and sends as they belong together (law 2): a program that accepts and cancels is
killed again and again."""

import asyncio
import multiprocessing
import os
import random
import signal
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import psycopg

from sendtrail.config import Config
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import cancelling, doctor, money, sends
from sendtrail.services.context import Context, open_context
from tests.services.organizations import organization

KILLS = 12
LETTER = NewSend("letter", Address(name="Ann"), cost_cents=70)
GIFT = NewSend("gift", Address(name="Bo"), cost_cents=4_000)


def work(dsn: str, data: Path, scope: Scope, done: "Synchronized[int]") -> None:
    """Accept sends, cancel some and pay in, until killed; several at once, as in one server."""
    asyncio.run(_work(dsn, data, scope, done))


async def _work(dsn: str, data: Path, scope: Scope, done: "Synchronized[int]") -> None:
    async def one(context: Context) -> None:
        while True:
            made = await sends.create(context, scope, [LETTER, GIFT] * 5)
            ids = [each["id"] for each in made if isinstance(each, dict)]
            await cancelling.cancel_many(context, scope, [sends.send_number(context, id_) for id_ in ids[::3]])
            await money.deposit(context, scope, 1_000)
            done.value += 1

    async with open_context(dsn, Config.load({}, data=data)) as context, asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(one(context))


async def test_a_program_killed_in_the_middle_of_moving_money_leaves_the_ledger_true(
    context: Context, dsn: str, tmp_path: Path
) -> None:
    chance = random.Random(5)
    scope = await organization(context)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.services.test_money_kills"])
    done: Synchronized[int] = processes.Value("q", 0)
    for _ in range(KILLS):
        worker = processes.Process(target=work, args=(dsn, tmp_path, scope, done))
        before = done.value
        worker.start()
        while worker.is_alive() and done.value == before:
            worker.join(0.002)
        worker.join(chance.random() * 0.05)  # anywhere in what comes next
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
    with psycopg.connect(dsn, autocommit=True) as connection:  # what was under way is rolled back first
        connection.execute(
            "do $$ begin while exists (select from pg_stat_activity where datname = current_database()"
            " and backend_type = 'client backend' and state <> 'idle' and pid <> pg_backend_pid())"
            " loop perform pg_stat_clear_snapshot(), pg_sleep(0.01); end loop; end $$"  # seen once, it stays as it was
        )
    assert [proof.law for proof in await doctor.prove(context) if proof.broken] == []
    balance = await money.balance(context, scope)
    assert done.value >= KILLS
    assert balance.deposited >= 1_000 * done.value
    assert balance.spent > 0
