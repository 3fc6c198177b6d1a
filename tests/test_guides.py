"""The guides do what they say: their commands run in order, and answer what stands below them.

A block of `sh` is run; a block of `json` below it is part of what it printed, one of `text` all of it, `…` standing for
anything. A block that names a file, such as `python receiver.py`, is that file. Addresses are exchanged for ours.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.api.serving import new_key
from tests.clients.crms import FakeHubSpot, serving
from tests.conftest import require
from tests.programs import environment, free_port, line_with, started

GUIDES = Path(__file__).parents[1] / "docs" / "guides"
_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PATIENCE = 30
"""Seconds until the commands of a guide must have ended."""


@pytest.fixture
def address(dsn: str, tmp_path: Path) -> Iterator[str]:
    """That of a running Sendtrail, whose hooks may reach this machine."""
    settings = environment(tmp_path / "served", dsn) | {"SENDTRAIL_ALLOW_PRIVATE_HOOKS": "true"}
    with started("serve", "--port", str(free_port()), environment=settings) as process:
        (found,) = re.findall(r"http://[\d.:]+", line_with(process, "http://"))
        yield found
        process.terminate()
        process.wait(30)


@asynccontextmanager
async def others() -> AsyncIterator[tuple[dict[str, str], list[str]]]:
    """Services of others that guides ask: their addresses and where they are here; and the texts that were sent."""
    texts: list[str] = []

    async def text(request: web.Request) -> web.Response:
        texts.append(str((await request.post())["Body"]))
        return web.json_response({"status": "queued"}, status=201)

    twilio = web.Application()
    twilio.add_routes([web.post("/2010-04-01/Accounts/{account}/Messages.json", text)])
    hubspot = FakeHubSpot()
    hubspot.people["512"] = {"email": "ada@example.com"}
    async with hubspot.running() as first, serving(twilio) as second:
        yield {"https://api.hubapi.com": first, "https://api.twilio.com": second}, texts


async def test_what_guides_show_is_what_happens(dsn: str, address: str, tmp_path: Path) -> None:
    guides = {guide: guide.read_text() for guide in sorted(GUIDES.glob("*.md"))}
    plain = [guide for guide, text in guides.items() if "\nnode " not in text]
    for guide in plain:
        await _follow(guide, guides[guide], dsn, address, tmp_path / guide.stem)
    require("node", shutil.which("node") is not None, "not installed")
    for guide in guides.keys() - plain:
        await _follow(guide, guides[guide], dsn, address, tmp_path / guide.stem)


async def _follow(guide: Path, text: str, dsn: str, address: str, folder: Path) -> None:
    """Do what a guide says, in an organization of its own."""
    folder.mkdir()
    key = new_key(dsn, folder, guide.stem, live=False)
    async with others() as (elsewhere, texts):
        here = elsewhere | {"http://127.0.0.1:8020": address, "st_test_…": key}
        blocks = _BLOCK.findall(_here(text, here))
        for _, name, content in blocks:
            if name:
                (folder / name).write_text(content)
        commands = [content for language, name, content in blocks if language == "sh" and not name]
        printed = iter(await _run(commands, folder))
    shown = ""
    for language, name, content in blocks:
        if language == "sh" and not name:
            shown = next(printed)
        elif language == "json" and not name:
            assert _holds(json.loads(shown), json.loads(content)), f"{guide.name}: {content}\nis no part of\n{shown}"
        elif language == "text":
            assert re.fullmatch(_pattern(content.strip()), shown.strip()), f"{guide.name}: {content}\nis not\n{shown}"
    assert texts == re.findall(r"^\+\d+ (.*)$", text, re.MULTILINE)


def _here(text: str, here: dict[str, str]) -> str:
    """The guide with what is of this run: ports from 9000 on are those of receivers."""
    for told, own in here.items():
        text = text.replace(told, own)
    ports = {port: str(free_port()) for port in sorted(set(re.findall(r"\b90\d\d\b", text)))}
    return re.sub(r"\b90\d\d\b", lambda found: ports[found[0]], text)


async def _run(commands: list[str], folder: Path) -> list[str]:
    """What each of them prints, one after the other in one shell; what still runs at the end is ended."""
    apart = "-- what is next --"
    script = f"\necho '{apart}'\n".join(commands) + "\nkill $(jobs -p) 2>/dev/null || true\n"
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script),
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    ended = asyncio.create_task(process.communicate())
    done, _ = await asyncio.wait([ended], timeout=_PATIENCE)
    if not done:
        os.killpg(process.pid, signal.SIGKILL)
    printed, errors = (each.decode() for each in await ended)
    assert process.returncode == 0, f"it ended with {process.returncode}: {printed}{errors}"
    return printed.split(f"{apart}\n")


def _holds(answer: Any, part: Any) -> bool:
    """Whether an answer has all that a part of it shows; of a list each item shown is among its items."""
    match part:
        case dict():
            return isinstance(answer, dict) and all(
                name in answer and _holds(answer[name], part[name]) for name in part
            )
        case list():
            return isinstance(answer, list) and all(any(_holds(each, item) for each in answer) for item in part)
        case str():
            return isinstance(answer, str) and re.fullmatch(_pattern(part), answer) is not None
        case _:
            return bool(answer == part)


def _pattern(text: str) -> str:
    return ".*".join(map(re.escape, text.split("…")))
