"""A whole installation as others' programs meet it: web server and worker in processes of their own, and a receiver."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from psycopg.conninfo import make_conninfo

from tests.api.serving import new_key, serving


class Installation(NamedTuple):
    """`address` of a real server; `key`: makes one of an organization and mode."""

    address: str
    key: Callable[[str, bool], str]


class Told(NamedTuple):
    """What a hook told: the request as it came."""

    headers: Mapping[str, str]
    body: bytes


@contextmanager
def installed(server: str, template: str, name: str, data: Path) -> Iterator[Installation]:
    """An installation on a database of its own that ends with the block; its hooks may reach this machine."""
    dsn = make_conninfo(server, dbname=name)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SENDTRAIL_ALLOW_PRIVATE_HOOKS", "true")
        with serving(server, template, name, data) as (address, _):
            settings = os.environ | {"DATABASE_URL": dsn, "SENDTRAIL_DATA": str(data)}
            command = [sys.executable, "-m", "sendtrail.cli.child", "worker"]
            worker = subprocess.Popen(command, stdin=subprocess.PIPE, env=settings)
            try:
                yield Installation(address, lambda organization, live: new_key(dsn, data, organization, live=live))
            finally:
                worker.communicate()  # its input ends, and so does it


class Receiver:
    """Takes what hooks tell, each address by itself."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._told: dict[str, list[Told]] = {}
        self._changed = threading.Condition()

    def url(self, path: str) -> str:
        """The address of one receiver of this machine."""
        self._told[path] = []
        return f"{self._address}/{path}"

    def take(self, path: str, told: Told) -> None:
        with self._changed:
            self._told.setdefault(path, []).append(told)
            self._changed.notify_all()

    def wait_for(self, path: str, enough: Callable[[Told], bool], patience: float = 30) -> list[Told]:
        """What was told there until it was enough."""
        with self._changed:
            came = self._changed.wait_for(lambda: any(map(enough, self._told[path])), patience)
            assert came, f"of {len(self._told[path])} told none was enough"
            return list(self._told[path])


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiving.take(self.path[1:], Told(dict(self.headers), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiving = Receiver(f"http://127.0.0.1:{server.server_port}")
        serving_it = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving_it.start()
        yield receiving
        server.shutdown()
        serving_it.join()
