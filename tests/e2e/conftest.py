"""The demo in a browser: one server and one chromium for all tests."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import memory, require
from tests.programs import environment, free_port, line_with, started

CHROMIUM = os.environ.get("SENDTRAIL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
require("browser", bool(CHROMIUM), "no chromium, and SENDTRAIL_CHROMIUM names none")

PATIENCE = 10_000
"""Milliseconds until what does not appear has failed."""
REACHABLE = {"SENDTRAIL_ALLOW_PRIVATE_HOOKS": "true"}
"""Receivers of hooks are here, too."""
QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="package")
def demo() -> Iterator[dict[str, str]]:
    """A running demo: its address, e-mail, password and key as it prints them."""
    place = Path(tempfile.mkdtemp(prefix="sendtrail-test-", dir=memory()))
    place.chmod(0o711)
    with started("demo", "--port", str(free_port()), environment=environment(place) | REACHABLE) as process:
        told = {"address": line_with(process, "Sendtrail is at").split()[-1]}
        told["e-mail"] = line_with(process, "e-mail").split()[-1]
        told["password"] = line_with(process, "password").split()[-1]
        told["key"] = "".join(re.findall(r"st_live_\w+", line_with(process, "Bearer")))
        yield told
        process.terminate()
        assert process.wait(30) == 0
    shutil.rmtree(place)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *sandbox])
        yield browser
        browser.close()


@pytest.fixture(params=["with scripts", "without scripts", "on a phone"])
def visit(request: pytest.FixtureRequest, chromium: Browser, demo: dict[str, str]) -> Iterator[BrowserContext]:
    """A new visit that fails the test if any page complains in the console or asks another host for anything."""
    context = chromium.new_context(
        base_url=demo["address"],
        java_script_enabled=request.param != "without scripts",
        viewport={"width": 390 if request.param == "on a phone" else 1280, "height": 900},
    )
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("request", lambda asked: None if asked.url.startswith(demo["address"]) else complaints.append(asked.url))
    yield context
    context.close()
    assert complaints == []


def sign_in(page: Page, demo: dict[str, str]) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("E-mail address").fill(demo["e-mail"])
    page.get_by_label("Password").fill(demo["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/reports$"))


def menu(page: Page) -> None:
    """Open the navigation where the window has no room for it."""
    toggle = page.get_by_label("Show the menu")
    if toggle.is_visible():
        toggle.check()


def fits(page: Page) -> bool:
    """Whether the page scrolls down only, and no card cuts off what stands in it."""
    return bool(
        page.evaluate(
            """document.documentElement.scrollWidth <= innerWidth
               && [...document.querySelectorAll(".card.flush")].every((card) =>
                    card.scrollWidth <= card.clientWidth + 1 || getComputedStyle(card).overflowX === "auto")"""
        )
    )
