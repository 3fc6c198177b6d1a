"""The code that pages show for receivers: it takes what is signed like ours and nothing else."""

import asyncio
import json
import os
import runpy
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from standardwebhooks import Webhook

from sendtrail.domain import signatures
from sendtrail.domain.flat import flat
from sendtrail.domain.notice_bodies import Told
from sendtrail.domain.notice_samples import made_up
from sendtrail.services.hook_plans import Format
from sendtrail.web.hook_code import SAMPLES
from sendtrail.webhooks import BadSignature, Event, verify
from tests.conftest import require

SECRET = signatures.new_secret()
WAYS: list[Format] = ["standard", "flat", "postgrid_json", "postgrid_jwt"]
_NODE = """
const { receive } = require('./receiver.js');
for (const [body, headers] of JSON.parse(process.argv[2])) {
  try { console.log(JSON.stringify(receive(Buffer.from(body), headers))); } catch (error) { console.log('refused'); }
}
"""


def code(way: Format, language: str) -> str:
    (found,) = (sample.code for sample in SAMPLES[way] if sample.language == language)
    return found


def body_of(way: Format) -> str:
    """What is told in a format, before a token is made of it."""
    type_ = "letter.updated" if way.startswith("postgrid") else "send.delivered"
    at = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
    body = made_up(Told("event_1", type_, at, at, 7, live=True), {"id": "organization_1", "name": "Acme"})
    return msgspec.json.encode(flat(body) if way == "flat" else body).decode()


def told(way: Format) -> tuple[str, dict[str, str]]:
    """A notification as it is sent now, its headers by their names in small letters."""
    at, body = datetime.now(UTC), body_of(way)
    if way == "postgrid_jwt":
        return signatures.postgrid_jwt(SECRET, at, body), {}
    if way == "postgrid_json":
        headers = signatures.postgrid_json(SECRET, at, body)
    else:
        headers = signatures.standard([signatures.new_secret(), SECRET], "event_1", at, body)
    return body, {name.lower(): value for name, value in headers.items()}


def forged(way: Format) -> tuple[str, dict[str, str]]:
    """The same with one letter changed."""
    body, headers = told(way)
    return (body.replace("event_1", "event_2"), headers) if headers else (f"{body[:-9]}A{body[-8:]}", headers)


@pytest.mark.parametrize("language", ["Python with Sendtrail", "Python without Sendtrail"])
@pytest.mark.parametrize("way", WAYS)
def test_python_takes_what_is_ours_and_nothing_else(
    way: Format, language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    (tmp_path / "receiver.py").write_text(code(way, language))
    module = runpy.run_path(str(tmp_path / "receiver.py"))
    body, headers = told(way)
    event = module["receive"](body.encode(), headers)
    assert (event.id if isinstance(event, Event) else event["id"]) == "event_1"
    body, headers = forged(way)
    with pytest.raises(Exception, match=r"(?i)signature|secret"):
        module["receive"](body.encode(), headers)


@pytest.mark.parametrize("way", ["standard", "postgrid_json"])
def test_node_takes_what_is_ours_and_nothing_else(way: Format, tmp_path: Path) -> None:
    node = shutil.which("node")
    require("node", node is not None, "it runs the code that pages show for it")
    (tmp_path / "receiver.js").write_text(code(way, "Node"))
    (tmp_path / "run.js").write_text(_NODE)
    cases = json.dumps([told(way), forged(way)])
    done = subprocess.run(
        [str(node), "run.js", cases], cwd=tmp_path, env={**os.environ, "WEBHOOK_SECRET": SECRET}, timeout=30,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [body_of(way), "refused"]


@pytest.mark.parametrize("way", WAYS)
async def test_curl_sends_what_a_receiver_takes(way: Format) -> None:
    curl = shutil.which("curl")
    require("curl", curl is not None and shutil.which("openssl") is not None, "the code that pages show for it")
    came: asyncio.Future[tuple[dict[str, str], bytes]] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[1:-1]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head)}
        came.set_result((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        env = {**os.environ, "WEBHOOK_SECRET": SECRET, "URL": f"http://127.0.0.1:{port}/", "NO_PROXY": "127.0.0.1"}
        process = await asyncio.create_subprocess_exec(
            "sh", "-c", code(way, "curl"), env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        headers, body = await asyncio.wait_for(came, 30)
        await asyncio.wait_for(process.communicate(), 30)
    event = verify(body, headers, SECRET)
    assert (event.id, event.format, event.live) == ("event_trial", way, False)
    if way in ("standard", "flat"):
        assert Webhook(SECRET).verify(body, headers)["sample"] is True
    if way == "standard":
        assert event.send
        assert (event.type, event.send.status.code) == ("send.delivered", "delivered")
    if headers.get("content-type") == "application/json":
        with pytest.raises(BadSignature):
            verify(body + b" ", headers, SECRET)
