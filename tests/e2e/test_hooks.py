"""From a form to a receiver: a hook is made, hears of a letter, fails once, is told again, and proves who tells it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect

from sendtrail.webhooks import Event, verify
from tests.e2e.conftest import PATIENCE, fits, sign_in
from tests.e2e.test_tracker import made


class Receiver(ThreadingHTTPServer):
    """Keeps what it is told, and answers as it is set to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answers = 200
        self.told: list[tuple[bytes, dict[str, str]]] = []
        self.heard = threading.Semaphore(0)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/mail"

    def next(self, secret: str) -> Event:
        """What it is told next, once it is proved to come from us."""
        assert self.heard.acquire(timeout=PATIENCE / 1000)
        body, headers = self.told.pop(0)
        return verify(body, headers, secret)


class _Answering(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((body, dict(self.headers)))
        self.send_response(self.server.answers)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.heard.release()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("visit", ["without scripts", "on a phone"], indirect=True)
def test_a_hook_hears_of_a_letter_fails_and_is_told_again(
    visit: BrowserContext, demo: dict[str, str], receiver: Receiver
) -> None:
    page, name = visit.new_page(), f"Shop {uuid4().hex[:8]}"
    sign_in(page, demo)
    page.goto("/hooks/new")
    page.get_by_role("textbox", name="Address").fill(receiver.address)
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("checkbox", name="Received", exact=True).check()
    page.get_by_role("button", name="Make the hook").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="Secret and code").click()
    page.get_by_text("Show the secret").click()
    secret = page.locator("code.copy").first.inner_text()

    receiver.answers = 503
    (letter,) = made(demo, "Ada Hook", external_id=name)
    first = receiver.next(secret)
    assert (first.type, first.sequence) == ("send.created", 1)
    assert first.send
    assert (first.send.id, first.send.to["name"], first.send.external_id) == (letter, "Ada Hook", name)

    receiver.answers = 200
    page.goto("/hooks")
    page.get_by_role("link", name=name).click()
    page.get_by_role("row", name="Ada Hook").get_by_role("link", name="Received").click()
    expect(page.get_by_text("It answered 503").first).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Try it now").click()
    again = receiver.next(secret)
    assert (again.id, again.data) == (first.id, first.data)

    page.goto(f"/sends/{letter}")
    told = page.get_by_role("region", name="What hooks were told").get_by_role("listitem").filter(has_text=name)
    expect(told).to_have_count(1)
    told.first.get_by_role("link").click()
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Send a test event").click()
    assert receiver.next(secret).type == "send.created"
    page.goto("/hooks")
    page.get_by_role("link", name=name).click()
    page.get_by_label("More").click()
    page.get_by_role("link", name="Delete it…").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name=name)).to_be_hidden()
