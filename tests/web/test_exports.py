"""The Send Tracker's lists, saved as files."""

import csv
import io
import re
from datetime import date

import httpx
import pytest

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from tests.web.conftest import Browser


async def send(context: Context, scope: Scope, name: str, kind: str = "letter") -> str:
    to = Address(name=name, email="a@example.com")
    (made,) = await sends.create(context, scope, [NewSend(kind=kind, to=to)])  # type: ignore[arg-type]
    assert isinstance(made, dict)
    return str(made["id"])


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    return [row["to.name"] for row in rows]


async def test_the_button_saves_what_the_list_shows(ann: Browser, context: Context, acme: Scope) -> None:
    await send(context, acme, "Bo")
    await send(context, acme, "Cy", "gift")
    page = (await ann.look("/sends?kind=gift&words=lob")).text
    found = re.search(r'href="(/sends\.csv[^"]*)"', page)
    assert found
    answer = await ann.look(found[1].replace("&amp;", "&"))
    assert names(answer) == ["Cy"]
    assert answer.content.startswith("\ufeff".encode())
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    saved = re.fullmatch(r'attachment; filename="sends-(.{10})\.csv"', answer.headers["Content-Disposition"])
    assert saved
    date.fromisoformat(saved[1])
    assert answer.headers["Sendtrail-Sends"] == "1"


async def test_both_modes_are_saved_where_the_list_shows_both(ann: Browser, context: Context, acme: Scope) -> None:
    await send(context, acme, "Live")
    await send(context, Scope(acme.organization_id, False, acme.actor), "Test")
    assert names(await ann.look("/sends.csv")) == ["Live"]
    assert names(await ann.look("/sends.csv?mode=test")) == ["Test"]
    assert names(await ann.look("/sends.csv?mode=both")) == ["Live", "Test"]


async def test_ticked_sends_of_both_modes_are_saved(ann: Browser, context: Context, acme: Scope) -> None:
    test = Scope(acme.organization_id, False, acme.actor)
    ids = [await send(context, scope, name) for scope, name in ((acme, "A"), (acme, "B"), (test, "C"), (test, "D"))]
    page = await ann.look("/login")
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token
    fields = {"csrf": token[1], "action": "export", "list": "mode=both", "send": [ids[0], ids[2]]}
    answer = await ann.client.post("/sends/selected", data=fields, follow_redirects=True)
    assert names(answer) == ["A", "C"]


async def test_all_that_match_are_saved(ann: Browser, context: Context, acme: Scope) -> None:
    for name in ("Bo Lee", "Bo Ray", "Cy Lee"):
        await send(context, acme, name)
    answer = await ann.post("/sends/selected", action="export", all="yes", list="q=bo&words=lob")
    assert names(await ann.look(answer.headers["Location"])) == ["Bo Ray", "Bo Lee"]


@pytest.mark.parametrize("query", ["colour=red", "mode=dead", "status=lost", "start=yesterday", "sort=colour"])
async def test_what_is_no_filter_is_refused_by_a_page(ann: Browser, query: str) -> None:
    answer = await ann.look(f"/sends.csv?{query}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_how_many_are_told_as_far_as_they_are_counted(ann: Browser, context: Context, acme: Scope) -> None:
    await send(context, acme, "Bo")
    for query, about in (("", "1"), ("?status=created", "1"), ("?status=delivered", "0"), ("?category=received", "1")):
        assert (await ann.look(f"/sends.csv{query}")).headers["Sendtrail-Sends"] == about
