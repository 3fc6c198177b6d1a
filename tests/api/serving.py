"""The application on a real server, on loopback, with a database of its own."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
from psycopg.conninfo import make_conninfo

from sendtrail.config import Config
from sendtrail.services import api_keys
from sendtrail.services.accounts import scope_of_organization
from sendtrail.services.context import open_context
from sendtrail.store import system

PATIENCE = 60
"""Seconds until the server must answer."""


@contextmanager
def serving(server: str, template: str, name: str, data: Path, *, processes: int = 1) -> Iterator[tuple[str, str]]:
    """The address of a server and a live key to it, for one organization. It ends with the block.

    `server` and `template` as the fixtures; `name` of the database to make; so many processes serve and ingest.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template} strategy file_copy".encode())
    dsn = make_conninfo(server, dbname=name)
    key = new_key(dsn, data)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "DATABASE_URL": dsn,
        "SENDTRAIL_DATA": str(data),
        "SENDTRAIL_PORT": str(port),
        "SENDTRAIL_INGEST_WORKERS": str(processes),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "sendtrail.cli.child", "web"], stdin=subprocess.PIPE, env=os.environ | settings
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address, key
    finally:
        process.communicate()  # its input ends, and so does it


def new_key(dsn: str, data: Path, organization: str = "Acme", *, live: bool = True, agency: bool = False) -> str:
    """A key to an organization that is made for it; `agency`: it speaks for clients too."""

    async def make() -> str:
        async with open_context(dsn, Config.load({}, data=data)) as context:
            async with context.database.transaction() as connection:
                await system.add_organization(connection, organization)
            scope = await scope_of_organization(context, organization, live)
            return str((await api_keys.make(context, scope, "tests", agency=agency)).key)

    with ThreadPoolExecutor(1) as aside:  # apart from the event loop that pytest prepares
        return aside.submit(asyncio.run, make()).result()


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, "the server did not start"
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the server did not answer"
            time.sleep(0.05)
