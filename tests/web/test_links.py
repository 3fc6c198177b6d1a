"""Links on the pages: hosts are allowed, campaigns lead there, recipients go in, a printer's files come out."""

import csv
import dataclasses
import io
import re
import zipfile
from datetime import UTC, datetime

import pytest

from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import campaigns, destinations, links, sends, trackers
from sendtrail.services.context import Context
from sendtrail.services.landings import LinkPlan
from sendtrail.services.links import Chosen
from sendtrail.services.trackers import TrackerPlan
from sendtrail.store.system.responses import VISIT, NewResponse, record
from tests.web.conftest import Browser
from tests.web.test_pages import letter, made

URL = "https://shop.example.com/spring?n={{to.first_name}}"


async def upload(ann: Browser, address: str, content: str, **fields: str) -> tuple[int, str]:
    """Give a file to the form of a page; status and text of the answer."""
    found = re.search(r'name="csrf" value="([^"]+)"', (await ann.look(address)).text)
    assert found
    given = {"csrf": found[1], **fields}
    answer = await ann.client.post(address, data=given, files={"file": ("list.csv", content.encode(), "text/csv")})
    return answer.status_code, answer.text


async def test_an_admin_allows_hosts_and_says_what_is_kept_of_visitors(
    ann: Browser, context: Context, acme: Scope
) -> None:
    page = (await ann.look("/settings/links")).text
    assert "None yet: links lead nowhere" in page
    assert "are never kept" in page
    assert "/r/</strong>" in page
    refused = await ann.post("/settings/links", host="not a host")
    assert (refused.status_code, "must be a name such as shop.example.com" in refused.text) == (400, True)
    assert 'value="not a host"' in refused.text
    allowed = await ann.post("/settings/links", host="https://Shop.example.com/spring")
    assert allowed.headers["Location"] == "/settings/links?done=allowed"
    assert "<strong>shop.example.com</strong>" in (await ann.look("/settings/links?done=allowed")).text
    await campaigns.add_campaign(context, acme, "Spring", "bulk", link=LinkPlan(URL))
    kept = await ann.post("/settings/links/remove", host="shop.example.com")
    assert (kept.status_code, "The campaign &#39;Spring&#39; leads to shop.example.com" in kept.text) == (400, True)
    for days, status in (("91", 400), ("some", 400), ("-1", 400), ("7", 303)):
        assert (await ann.post("/settings/links/addresses", address_days=days)).status_code == status, days
    assert "kept for 7 days and then erased" in (await ann.look("/settings/links")).text
    audit = (await ann.look("/settings/audit")).text
    assert "destination.added" in audit or "shop.example.com" in audit


async def test_a_campaign_says_where_its_links_lead(ann: Browser, context: Context, acme: Scope) -> None:
    assert "first allow the one of your page" in (await ann.look("/campaigns/new")).text
    fields = {"name": "Spring", "type": "bulk", "link.url": URL, "link.expire_after_days": "60"}
    refused = await ann.post("/campaigns", **fields)
    assert refused.status_code == 400
    assert (
        "Address leads to shop.example.com, which is no host that links may lead to; allowed: none yet" in refused.text
    )
    await destinations.add_destination(context, acme, "shop.example.com")
    assert "On shop.example.com" in (await ann.look("/campaigns/new")).text
    begun = await ann.post("/campaigns", **fields)
    place = begun.headers["Location"].partition("?")[0]
    assert "60 days after they are sent" in (await ann.look(place)).text
    form = (await ann.look(f"{place}/edit")).text
    assert "QR codes that are printed already lead to a new address" in form

    was = {"was_link.url": URL, "was_link.expire_after_days": "60", "name": "Spring", "was_name": "Spring"}
    longer = {"link.url": URL, "link.expire_after_days": "365"}
    assert (await ann.post(f"{place}/edit", **was, **longer)).status_code == 303
    assert "365 days after they are sent" in (await ann.look(place)).text
    await sends.create(context, acme, [NewSend("letter", Address(name="Ann"), campaign="Spring")])
    emptied = await ann.post(f"{place}/edit", **was, **longer | {"link.url": ""})
    assert (emptied.status_code, "they must lead somewhere" in emptied.text) == (400, True)
    audit = (await ann.look("/settings/audit")).text
    assert "365" in audit


async def test_recipients_go_in_and_a_printers_files_come_out(ann: Browser, context: Context, acme: Scope) -> None:
    await destinations.add_destination(context, acme, "shop.example.com")
    made = await campaigns.add_campaign(context, acme, "Spring & co", "bulk", link=LinkPlan(URL))
    place = f"/campaigns/{made.id}"
    assert "Add recipients" in (await ann.look(place)).text
    given = (
        "=Ann Lee,,1 A St,",
        "Bo,letter,2 A St,Spring & co",
        "Cy,parcel,3 A St,",
        "Di,,4 A St,Summer",
        "Ed,,,",
        ",,6 A St,",
    )
    content = "\n".join(("name,kind,address_line1,campaign", *given))
    status, text = await upload(ann, f"{place}/recipients", content, kind="postcard")
    assert status == 200
    assert "2 sends made; 4 rows rejected" in text
    assert "kind must be one of letter" in text
    for missing in ("address_line1", "name"):
        assert f"to.{missing} is missing: a printer needs it" in text
    assert "is another than &#39;Spring &amp; co&#39;" in text
    assert "2 rows came before" in (await upload(ann, f"{place}/recipients", content, kind="postcard"))[1]
    for wrong, why in (
        ("", "The file is empty"),
        ("name,colour\nAnn,red\n", "is no field of a send"),
        ("\n\n", "has no header"),
    ):
        status, text = await upload(ann, f"{place}/recipients", wrong, kind="letter")
        assert (status, why in text) == (400, True)
    assert (await upload(ann, f"{place}/recipients", "name\nAnn\n", kind="parcel"))[0] == 400
    assert (await ann.post(f"{place}/recipients")).status_code == 400

    printed = await ann.look(f"{place}/links.csv")
    assert 'filename="links-Spring---co-' in printed.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(printed.content.decode(), newline="")))
    assert [(row["to.name"], row["kind"]) for row in rows] == [("=Ann Lee", "postcard"), ("Bo", "letter")]
    archive = zipfile.ZipFile(io.BytesIO((await ann.look(f"{place}/links.zip?format=png")).content))
    assert {f"qr/{row['code']}.png" for row in rows} | {"links.csv"} == set(archive.namelist())
    for query in ("part=2", "part=x", "format=gif", "parts=1"):
        assert (await ann.look(f"{place}/links.zip?{query}")).status_code == 400, query
    bare = await campaigns.add_campaign(context, acme, "Bare", "bulk")
    none = await ann.look(f"/campaigns/{bare.id}/links.csv")
    assert (none.status_code, "This campaign has no links to print" in none.text) == (404, True)
    assert "Nothing was changed" not in none.text


async def test_links_of_a_tracker_say_so_and_are_listed_by_it(ann: Browser, context: Context, acme: Scope) -> None:
    assert "Tracker" not in (await ann.look("/links")).text
    await destinations.add_destination(context, acme, "shop.example.com")
    named, nameless = [
        await trackers.make(context, acme, TrackerPlan("https://shop.example.com/", 30, description=name))
        for name in ("Spring <sale>", None)
    ]
    pieces = await made(context, acme, letter("Ann"), letter("Bo"))
    one, two = [context.ids.decode(str(each["id"]))[1] for each in pieces]
    async with context.database.transaction() as connection:
        await trackers.link_orders(connection, acme, {one: [named.id], two: [nameless.id]})
    by_name, by_id = (context.ids.encode("tracker", each.id) for each in (named, nameless))

    page = (await ann.look("/links")).text
    assert "Tracker: Spring &lt;sale&gt;</span>" in page
    assert f"Tracker: {by_id}</span>" in page
    of_one = (await ann.look(f"/links?tracker={by_name}")).text
    assert f'<option value="{by_name}" selected>Spring &lt;sale&gt;</option>' in of_one
    assert (re.findall(r'href="/links/link_\w+">(\w+)<', of_one)) == ["Ann"]
    shown = (await ann.look("/links/" + re.findall(r'href="/links/(link_\w+)"', of_one)[0])).text
    assert f'href="/links?tracker={by_name}">Spring &lt;sale&gt;</a> do' in shown
    assert "Change where it leads" not in shown

    await trackers.TRACKERS.remove(context, acme, by_name)
    assert "Spring" in (await ann.look(f"/links?tracker={by_name}")).text
    for wrong, why in (
        ("tracker=tracker_0000000000000", "does not exist"),
        (f"tracker={by_name}&campaign=x", "either a campaign or a tracker"),
    ):
        refused = await ann.look(f"/links?{wrong}")
        assert (refused.status_code, why in refused.text) == (400, True)
    theirs = dataclasses.replace(acme, live=False)
    with pytest.raises(Invalid, match="does not exist"):
        await links.list_links(context, theirs, Chosen(tracker=by_id), limit=9)


async def test_links_and_their_visits_are_looked_at(ann: Browser, context: Context, acme: Scope) -> None:
    assert "No links yet" in (await ann.look("/links")).text
    await destinations.add_destination(context, acme, "shop.example.com")
    made = await campaigns.add_campaign(context, acme, "Spring", "bulk", link=LinkPlan(URL))
    people = [NewSend("letter", Address(name=name), campaign="Spring") for name in ("Ann <b>", "Bo")]
    first, _ = await sends.create(context, acme, people)
    assert isinstance(first, dict)
    (link,), _ = await links.list_links(context, acme, Chosen(send=first["id"]), limit=1)
    now = datetime.now(UTC)
    number, link_number = (context.ids.decode(each)[1] for each in (first["id"], link.id))
    visit = NewResponse(number, VISIT, now, link_number, device="phone", country="US", region="NV", referrer="t.co")
    async with context.database.transaction() as connection:
        await record(connection, [visit] * 51, now)

    listed = (await ann.look("/links")).text
    assert "Ann &lt;b&gt;" in listed
    assert listed.count(f"/links/{link.id}") == 1
    for query, fits in (("q=bo", False), (f"q={link.code}", True), (f"campaign={made.id}", True), ("q=nobody", False)):
        assert (link.code in (await ann.look(f"/links?{query}")).text) == fits, query
    assert (await ann.look("/links?campaign=gone")).status_code == 400
    assert (await ann.look("/links?color=red")).status_code == 400
    page = (await ann.look(f"/links/{link.id}")).text
    assert f'src="/links/{link.id}/qr.svg"' in page
    assert "https://shop.example.com/spring?n=Ann" in page
    assert page.count("NV, US") == 50
    older = re.search(r'href="(/links/[^"]+)#visits" rel="next"', page)
    assert older
    assert (await ann.look(older[1])).text.count("NV, US") == 1
    assert (await ann.look(f"/links/{link.id}?after=x")).status_code == 400
    picture = await ann.look(f"/links/{link.id}/qr.svg")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/svg+xml")
    assert f'href="/links/{link.id}"' in (await ann.look(f"/sends/{first['id']}")).text
    assert (await ann.look("/links/link_x")).status_code == 404
    assert "Change where it leads" not in page

    own = await links.make_link(context, acme, first["id"], LinkPlan("https://shop.example.com/own"))
    place = f"/links/{own.id}"
    wrong = await ann.post(place, url="https://evil.example/", expire_after_days="30")
    assert (wrong.status_code, "Address leads to evil.example" in wrong.text) == (400, True)
    assert 'value="https://evil.example/"' in wrong.text
    saved = await ann.post(place, url="https://shop.example.com/new", expire_after_days="365")
    assert (saved.status_code, saved.headers["Location"]) == (303, f"{place}?done=saved#leads")
    changed = await links.get(context, acme, own.id)
    assert (changed.leads_to, changed.expire_after_days) == ("https://shop.example.com/new", 365)
    assert "Saved" in (await ann.look(f"{place}?done=saved")).text
    assert "changed where one link leads" in (await ann.look("/settings/audit")).text
    assert (await ann.post(f"/links/{link.id}", url="https://shop.example.com/new")).status_code == 409
