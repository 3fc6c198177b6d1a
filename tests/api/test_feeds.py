"""Feeds by API: pushed, uploaded, listed; nothing lost, nothing taken from strangers."""

import csv
import gzip
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from sendtrail.services import accounts
from sendtrail.services.context import Context
from tests.api.conftest import Clients
from tests.feeds.feeding import event, message


async def letter(client: httpx.AsyncClient, serial: int = 1) -> str:
    """A letter with the barcode of `feeding.event(serial)`; its id."""
    body = {
        "kind": "letter",
        "to": {"name": "Ann", "postal_code": "12345"},
        "imb": event(serial)["imb"],
        "send_date": "2026-03-01",
    }
    response = await client.post("/api/v1/sends", json=body)
    assert response.status_code == 201, response.text
    id_: str = response.json()["id"]
    return id_


async def status(client: httpx.AsyncClient, id_: str) -> str:
    code: str = (await client.get(f"/api/v1/sends/{id_}")).json()["status"]["code"]
    return code


async def credentials(client: httpx.AsyncClient) -> tuple[str, str]:
    feed = (await client.post("/api/v1/feeds", json={"name": "USPS"})).json()
    return feed["username"], feed["password"]


def archived(context: Context) -> list[Path]:
    return [path for path in context.config.archive.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (message(event()), {}),
        (gzip.compress(message(event())), {}),
        (gzip.compress(message(event())), {"Content-Encoding": "gzip"}),
        (message(event()), {"Content-Type": "text/plain"}),
    ],
)
async def test_a_push_moves_its_send(client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> None:
    id_ = await letter(client)

    response = await client.post("/feeds/iv-mtr", content=body, auth=await credentials(client), headers=headers)

    assert response.status_code == 200
    counts = response.json()
    file = counts.pop("file")
    assert counts == {"new": 1, "duplicate": 0, "unmatched": 0, "rejected": 0}
    assert await status(client, id_) == "out_for_delivery"
    (listed,) = (await client.get("/api/v1/feeds/files")).json()["data"]
    assert (listed["id"], listed["format"], listed["new"], listed["bytes"]) == (file, "iv_mtr_json", 1, len(body))


async def test_a_push_repeated_changes_nothing(client: httpx.AsyncClient) -> None:
    id_ = await letter(client)
    auth = await credentials(client)
    await client.post("/feeds/iv-mtr", content=message(event()), auth=auth)
    before = (await client.get(f"/api/v1/sends/{id_}")).json()

    same = await client.post("/feeds/iv-mtr", content=message(event()), auth=auth)
    other = await client.post("/feeds/iv-mtr", content=message(event(), event(mailPhase=None)), auth=auth)

    assert same.json()["new"] == other.json()["new"] == 0
    assert (same.json()["duplicate"], other.json()["duplicate"]) == (1, 2)
    assert (await client.get(f"/api/v1/sends/{id_}")).json() == before
    assert len((await client.get("/api/v1/feeds/files")).json()["data"]) == 2


async def test_a_push_without_good_credentials_is_neither_answered_nor_kept(
    client: httpx.AsyncClient, context: Context
) -> None:
    username, password = await credentials(client)
    key = client.headers.pop("Authorization")

    for headers in (
        {},
        {"Authorization": key},
        {"Authorization": "Basic"},
        {"Authorization": "Basic ===="},
        {"Authorization": "Basic bm9jb2xvbg=="},
        {"Authorization": "Basic /////w=="},
        {"Authorization": httpx.BasicAuth(username, "wrong")._auth_header},
        {"Authorization": httpx.BasicAuth("nobody", password)._auth_header},
    ):
        response = await client.post("/feeds/iv-mtr", content=message(event()), headers=headers)
        assert response.status_code == 401
        assert response.json()["error"]["type"] == "unauthorized"
        assert response.headers["WWW-Authenticate"].startswith("Basic ")

    assert archived(context) == []
    assert (await client.get("/api/v1/feeds/files", headers={"Authorization": key})).json()["data"] == []


async def test_a_push_that_makes_no_sense_is_kept_with_its_reasons(client: httpx.AsyncClient, context: Context) -> None:
    auth = await credentials(client)
    truncated = gzip.compress(message(*(event(n) for n in range(100))))[:-20]

    for body in (
        b"{",
        b"\0\0\0",
        "né".encode("latin-1"),
        truncated,
        message(event(scanDatetime="2026-13-01T00:00:00Z")),
    ):
        response = await client.post("/feeds/iv-mtr", content=body, auth=auth)
        assert response.status_code == 200
        assert response.json()["rejected"] > 0
        rejects = (await client.get(f"/api/v1/feeds/files/{response.json()['file']}/rejects")).json()["data"]
        assert all(reject["reason"] and "\n" not in reject["reason"] for reject in rejects)

    assert len(archived(context)) == 5


async def test_an_empty_push_or_one_in_an_unknown_coding_is_refused(client: httpx.AsyncClient) -> None:
    auth = await credentials(client)

    empty = await client.post("/feeds/iv-mtr", content=b"", auth=auth)
    brotli = await client.post("/feeds/iv-mtr", content=b"x", auth=auth, headers={"Content-Encoding": "br"})

    assert (empty.status_code, brotli.status_code) == (400, 415)


async def test_what_broke_off_on_its_way_leaves_nothing(
    app: Litestar, client: httpx.AsyncClient, context: Context
) -> None:
    received = [
        {"type": "http.request", "body": message(event())[:40], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []
    auth = httpx.BasicAuth(*await credentials(client))._auth_header

    async def receive() -> Any:
        return received.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    await app(
        {  # type: ignore[arg-type]  # as servers give it
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "path": "/feeds/iv-mtr",
            "raw_path": b"/feeds/iv-mtr",
            "root_path": "",
            "query_string": b"",
            "headers": [(b"authorization", auth.encode())],
            "scheme": "http",
            "server": ("sendtrail.test", 80),
            "client": ("127.0.0.1", 1),
            "extensions": {},
        },
        receive,
        send,
    )

    assert archived(context) == []
    assert (await client.get("/api/v1/feeds/files")).json()["data"] == []


async def test_a_file_of_any_size_is_streamed_and_read(client: httpx.AsyncClient) -> None:
    id_ = await letter(client)
    body = message(*(event(n, scanDatetime=f"2026-03-02T10:00:{n % 60:02}Z") for n in range(1, 5_000)))

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100_003):
            yield body[start : start + 100_003]

    response = await client.post("/api/v1/feeds/files", params={"name": " scans.json "}, content=chunks())

    assert response.status_code == 201
    file = response.json()
    assert (file["name"], file["format"], file["bytes"]) == ("scans.json", "iv_mtr_json", len(body))
    assert (file["new"], file["duplicate"], file["unmatched"], file["rejected"]) == (1, 0, 4_998, 0)
    assert file["finished_at"] is not None
    assert await status(client, id_) == "out_for_delivery"


@pytest.mark.parametrize("query", ["", "?name=", "?name=%00", "?name=a%0Ab", f"?name={'x' * 256}"])
async def test_an_upload_has_a_name(client: httpx.AsyncClient, context: Context, query: str) -> None:
    response = await client.post(f"/api/v1/feeds/files{query}", content=message(event()))

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "name"
    assert archived(context) == []


async def test_an_empty_upload_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/v1/feeds/files?name=scans.json", content=b"")

    assert response.status_code == 400
    assert "empty" in response.json()["error"]["message"]


async def test_rejects_are_listed_by_page_and_downloaded_whole(client: httpx.AsyncClient) -> None:
    bad = [event(n, scanDatetime="never") for n in range(1, 8)]
    bad[3] = event(4, scanFacilityName="=cmd()", scanDatetime="=1+1")
    file = (await client.post("/api/v1/feeds/files?name=scans.json", content=message(event(), *bad))).json()
    address = f"/api/v1/feeds/files/{file['id']}/rejects"
    assert file["rejected"] == 7

    rejects: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await client.get(address, params={"limit": 3, **after})).json()
        assert len(page["data"]) <= 3
        rejects += page["data"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    download = await client.get(f"{address}.csv")

    assert [reject["line"] for reject in rejects] == [2, 3, 4, 5, 6, 7, 8]
    assert all("scanDatetime" in reject["reason"] for reject in rejects)
    assert download.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert download.headers["Content-Disposition"] == 'attachment; filename="rejects.csv"'
    header, *rows = csv.reader(io.StringIO(download.text))
    assert header == ["line", "reason", "raw"]
    assert [[row[0], row[1]] for row in rows] == [[str(each["line"]), each["reason"]] for each in rejects]


async def test_a_download_runs_nothing_in_a_spreadsheet(client: httpx.AsyncClient) -> None:
    header = "imb,code,occurred_at\n"
    file = (
        await client.post(
            "/api/v1/feeds/files?name=printer.csv", content=f"{header}=cmd(),printed,2026-03-02\n".encode()
        )
    ).json()
    address = f"/api/v1/feeds/files/{file['id']}/rejects"
    (reject,) = (await client.get(address)).json()["data"]
    assert reject["raw"].startswith("=cmd()")

    _, (_, _, raw) = csv.reader(io.StringIO((await client.get(f"{address}.csv")).text))

    assert raw == f"'{reject['raw']}"


async def test_scans_without_a_send_are_listed_until_it_appears(client: httpx.AsyncClient) -> None:
    scans = message(*(event(n) for n in (3, 1, 2)), event(2, scanDatetime="2026-03-03T10:00:00Z", scanEventCode=None))
    file = (await client.post("/api/v1/feeds/files?name=scans.json", content=scans)).json()
    assert file["unmatched"] == 4

    first = (await client.get("/api/v1/feeds/unmatched?limit=3")).json()
    rest = (await client.get(f"/api/v1/feeds/unmatched?limit=3&after={first['next']}")).json()
    listed = first["data"] + rest["data"]

    assert rest["next"] is None
    assert [scan["imb"] for scan in listed] == [event(n)["imbTrackingCode"] for n in (1, 2, 2, 3)]
    assert listed[0] == {
        "imb": event(1)["imbTrackingCode"],
        "send": "",
        "recipient_zip": "12345",
        "occurred_at": "2026-03-03T03:56:10Z",
        "source": "usps",
        "evidence": "scanned",
        "phase": "destination_sequenced",
        "operation": "919",
        "code": "",
        "zip": "10199",
        "file": file["id"],
    }
    assert [scan["operation"] for scan in listed] == ["919", "919", "", "919"]
    id_ = await letter(client, 2)
    assert await status(client, id_) == "out_for_delivery"
    unmatched = (await client.get("/api/v1/feeds/unmatched")).json()["data"]
    assert [scan["imb"] for scan in unmatched] == [event(n)["imbTrackingCode"] for n in (1, 3)]


@pytest.mark.parametrize("after", ["", "x", "1", "1-", "1-x", "-1-1", "1-99999999999999999999", "٣-1"])
@pytest.mark.parametrize("path", ["files", "unmatched"])
async def test_a_cursor_is_one_that_a_list_gave(client: httpx.AsyncClient, path: str, after: str) -> None:
    response = await client.get(f"/api/v1/feeds/{path}", params={"after": after})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "after"


async def test_feeds_and_their_files_are_the_organizations_own_in_each_mode(clients: Clients, context: Context) -> None:
    owner = await clients("Acme")
    await letter(owner)
    file = (await owner.post("/api/v1/feeds/files?name=scans.json", content=message(event(), event(2), {}))).json()
    await credentials(owner)
    for stranger in (await clients("Acme", live=False), await clients("Other")):
        for path in ("", "/files", "/unmatched"):
            assert (await stranger.get(f"/api/v1/feeds{path}")).json() == {"data": [], "next": None}
        for path in ("rejects", "rejects.csv"):
            assert (await stranger.get(f"/api/v1/feeds/files/{file['id']}/{path}")).status_code == 404


async def test_a_test_feed_never_moves_a_live_send(clients: Clients) -> None:
    live, test = await clients("Acme"), await clients("Acme", live=False)
    ids = [await letter(live), await letter(test)]

    response = await test.post("/feeds/iv-mtr", content=message(event()), auth=await credentials(test))

    assert response.json()["new"] == 1
    assert [await status(live, ids[0]), await status(test, ids[1])] == ["created", "out_for_delivery"]


async def test_reports_of_unknown_barcodes_are_listed_with_what_they_say(client: httpx.AsyncClient) -> None:
    records = b"imb,code,date,new_address\n00270901234567000009,N,2026-03-02,\n"

    await client.post("/api/v1/feeds/files?name=acs.csv", content=records)

    (report,) = (await client.get("/api/v1/feeds/unmatched")).json()["data"]
    assert (report["code"], report["phase"], report["evidence"]) == ("returned", "", "reported")


async def test_another_organizations_barcode_stays_unmatched(clients: Clients) -> None:
    owner, other = await clients("Acme"), await clients("Other")
    id_ = await letter(owner)

    response = await other.post("/feeds/iv-mtr", content=message(event()), auth=await credentials(other))

    assert (response.json()["new"], response.json()["unmatched"]) == (0, 1)
    assert await status(owner, id_) == "created"


async def test_credentials_are_shown_once_and_a_repeat_does_not_show_them(
    client: httpx.AsyncClient, context: Context
) -> None:
    headers = {"Idempotency-Key": "a"}
    first = (await client.post("/api/v1/feeds", json={"name": "USPS"}, headers=headers)).json()
    second = (await client.post("/api/v1/feeds", json={"name": "USPS"}, headers=headers)).json()
    other = await client.post("/api/v1/feeds", json={"name": "DHL"}, headers=headers)

    assert second == {**first, "password": None}
    assert other.status_code == 409
    listed = await client.get("/api/v1/feeds")
    assert [feed["id"] for feed in listed.json()["data"]] == [first["id"]]
    assert first["password"] not in listed.text
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select encode(response, 'escape') from idempotency")
        assert first["password"] not in str(await cursor.fetchall())
    assert await accounts.scope_of_feed(context, first["username"], first["password"]) is not None
