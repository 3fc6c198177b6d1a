"""Links by the API: allowed hosts, where a campaign's links lead, what a printer takes, what came of it."""

import asyncio
import csv
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import httpx
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from sendtrail.services import link_exports
from sendtrail.services.context import Context
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse, record
from tests.api.conftest import Clients

LANDING = {"url": "https://shop.example.com/spring?n={{to.first_name}}&c={{code}}", "expire_after_days": 60}


def letter(name: str, **more: object) -> dict[str, object]:
    return {"kind": "letter", "to": {"name": name, "city": "Reno"}, "send_date": "2026-03-02", **more}


async def campaign(client: httpx.AsyncClient, name: str = "Spring", **more: object) -> dict[str, Any]:
    await client.post("/api/v1/destinations", json={"host": "shop.example.com"})
    answer = await client.post("/api/v1/campaigns", json={"name": name, "type": "bulk", **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    error = answer.json()["error"]
    return answer.status_code, error["param"], error["message"]


async def test_hosts_are_allowed_once_and_kept_while_something_leads_there(clients: Clients) -> None:
    client, other, test = await clients(), await clients("Other"), await clients(live=False)
    added = await client.post("/api/v1/destinations", json={"host": "https://Shop.Example.com/spring"})
    assert (added.status_code, added.json()["host"]) == (201, "shop.example.com")
    assert refusal(await client.post("/api/v1/destinations", json={"host": "shop.example.com"}))[:2] == (409, "host")
    assert refusal(await client.post("/api/v1/destinations", json={"host": "*.example.com"}))[:2] == (400, "host")
    assert (await test.post("/api/v1/destinations", json={"host": "a.example"})).status_code == 403
    assert [each["host"] for each in (await test.get("/api/v1/destinations")).json()["data"]] == ["shop.example.com"]
    assert (await other.get("/api/v1/destinations")).json()["data"] == []
    assert refusal(await other.delete("/api/v1/destinations/shop.example.com"))[:2] == (404, "host")

    spring = await campaign(client, link=LANDING)
    status, param, message = refusal(await client.delete("/api/v1/destinations/shop.example.com"))
    assert (status, param) == (409, "host")
    assert "the campaign 'Spring' leads to shop.example.com" in message
    assert (await client.patch(f"/api/v1/campaigns/{spring['id']}", json={"link": None})).json()["link"] is None
    assert (await client.delete("/api/v1/destinations/shop.example.com")).status_code == 204


async def test_a_campaign_says_where_its_links_lead_and_its_sends_get_them(clients: Clients) -> None:
    client, other = await clients(), await clients("Other")
    for link, param, why in (
        ({"url": "https://evil.example/"}, "link.url", "allowed: none yet"),
        ({"url": "https://shop.example.com/{{to.nme}}"}, "link.url", "'to.nme' is no variable"),
        ({}, "link.url", "is missing"),
        ({"url": "https://shop.example.com/", "expire_after_days": 7}, "link.expire_after_days", "30, 60, 90, 180 or"),
        ({"url": "https://shop.example.com/", "until": 7}, "link.until", ""),
    ):
        answer = await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk", "link": link})
        assert refusal(answer)[:2] == (400, param)
        assert why in refusal(answer)[2]
    spring = await campaign(client, link=LANDING)
    script = spring["link"]["goal_script"]
    assert script.endswith(".js")
    assert spring["link"] == {**LANDING, "testing": False, "goal_script": script}
    address = f"/api/v1/campaigns/{spring['id']}"

    sent = (await client.post("/api/v1/sends", json=letter("Ann Lee & Co", campaign="Spring"))).json()
    alone = (await client.post("/api/v1/sends", json=letter("Bo"))).json()
    assert alone["link"] is None
    assert sent["link"]["url"].endswith(f"/r/{sent['link']['id'].removeprefix('link_')}")
    assert sent["link"]["qr"] == f"{sent['link']['url']}.svg"
    assert (await client.get(f"/api/v1/sends/{sent['id']}")).json()["link"] == sent["link"]
    one = (await client.get(f"/api/v1/links/{sent['link']['id']}")).json()
    assert one["leads_to"] == f"https://shop.example.com/spring?n=Ann&c={one['code']}"
    assert (one["send"], one["campaign"]) == (
        {"id": sent["id"], "kind": "letter", "name": "Ann Lee & Co"},
        {"id": spring["id"], "name": "Spring"},
    )
    assert (one["visits"], one["goals"], one["expired"], one["shared"]) == (0, 0, False, True)

    changed = await client.patch(address, json={"link": {"url": "https://shop.example.com/summer"}})
    assert changed.json()["link"] == {
        "url": "https://shop.example.com/summer",
        "expire_after_days": 60,
        "testing": False,
        "goal_script": script,
    }
    assert (await client.get(f"/api/v1/links/{one['id']}")).json()["leads_to"] == "https://shop.example.com/summer"
    later = (await client.patch(address, json={"link": {"expire_after_days": 365}})).json()
    assert later["link"]["expire_after_days"] == 365
    assert (await client.patch(address, json={"name": "May"})).json()["link"] == later["link"]
    assert refusal(await client.patch(address, json={"link": None}))[:2] == (409, "link")
    assert refusal(await client.patch(address, json={"link": {"url": "http://shop.example.com/"}}))[:2] == (
        400,
        "link.url",
    )
    for where in (f"/api/v1/links/{one['id']}", f"/api/v1/links/{one['id']}/visits", "/api/v1/links/link_x"):
        assert refusal(await other.get(where))[:2] == (404, "id")


async def test_a_landing_that_comes_later_gives_links_to_all_that_was_sent(client: httpx.AsyncClient) -> None:
    spring = await campaign(client)
    batch = [letter(f"Nr {number}", campaign="Spring") for number in range(3)]
    await client.post("/api/v1/sends/batch", json={"sends": [*batch, letter("Elsewhere")]})
    assert (await client.get("/api/v1/links")).json()["data"] == []
    assert refusal(await client.post("/api/v1/links", json={"campaign": "Spring"}))[:2] == (400, "campaign")
    await client.patch(f"/api/v1/campaigns/{spring['id']}", json={"link": LANDING})
    assert (await client.post("/api/v1/links", json={"campaign": "Spring"})).json()["made"] == 0

    first = (await client.get("/api/v1/links?campaign=Spring&limit=2")).json()
    second = (await client.get(f"/api/v1/links?campaign=Spring&limit=2&after={first['next']}")).json()
    names = [each["send"]["name"] for each in [*first["data"], *second["data"]]]
    assert (names, second["next"]) == (["Nr 2", "Nr 1", "Nr 0"], None)
    one = first["data"][0]
    for query in (
        f"q={one['code'].upper()}",
        f"q={one['url'].upper()}",
        f"q={one['id']}",
        "q=nr 2",
        f"send={one['send']['id']}",
    ):
        found = (await client.get(f"/api/v1/links?{query}")).json()["data"]
        assert [each["id"] for each in found] == [one["id"]], query
    for query, param in (("campaign=Gone", "campaign"), ("send=x", "send"), ("after=x", "after"), ("sned=x", "sned")):
        assert refusal(await client.get(f"/api/v1/links?{query}"))[:2] == (400, param)


async def test_a_send_without_a_campaign_gets_a_link_of_its_own(client: httpx.AsyncClient) -> None:
    inside_campaign = await campaign(client, link=LANDING)
    alone = (await client.post("/api/v1/sends", json=letter("Bo"))).json()
    inside = (await client.post("/api/v1/sends", json=letter("Cy", campaign="Spring"))).json()
    own = {"send": alone["id"], "url": "https://shop.example.com/vip", "expire_after_days": 30}
    keyed = {"Idempotency-Key": "one"}
    made = await client.post("/api/v1/links", json=own, headers=keyed)
    assert made.status_code == 201
    assert made.json() == (await client.post("/api/v1/links", json=own, headers=keyed)).json()
    assert (made.json()["leads_to"], made.json()["shared"], made.json()["campaign"]) == (own["url"], False, None)
    assert (await client.get(f"/api/v1/sends/{alone['id']}")).json()["link"]["id"] == made.json()["id"]
    again = (await client.post("/api/v1/links", json={"send": inside["id"]})).json()
    assert again["id"] == inside["link"]["id"]
    one = made.json()["id"]
    later = own | {"expire_after_days": 90}
    parallel = await asyncio.gather(
        *(client.post("/api/v1/links", json=own | {"url": "https://shop.example.com/two"}) for _ in range(6))
    )
    assert len({each.json()["id"] for each in parallel} | {one}) == 2
    assert (await client.post("/api/v1/links", json=own)).json()["id"] == one
    assert refusal(await client.post("/api/v1/links", json=later))[:2] == (409, "expire_after_days")
    await client.post("/api/v1/destinations", json={"host": "new.example"})
    moved = await client.patch(f"/api/v1/links/{one}", json={"url": "https://new.example/{{code}}"})
    assert (moved.status_code, moved.json()["leads_to"]) == (200, f"https://new.example/{one.removeprefix('link_')}")
    longer = (await client.patch(f"/api/v1/links/{one}", json={"expire_after_days": 365})).json()
    assert (longer["expire_after_days"], longer["template"]) == (365, "https://new.example/{{code}}")
    for body, status, param in (
        ({"url": "https://evil.example/"}, 400, "url"),
        ({"url": ""}, 400, "url"),
        ({"expire_after_days": 7}, 400, "expire_after_days"),
        ({"until": 7}, 400, "until"),
    ):
        assert refusal(await client.patch(f"/api/v1/links/{one}", json=body))[:2] == (status, param), body
    status, _, message = refusal(await client.patch(f"/api/v1/links/{inside['link']['id']}", json={}))
    assert (status, "change the link.url of the campaign" in message) == (409, True)
    for body, status, param in (
        ({}, 400, "send"),
        ({"send": "x"}, 404, "send"),
        ({"send": alone["id"], "campaign": "Spring"}, 400, "send"),
        ({"send": alone["id"].replace("letter", "postcard")}, 404, "send"),
        ({"send": (await client.post("/api/v1/sends", json=letter("Di"))).json()["id"]}, 400, "url"),
        ({"send": alone["id"], "url": "https://evil.example/"}, 400, "url"),
        ({"send": alone["id"], "expire_after_days": 60}, 400, "url"),
        ({"campaign": "Spring", "url": "https://shop.example.com/"}, 400, "url"),
        ({"campaign": "Gone"}, 400, "campaign"),
    ):
        assert refusal(await client.post("/api/v1/links", json=body))[:2] == (status, param), body
    status, _, message = refusal(await client.delete("/api/v1/destinations/shop.example.com"))
    assert (status, "the campaign 'Spring' and 1 single link lead to shop.example.com" in message) == (409, True)
    assert f"change the address of the campaign; change single links: /links/{parallel[0].json()['id']}" in message
    await client.delete(f"/api/v1/campaigns/{inside_campaign['id']}")
    _, _, message = refusal(await client.delete("/api/v1/destinations/shop.example.com"))
    assert "restore 'Spring', for printed links of a deleted campaign lead on" in message
    await client.patch(f"/api/v1/links/{one}", json={"url": "https://shop.example.com/vip"})
    assert (await client.delete("/api/v1/destinations/new.example")).status_code == 204


@pytest.fixture
async def answered(context: Context, client: httpx.AsyncClient) -> tuple[dict[str, Any], int, int]:
    """A send whose link had visits and a goal, with the numbers of both."""
    await campaign(client, link=LANDING)
    sent = (await client.post("/api/v1/sends", json=letter("Ann", campaign="Spring"))).json()
    send_id, link_id = (context.ids.decode(each)[1] for each in (sent["id"], sent["link"]["id"]))
    now = datetime.now(UTC)
    visit = NewResponse(send_id, VISIT, now, link_id, device="phone", country="US", referrer="t.co", visitor=-7)
    rows = [visit, visit, visit._replace(bot=True, visitor=None), visit._replace(test=True)]
    goal = NewResponse(send_id, GOAL, now, link_id, value_cents=1250)
    async with context.database.transaction() as connection:
        await record(connection, [*rows, goal], now)
    return sent, send_id, link_id


async def test_a_link_tells_who_came_by_it(
    client: httpx.AsyncClient, answered: tuple[dict[str, Any], int, int]
) -> None:
    sent, _, _ = answered
    address = f"/api/v1/links/{sent['link']['id']}"
    told = (await client.get(address)).json()
    assert (told["visits"], told["visitors"], told["bots"], told["goals"], told["value_cents"]) == (2, 1, 1, 1, 1250)
    first = (await client.get(f"{address}/visits?limit=3")).json()
    rest = (await client.get(f"{address}/visits?after={first['next']}")).json()
    assert [(each["test"], each["bot"]) for each in first["data"] + rest["data"]] == [
        (True, False),
        (False, True),
        (False, False),
        (False, False),
    ]
    newest, robot = first["data"][0], first["data"][1]
    assert newest.items() >= {"device": "phone", "country": "US", "region": "", "referrer": "t.co"}.items()
    assert (newest["visitor"], robot["visitor"], newest["address"]) == ("fffffffffffffff9", None, None)
    assert rest["next"] is None
    trail = (await client.get(f"/api/v1/sends/{sent['id']}")).json()
    marks = {each["id"] for each in first["data"] + rest["data"]}
    assert marks == {each["id"] for each in trail["trail"] if each["code"] == "link_opened"}
    assert refusal(await client.get(f"{address}/visits?after=x"))[:2] == (400, "after")


async def test_a_printer_gets_all_links_of_a_campaign_with_their_codes(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = await clients(), await clients("Other")
    await campaign(client, link=LANDING)
    batch = [
        letter("=SUM(1)", campaign="Spring", external_id="0012"),
        *(letter(f"N{n}", campaign="Spring") for n in ["X", 1, "Y", 2, 3]),
    ]
    sent = (await client.post("/api/v1/sends/batch", json={"sends": batch})).json()["data"]
    for number, code in ((1, "cancelled"), (3, "failed")):
        gone = await client.post(f"/api/v1/sends/{sent[number]['id']}/events", json={"code": code})
        assert gone.status_code == 201, gone.text
    answer = await client.get("/api/v1/links.csv?campaign=Spring")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="links-')
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert list(rows[0]) == list(link_exports.COLUMNS)
    links = {each["send"]["id"]: each for each in (await client.get("/api/v1/links")).json()["data"]}
    assert len(links) == 6
    assert [row["to.name"] for row in rows] == ["=SUM(1)", "N1", "N2", "N3"]
    assert rows[0]["external_id"] == "0012"
    for row in rows:
        link = links[row["id"]]
        assert (row["code"], row["link"], row["qr"]) == (link["code"], link["url"], link["qr"])
    marked = (await client.get("/api/v1/links.csv?campaign=Spring&spreadsheet=true")).content
    assert marked.startswith(b"\xef\xbb\xbfid,")
    assert b",'0012," in marked
    assert b",'=SUM(1)," in marked

    monkeypatch.setattr(link_exports, "PART", 3)
    packed = await client.get("/api/v1/links.zip?campaign=Spring&format=png")
    archive = zipfile.ZipFile(io.BytesIO(packed.content))
    assert archive.testzip() is None
    listed = list(csv.DictReader(io.StringIO(archive.read("links.csv").decode(), newline="")))
    told = ("id", "external_id", "to.name", "code")
    assert [[row[name] for name in told] for row in listed] == [[row[name] for name in told] for row in rows[:3]]
    assert {row["qr"] for row in listed} | {"links.csv"} == set(archive.namelist())
    for row in listed:
        picture = np.asarray(Image.open(io.BytesIO(archive.read(row["qr"]))).convert("L"))
        (read,) = zxingcpp.read_barcodes(picture)
        assert read.text == row["link"].upper()
    last = zipfile.ZipFile(io.BytesIO((await client.get("/api/v1/links.zip?campaign=Spring&part=2")).content))
    assert set(last.namelist()) == {"links.csv", f"qr/{rows[3]['code']}.svg"}
    assert refusal(await client.get("/api/v1/links.zip?campaign=Spring&part=3"))[:2] == (400, "part")
    assert refusal(await client.get("/api/v1/links.zip?campaign=Spring&format=gif"))[:2] == (400, "format")
    for ending in ("csv", "zip"):
        assert refusal(await other.get(f"/api/v1/links.{ending}?campaign=Spring"))[:2] == (400, "campaign")


async def test_a_qr_code_is_for_whom_the_link_is(clients: Clients) -> None:
    client, other = await clients(), await clients("Other")
    await campaign(client, link=LANDING)
    sent = (await client.post("/api/v1/sends", json=letter("Ann", campaign="Spring"))).json()
    address = f"/api/v1/links/{sent['link']['id']}/qr"
    svg, png = await client.get(f"{address}.svg"), await client.get(f"{address}.png")
    assert (svg.headers["Content-Type"], png.headers["Content-Type"]) == ("image/svg+xml", "image/png")
    (read,) = zxingcpp.read_barcodes(np.asarray(Image.open(io.BytesIO(png.content)).convert("L")))
    assert read.text == sent["link"]["url"].upper()
    assert (await other.get(f"{address}.svg")).status_code == 404


async def test_whoever_has_a_code_gets_its_picture_and_that_is_no_visit(
    client: httpx.AsyncClient, clients: Clients
) -> None:
    await campaign(client, link=LANDING)
    sent = (await client.post("/api/v1/sends", json=letter("Ann", campaign="Spring"))).json()
    code, printer = sent["link"]["id"].removeprefix("link_"), await clients(None)
    for path in (f"/r/{code}.svg", f"/R/{code.upper()}.SVG"):
        svg = await printer.get(path)
        assert (svg.status_code, svg.headers["Content-Type"]) == (200, "image/svg+xml")
        assert svg.content == (await client.get(f"/api/v1/links/link_{code}/qr.svg")).content
    png = await printer.get(f"/r/{code}.png")
    (read,) = zxingcpp.read_barcodes(np.asarray(Image.open(io.BytesIO(png.content)).convert("L")))
    assert read.text == sent["link"]["url"].upper()
    bare = await printer.head(f"/r/{code}.png")
    assert (bare.status_code, bare.content, int(bare.headers["Content-Length"])) == (200, b"", len(png.content))
    for path, status in ((f"/r/{code}.gif", 404), ("/r/zzzz.svg", 404), (f"/r/x{code[1:]}.svg", 404)):
        assert (await printer.get(path)).status_code == status
    assert (await printer.post(f"/r/{code}.svg")).status_code == 405
    assert (await client.get(f"/api/v1/links/link_{code}/visits")).json()["data"] == []


async def test_links_of_a_tracker_are_listed_by_it(clients: Clients) -> None:
    client, other = await clients(), await clients("Other")
    url = "https://shop.example.com/"
    sale = {"redirectURLTemplate": url, "urlExpireAfterDays": 30, "description": "Sale"}
    tracker = (await client.post("/print-mail/v1/trackers", json=sale)).json()["id"]
    ann = {"firstName": "Ann", "addressLine1": "1 Main St", "countryCode": "US"}
    order = {"to": ann, "from": ann, "html": f"{{{{{tracker}}}}}"}
    made = await client.post("/print-mail/v1/letters", json=order)
    assert made.status_code < 300, made.text
    await campaign(client, link=LANDING)
    await client.post("/api/v1/sends", json={"kind": "letter", "to": {"name": "Bo"}, "campaign": "Spring"})

    (found,) = (await client.get(f"/api/v1/links?tracker={tracker}")).json()["data"]
    assert (found["send"]["id"], found["tracker"]) == (made.json()["id"], {"id": tracker, "description": "Sale"})
    assert refusal(await other.get(f"/api/v1/links?tracker={tracker}"))[:2] == (400, "tracker")
    assert refusal(await client.get(f"/api/v1/links?tracker={tracker}&campaign=Spring"))[:2] == (400, "tracker")
