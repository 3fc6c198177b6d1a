"""Is everything as it must be? Asked of the data itself, over all organizations."""

from typing import NamedTuple

from sendtrail.services.context import Context
from sendtrail.services.sealing import opens
from sendtrail.store import system
from sendtrail.store.system import proofs

_SOME = 1_000


class Proof(NamedTuple):
    """One law, and how many things break it: none, if all is well."""

    law: str
    broken: int


async def prove(context: Context) -> list[Proof]:
    """Hold the database to its laws, on one snapshot. It reads every send: seconds for each million."""
    async with context.database.snapshot() as connection:
        return [
            Proof("counts equal a recount of all sends", await proofs.miscounted(connection)),
            Proof("what the ledger says was spent equals what reports say", await proofs.misspent(connection)),
            Proof("balances equal the sum of the ledger", await proofs.unbalanced(connection)),
            Proof("the ledger holds for each send what it owes", await proofs.unpaid(connection)),
            Proof("every status is that of its trail", await proofs.misjudged(connection)),
            Proof("every history that is not outdated ends as the counts stand", await proofs.forgotten(connection)),
            Proof("no trail holds an event twice", await proofs.doubled(connection)),
            Proof("every send has its state", await proofs.halves(connection)),
            Proof("what came of each send equals its visits and goals", await proofs.unengaged(connection)),
            Proof("no unmatched scan has a send", len(await system.matchable(connection, _SOME))),
            Proof("no unmatched report has a send", len(await system.reported(connection, _SOME))),
            Proof("the secret key opens bank account numbers", 0 if await opens(context) else 1),
        ]


async def size(context: Context) -> tuple[str, int]:
    """PostgreSQL's version and how many sends there are."""
    async with context.database.snapshot() as connection:
        return await proofs.server_version(connection), await proofs.sends(connection)
