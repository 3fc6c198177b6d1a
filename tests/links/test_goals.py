"""`/goal/{code}` as sites, servers and whoever guesses tell goals by it."""

import re
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import pytest
from litestar import Litestar

from sendtrail.domain.ids import ALPHABET
from sendtrail.services.context import Context
from sendtrail.services.guessing import MOST
from sendtrail.services.link_addresses import code, goal_script
from tests.api.conftest import app, context
from tests.services.organizations import organization

from .printing import PHONE, asked, change, print_links

__all__ = ["app", "context"]

GOALS = "select device, bot, test, value_cents, reference, referrer from response where code = 2 order by id"
TOTALS = "select goals, value_cents, bots from engagement"


@pytest.fixture
async def client(app: Litestar) -> Any:
    transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False, client=("203.0.113.7", 4000))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sendtrail.test", headers={"User-Agent": PHONE}
    ) as made:
        yield made


async def test_a_picture_counts_a_goal_each_time_it_is_shown(context: Context, client: httpx.AsyncClient) -> None:
    (link,) = await print_links(context, await organization(context))
    of = f"/goal/{code(context, link)}"
    first = await client.get(
        of, params={"value": "49.9", "currency": "usd", "_": "1"}, headers={"Referer": "https://x.org/a"}
    )
    await client.get(of.upper().replace("GOAL", "goal"))
    many = "&".join(f"f{n}=1" for n in range(300))
    await client.get(f"{of}?{many}&value=7&{many}&reference=B&{'x' * 16_000}&value=8")
    looked_at = await client.head(of)
    assert (looked_at.status_code, looked_at.headers["Content-Type"], looked_at.content) == (200, "image/gif", b"")
    robot = await client.get(of, headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})
    for answer in (first, robot):
        assert (answer.status_code, answer.headers["Content-Type"], answer.content[:6]) == (200, "image/gif", b"GIF89a")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert await asked(context, GOALS) == [
        ("phone", False, False, 4990, "", "x.org"),
        ("phone", False, False, 0, "", ""),
        ("phone", False, False, 700, "B", ""),
        ("other", True, False, 0, "", ""),
    ]
    assert await asked(context, TOTALS) == [(3, 5690, 1)]


async def test_a_server_tells_a_goal_and_each_reference_once(context: Context, client: httpx.AsyncClient) -> None:
    (link,) = await print_links(context, await organization(context))
    of = f"/goal/{code(context, link)}"
    client.headers["User-Agent"] = "python-requests/2.32"
    by_json = await client.post(of, json={"value": 1249.9999, "reference": "A-17"})
    again = await client.post(of, data={"value": "9.99", "reference": "A-17"})
    empty = await client.post(of)
    by_page = await client.post(of, json={}, headers={"Origin": "https://shop.example.com", "User-Agent": PHONE})
    assert [each.status_code for each in (by_json, again, empty, by_page)] == [201, 200, 201, 201]
    assert (again.json(), by_json.json()["new"]) == ({"id": by_json.json()["id"], "new": False}, True)
    assert {each.headers["Access-Control-Allow-Origin"] for each in (by_json, again, by_page)} == {"*"}
    assert "Access-Control-Allow-Credentials" not in by_page.headers
    assert await asked(context, GOALS) == [
        ("", False, False, 125000, "A-17", ""),
        ("", False, False, 0, "", ""),
        ("phone", False, False, 0, "", ""),
    ]
    preflight = await client.options(of, headers={"Origin": "https://x.org", "Access-Control-Request-Method": "POST"})
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-type"
    assert len(await asked(context, GOALS)) == 3


JSON = {"Content-Type": "application/json"}
PLAIN = {"Content-Type": "text/plain;charset=UTF-8"}
REFUSED: list[tuple[dict[str, Any], int, str | None]] = [
    ({"json": {"value": "-1"}}, 400, "value"),
    ({"json": {"value": "1e3"}}, 400, "value"),
    ({"json": {"value": 10**30}}, 400, "value"),
    ({"json": {"value": 10**400}}, 400, "value"),
    ({"json": {"value": 10_000_001}}, 400, "value"),
    ({"json": {"value": [1]}}, 400, "value"),
    ({"json": {"value": True}}, 400, "value"),
    ({"content": b'{"value": 1e999}', "headers": JSON}, 400, "value"),
    ({"content": b'{"value": NaN}', "headers": JSON}, 400, "value"),
    ({"json": {"value": 1, "currency": "EUR"}}, 400, "currency"),
    ({"json": {"currency": "\r\nSet-Cookie: a=b"}}, 400, "currency"),
    ({"json": {"reference": "x" * 201}}, 400, "reference"),
    ({"json": {"reference": "a\0b"}}, 400, "reference"),
    ({"json": {"reference": 7}}, 400, "reference"),
    ({"json": {"worth": 1}}, 400, "worth"),
    ({"content": b'{"\\ud800": 1}', "headers": JSON}, 400, "?"),
    ({"content": b'{"\\ud800": "1"}', "headers": JSON}, 400, "?"),
    ({"content": b'{"reference": "\\ud800"}', "headers": JSON}, 400, "reference"),
    ({"content": b"a", "headers": PLAIN}, 400, None),
    ({"json": []}, 400, None),
    ({"content": b"[" * 9000, "headers": JSON}, 400, None),
    ({"content": b"\xff{", "headers": JSON}, 400, None),
    ({"data": {f"f{n}": "1" for n in range(30)}}, 400, None),
    ({"content": b"a", "headers": {"Content-Type": "text/xml"}}, 415, None),
    ({"content": b"x" * 20_000, "headers": JSON}, 413, None),
]


async def test_a_beacon_of_a_page_is_text_that_holds_json_or_a_form(
    context: Context, client: httpx.AsyncClient
) -> None:
    (link,) = await print_links(context, await organization(context))
    for body in (b'{"value": 7, "reference": "a=b"}', b"value=8&reference=%7B", b""):
        answer = await client.post(f"/goal/{code(context, link)}", content=body, headers=PLAIN)
        assert answer.status_code == 201, body
    assert [row[3:5] for row in await asked(context, GOALS)] == [(700, "a=b"), (800, "{"), (0, "")]


async def test_references_that_are_made_up_come_to_an_end(context: Context, client: httpx.AsyncClient) -> None:
    (link,) = await print_links(context, await organization(context))
    of = f"/goal/{code(context, link)}"
    await client.post(of, json={"reference": "A-17"})
    await change(context, "update engagement set minute = floor(extract(epoch from now()) / 60), in_minute = 60")
    refused = await client.post(of, json={"reference": "A-18"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (429, "too_many_requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert (await client.post(of)).status_code == 201  # counted, without a row
    assert await asked(context, "select goals, unlisted from engagement") == [(2, 1)]


async def test_what_cannot_be_taken_names_its_field_and_counts_nothing(
    context: Context, client: httpx.AsyncClient
) -> None:
    (link,) = await print_links(context, await organization(context))
    of = f"/goal/{code(context, link)}"
    for body, status, param in REFUSED:
        answer = await client.post(of, **body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (status, param), body
        assert "\n" not in answer.json()["error"]["message"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for query in ("value=-1", "value=1e3", "currency=EUR", "reference=a%00b"):
        picture = await client.get(f"{of}?{query}")
        assert (picture.status_code, picture.content[:3]) == (400, b"GIF"), query
    assert await asked(context, GOALS) == []


async def test_unknown_codes_are_answered_in_kind_and_guessing_is_slowed_down(
    context: Context, client: httpx.AsyncClient
) -> None:
    scope = await organization(context)
    (link,) = await print_links(context, scope)
    known = code(context, link)
    picture, posted, script = (
        await client.get("/goal/0000000000000"),
        await client.post("/goal/%00%F0", json={}),
        await client.get("/goal/nothing.js"),
    )
    assert (picture.status_code, picture.headers["Content-Type"]) == (404, "image/gif")
    assert (posted.status_code, posted.json()["error"]["param"]) == (404, "code")
    assert (script.status_code, script.text[:2]) == (404, "//")
    answers = [await client.get(f"/goal/{ALPHABET[n % 16] * 13}") for n in range(MOST)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 60
    assert (await client.get(f"/goal/{known}")).status_code == 200
    assert (await client.get(f"/r/{known}")).status_code == 302


async def test_a_landing_has_a_script_for_all_its_visitors(context: Context, client: httpx.AsyncClient) -> None:
    (link,) = await print_links(
        context, await organization(context), "https://shop.example.com/?ref={{ code }}", days=30
    )
    (landing,) = await asked(context, "select id from landing")
    shared = await client.get(urlsplit(goal_script(context, landing)).path)
    own = await client.get(f"/goal/{code(context, link)}.js")
    assert shared.headers["Content-Type"] == "text/javascript; charset=utf-8"
    pattern = re.search(r"isCode = /(.+)/i;", shared.text)
    assert pattern
    assert re.search(pattern[1], code(context, link))
    assert not re.search(pattern[1], "march2026news")
    assert shared.text.rstrip().endswith('("ref", "", 30);')
    assert own.text.rstrip().endswith(f'("ref", "{code(context, link)}", 30);')
    assert await asked(context, GOALS) == []


async def test_goals_of_links_that_are_tried_out_are_trials(context: Context, client: httpx.AsyncClient) -> None:
    (link,) = await print_links(context, await organization(context))
    await change(context, "update landing set testing = true")
    await client.post(f"/goal/{code(context, link)}", json={"value": 5})
    assert await asked(context, GOALS) == [("", False, True, 500, "", "")]
    assert await asked(context, TOTALS) == [(0, 0, 0)]
