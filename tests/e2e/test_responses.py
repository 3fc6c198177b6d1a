"""From a printed QR code to the figures of its campaign: scanned, landed on a shop's page, bought something there."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import PATIENCE, fits, sign_in

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1"
)


class _Shop(BaseHTTPRequestHandler):
    """A landing page that greets by name and leads to one that thanks for an order; each carries the shop's tag."""

    tag = ""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        name = parse_qs(asked.query).get("name", ["nobody"])[0]
        pages = {
            "/spring": f'<h1>Hello {name}</h1><a href="/thanks?c=march2026news">Order</a>'
            f'<script src="{self.tag}"></script>',
            "/thanks": f'<h1>Thank you</h1><script src="{self.tag}" data-goal data-value="49.90" data-reference="A-17">'
            "</script>",
        }
        body = pages.get(asked.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def shop() -> Iterator[str]:
    """The shop's host, with its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("visit", ["without scripts", "on a phone"], indirect=True)
def test_a_code_is_scanned_a_goal_reached_and_the_campaign_tells_it(
    visit: BrowserContext, chromium: Browser, demo: dict[str, str], shop: str
) -> None:
    page, name = visit.new_page(), f"Spring {uuid4().hex[:8]}"
    sign_in(page, demo)
    page.goto("/settings/links")
    page.get_by_label("Allow a host").fill(shop)
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_label("Hosts to which links may lead")).to_contain_text(shop)
    assert fits(page)

    page.goto("/campaigns/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Address of the page").fill(f"http://{shop}/spring?name={{{{to.first_name}}}}&c={{{{code}}}}")
    page.get_by_role("button", name="Begin the campaign").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    assert fits(page)
    campaign = page.url.split("?")[0]
    for person in ("Ada Abbott", "Bo Birch"):
        _send(page, demo, name, person)

    _Shop.tag = _of(page, demo, campaign)["link"]["goal_script"]
    _scan(chromium, _printed(page, demo, campaign))

    page.goto(campaign)
    performance = page.locator("section", has=page.get_by_role("heading", name="Performance", exact=True))
    expect(performance.get_by_text("50.0 %").first).to_be_visible()
    expect(performance.get_by_text("1 of 2").first).to_be_visible()
    expect(performance.get_by_text("$49.90").first).to_be_visible()
    assert fits(page)
    page.goto(f"/links?campaign={campaign.rsplit('/', 1)[1]}")
    assert fits(page)
    page.get_by_role("link", name="Ada Abbott").click()
    expect(page.get_by_role("row").filter(has_text="Phone")).to_have_count(1)
    assert fits(page)
    page.get_by_role("link", name="this send").click()
    expect(page.get_by_text("Goal reached").first).to_be_visible()
    assert fits(page)


def _send(page: Page, demo: dict[str, str], campaign: str, name: str) -> None:
    made = page.request.post(
        "/api/v1/sends",
        data={"kind": "postcard", "to": {"name": name, "postal_code": "60614"}, "campaign": campaign},
        headers={"Authorization": f"Bearer {demo['key']}"},
    )
    assert made.status == 201, made.text()


def _of(page: Page, demo: dict[str, str], campaign: str) -> Any:
    """The campaign as the API shows it."""
    path = "/api/v1/campaigns/" + campaign.rsplit("/", 1)[1]
    return page.request.get(path, headers={"Authorization": f"Bearer {demo['key']}"}).json()


def _printed(page: Page, demo: dict[str, str], campaign: str) -> str:
    """What another program reads from the QR code of Ada's link, as it is printed."""
    page.goto(f"/links?campaign={campaign.rsplit('/', 1)[1]}")
    page.get_by_role("link", name="Ada Abbott").click()
    expect(page.get_by_text("Nobody came by it yet")).to_be_visible()
    assert fits(page)
    picture = page.request.get(page.url.rstrip("/") + "/qr.png")
    (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.body())).convert("L"))
    assert read.text.lower().startswith(f"{demo['address']}/r/")
    return str(read.text)


def _scan(chromium: Browser, link: str) -> None:
    """Somebody's phone: not one that the organization's people use."""
    phone = chromium.new_context(user_agent=PHONE, viewport={"width": 390, "height": 844})
    phone.set_default_timeout(PATIENCE)
    landing = phone.new_page()
    landing.goto(link)
    expect(landing.get_by_role("heading", name="Hello Ada")).to_be_visible()
    with landing.expect_response(lambda answer: "/goal/" in answer.url and ".js" not in answer.url):
        landing.get_by_role("link", name="Order").click()
    expect(landing.get_by_role("heading", name="Thank you")).to_be_visible()
    phone.close()
