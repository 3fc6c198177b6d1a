"""The processes behind `sendtrail serve`: the web server and the worker, started, watched and stopped together."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from sendtrail.config import Config
from sendtrail.domain.problems import SendtrailError
from sendtrail.store import cluster
from sendtrail.store.migrate import migrate

GRACE = 10
"""Seconds that the web server gives its requests when it is to end."""
_PATIENCE = GRACE + 5
"""Seconds that a process may take to end."""
_STARTUP = 60
"""Seconds until the web server must answer."""
_RESTART = 2
"""Seconds before a worker that ended by itself is started again."""


class ServeError(SendtrailError):
    """The server cannot start, or did not last."""

    type = "unavailable"


async def serve(config: Config, ready: Callable[[str], None]) -> None:
    """Run everything until SIGINT or SIGTERM; `ready` is told the address once it answers.

    Raises ServeError, ClusterError, MigrationError.
    """
    check_free(config.host, config.port)
    stop = stop_signals()
    async with cluster.provided(config) as dsn:
        await migrate(dsn)
        environment = os.environ | {
            "DATABASE_URL": config.database_url,
            "SENDTRAIL_DATA": str(config.data),
            "SENDTRAIL_HOST": config.host,
            "SENDTRAIL_PORT": str(config.port),
            "SENDTRAIL_FEED_DIR": str(config.feed_dir or ""),
        }
        worker = asyncio.create_task(_keep_working(environment))
        try:
            async with _child("web", environment | {"DATABASE_URL": dsn}) as web:
                await _answering(config, web, stop)
                if not stop.is_set():
                    ready(address(config))
                    await _either(stop, web)
                if not stop.is_set():
                    raise ServeError(f"the web server ended by itself with exit code {web.returncode}")
                worker.cancel()
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)


def address(config: Config) -> str:
    """Where people on this machine find the pages."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104 — what it means here
    return f"http://{f'[{host}]' if ':' in host else host}:{config.port}"


def stop_signals() -> asyncio.Event:
    """Set when somebody asks this process to end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def check_free(host: str, port: int) -> None:
    """ServeError where something listens already, or where we may not."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise ServeError(f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port") from None


@asynccontextmanager
async def _child(part: str, environment: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of ours, ended with the block.

    It has a session of its own, so that Ctrl-C reaches us alone and nothing that it starts outlives it. It holds the
    other end of a pipe: should we be killed, it ends by itself.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sendtrail.cli.child", part),
        stdin=asyncio.subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _keep_working(environment: Mapping[str, str]) -> None:
    while True:
        async with _child("worker", environment) as worker:
            await worker.wait()
        await asyncio.sleep(_RESTART)


async def _answering(config: Config, web: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
    """Returns when the server answers or we are to stop; ServeError where it ends or stays silent."""
    host, _, port = address(config).removeprefix("http://").rpartition(":")
    deadline = asyncio.get_running_loop().time() + _STARTUP
    while not stop.is_set():
        if web.returncode is not None:
            raise ServeError(f"the web server did not start; it ended with exit code {web.returncode}")
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
            answer = await reader.readline()
            writer.close()
            if b" 200 " in answer:
                return
        if asyncio.get_running_loop().time() > deadline:
            raise ServeError(f"the web server did not answer within {_STARTUP} seconds")
        await asyncio.sleep(0.05)


async def _either(stop: asyncio.Event, process: asyncio.subprocess.Process) -> None:
    """Until we are to stop or the process ends."""
    waiting = [asyncio.create_task(stop.wait()), asyncio.create_task(process.wait())]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
