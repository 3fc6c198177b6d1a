"""How fast orders are made, shown and listed through PostGrid's API: a real server over loopback, asked in the words
and headers of PostGrid's own client, the client on the same machine.

SENDTRAIL_BENCH_ORDERS: how many sends of a year the lists are read from.
"""

import asyncio
import json
import os
from functools import partial

import psycopg

from bench import year
from bench.driving import Answered, Asking, ask, served
from bench.installation import installed
from sendtrail.services import api_keys
from sendtrail.services.context import Context
from sendtrail.store import system

ORDERS = int(os.environ.get("SENDTRAIL_BENCH_ORDERS", "10000000"))
SECONDS = float(os.environ.get("SENDTRAIL_BENCH_SECONDS", "20"))
WARM = 3
CONNECTIONS = 64
KNOWN = 10_000
"""Orders among which those that are shown are."""
SKIPS = (0, 1_000, 100_000, 1_000_000)
_HEADERS = """\
Host: 127.0.0.1
Accept-Encoding: gzip, deflate, zstd
Connection: keep-alive
Accept: application/json
User-Agent: PostGrid/Python 2.3.0
X-Stainless-Lang: python
X-Stainless-Package-Version: 2.3.0
X-Stainless-OS: Linux
X-Stainless-Arch: x64
X-Stainless-Runtime: CPython
X-Stainless-Runtime-Version: 3.11.7
X-Stainless-Async: async:asyncio
x-stainless-retry-count: 0
x-stainless-read-timeout: 60
""".replace("\n", "\r\n")
_OFFICE = {
    "companyName": "Acme Incorporated",
    "addressLine1": "20 Main Street",
    "city": "New York",
    "provinceOrState": "NY",
    "postalOrZip": "10001",
    "countryCode": "US",
}


def main() -> None:
    asyncio.run(_measure())


async def _measure() -> None:
    async with installed() as context:
        async with context.database.transaction() as connection:
            await system.add_organization(connection, "One")
        key = await api_keys.add_key(context, "One", True)
        with served(context) as port:
            create = partial(_create, key)
            await _ask(Asking(port, create, b"HTTP/1.1 201", WARM, CONNECTIONS))
            await _vacuum(context)
            made = await _ask(Asking(port, create, b"HTTP/1.1 201", SECONDS, CONNECTIONS, 1_000_000, KNOWN))
            print(f"  {'letters made, each with a new recipient and a key':<68}{made}")
            await _vacuum(context)
            show = partial(_show, key, [json.loads(body)["id"] for body in made.kept])
            await _ask(Asking(port, show, b"HTTP/1.1 200", WARM, CONNECTIONS))
            shown = await _ask(Asking(port, show, b"HTTP/1.1 200", SECONDS, CONNECTIONS))
            print(f"  {'letters shown':<68}{shown}")
    async with (
        installed() as context,
        await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as connection,
    ):
        await year.write(connection, ORDERS)
        key = await api_keys.add_key(context, "One", True)
        with served(context) as port:
            for limit in (10, 100):
                for skip in SKIPS:
                    page = partial(_list, key, skip, limit)
                    await _ask(Asking(port, page, b"HTTP/1.1 200", 1, 2))
                    listed = await _ask(Asking(port, page, b"HTTP/1.1 200", 3, 1, keep=1))
                    total = json.loads(listed.kept[0])["totalCount"] if listed.kept else 0
                    what = f"{limit} of {total:,} letters of {ORDERS:,} sends, after {skip:,}"
                    print(f"  {what:<68}{listed}")


async def _ask(asking: Asking) -> Answered:
    return await asyncio.to_thread(ask, asking)


async def _vacuum(context: Context) -> None:
    """As the server does by itself once a table has grown."""
    async with await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as connection:
        await connection.execute("vacuum analyze")


def _create(key: str, number: int) -> bytes:
    order = {
        "to": {
            "firstName": f"Ann{number}",
            "lastName": "Lee",
            "addressLine1": f"{number} Main Street",
            "city": "New York",
            "provinceOrState": "NY",
            "postalOrZip": "10001",
            "countryCode": "US",
        },
        "from": _OFFICE,
        "html": "<h1>Hello {{to.firstName}}</h1><p>Your order is on its way.</p>",
        "mergeVariables": {"order": number},
        "metadata": {"order": f"order-{number}"},
    }
    body = json.dumps(order, separators=(",", ":")).encode()
    head = f"POST /print-mail/v1/letters HTTP/1.1\r\n{_HEADERS}Content-Type: application/json\r\nx-api-key: {key}\r\n"
    return f"{head}idempotency-key: order-{number}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _show(key: str, ids: list[str], number: int) -> bytes:
    path = f"/print-mail/v1/letters/{ids[number % len(ids)]}"
    return f"GET {path} HTTP/1.1\r\n{_HEADERS}x-api-key: {key}\r\n\r\n".encode()


def _list(key: str, skip: int, limit: int, _: int) -> bytes:
    path = f"/print-mail/v1/letters?limit={limit}&skip={skip}"
    return f"GET {path} HTTP/1.1\r\n{_HEADERS}x-api-key: {key}\r\n\r\n".encode()
