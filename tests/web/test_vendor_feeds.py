"""What the pages tell of other vendors: credentials for their webhooks, their exports, and what they say of sends."""

import json
import re

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import accounts
from sendtrail.services.context import Context
from tests.feeds.vendors import saying
from tests.feeds.vendors.saying import detail, tracked
from tests.services.test_vendor_reading import hear, make
from tests.web.conftest import Browser
from tests.web.test_feeds import token
from tests.web.test_pages import words
from tests.web.test_settings import wrong

EXPORT = b"""Lob ID,Status,Status Date,Recipient Name,Zip
xyz_1,Delivered,2025-03-06,Ann Lee,02114
xyz_2,Melted,2025-03-06,,
"""


async def test_credentials_for_a_vendor_show_the_address_to_enter_there_once(ann: Browser) -> None:
    made = await ann.post("/settings/feeds", name="Stannp UK", vendor="stannp", nonce="n")
    found = re.search(r"http://sendtrail\.test(/feeds/vendors/stannp\?token=\w+)", made.text)
    assert found

    taken = await ann.client.post(found[1], content=json.dumps(saying.stannp({"id": 1, "status": "printing"})))
    again = words((await ann.post("/settings/feeds", name="Stannp UK", vendor="stannp", nonce="n")).text)
    listed = words((await ann.look("/settings/feeds")).text)

    assert (taken.status_code, taken.json()["unmatched"]) == (200, 1)
    assert "token=" not in again
    assert "Stannp UK Stannp's webhooks, known by their address feed_" in listed


async def test_a_vendor_with_an_address_for_each_event_is_told_all_of_them(ann: Browser) -> None:
    page = words((await ann.post("/settings/feeds", name="Gifts", vendor="sendoso")).text)

    assert "/feeds/vendors/sendoso/amazon_fulfilling?token=" in page
    assert "Instead of amazon_fulfilling : amazon_shipped , blocked , bounced" in page


async def test_a_secret_is_given_later_and_never_shown(ann: Browser, context: Context, acme: Scope) -> None:
    feed = await accounts.add_feed(context, acme, "Lob", vendor="lob")
    other = await accounts.add_feed(context, Scope(acme.organization_id, False, acme.actor), "Test", vendor="lob")

    saved = await ann.post(f"/settings/feeds/{feed.id}/secret", secret="hush hush hush\r\nhush once more")
    bad = await ann.post(f"/settings/feeds/{feed.id}/secret", secret="s" * 201)
    page = (await ann.look("/settings/feeds")).text

    assert saved.headers["Location"] == "/settings/feeds?done=secret"
    assert f'id="secret-{feed.id}-wrong">Secret must be at most 200 characters' in bad.text
    assert "Lob's webhooks, signature checked" in words(page)
    assert "hush" not in page
    assert (await ann.post(f"/settings/feeds/{other.id}/secret", secret="x")).status_code == 404
    assert "changed the secret of feed credentials" in words((await ann.look("/settings/audit")).text)


@pytest.mark.parametrize(("vendor", "secret", "field"), [("fedex", "", "vendor"), ("", "s", "secret")])
async def test_what_is_wrong_with_new_credentials_is_said_at_the_field(
    ann: Browser, vendor: str, secret: str, field: str
) -> None:
    assert wrong((await ann.post("/settings/feeds", name="x", vendor=vendor, secret=secret)).text).keys() == {field}


async def test_an_export_is_imported_on_the_page(ann: Browser) -> None:
    data = {"csrf": await token(ann), "vendor": "lob", "kind": "postcard"}

    answer = await ann.client.post("/feeds", data=data, files=[("file", ("lob.csv", EXPORT))])
    unknown = await ann.client.post("/feeds", data=data | {"vendor": "fedex"}, files=[("file", ("lob.csv", EXPORT))])
    file = words((await ann.look(answer.headers["Location"])).text)
    sends = words((await ann.look("/sends?q=Ann+Lee")).text)

    assert answer.status_code == 303
    assert "Lob's export" in file
    assert 'Status "Melted" is no status that we know' in file
    assert "Ann Lee" in sends
    assert "Postcard" in sends
    assert "vendor 'fedex' must be one of lob, postgrid" in words(unknown.text).replace("Vendor", "vendor")


async def test_what_waits_is_listed_by_the_name_that_its_teller_uses(
    ann: Browser, context: Context, acme: Scope
) -> None:
    await hear(context, acme, "sendoso.shipped", {"send_gid": "g-1", "status_changed_at": "2026-03-04T08:00:00Z"})
    await hear(context, acme, "easypost", saying.easypost(detail("delivered", "2026-03-05T10:00:00Z")))

    page = words((await ann.look("/feeds/unmatched")).text)

    assert "2 that are of no send of yours so far" in page
    assert "g-1 Sendoso" in page
    assert f"{saying.PARCEL} tracking number" in page
    assert "Delivered reported by the carrier" in page


async def test_a_send_shows_what_its_vendor_says_and_how_that_is_known(
    ann: Browser, context: Context, acme: Scope
) -> None:
    letter = await make(context, acme, kind="letter", vendor="lob", vendor_id="ltr_4868c3b754655f90")
    issue = tracked(
        "Issue",
        "2026-03-04T09:00:00Z",
        "Distribution Center",
        type="certified",
        details={"event": "delayed", "description": "Snow", "action_required": True},
    )
    await hear(context, acme, "lob", saying.lob("letter.certified.issue", issue))
    await hear(context, acme, "lob", saying.lob("letter.delivered"))
    await hear(context, acme, "lob", saying.lob("letter.viewed"))
    presumed = await make(context, acme, kind="letter", vendor="stannp", vendor_id="1")
    await hear(context, acme, "stannp", saying.stannp({"id": 1, "status": "delivered"}))

    page = words((await ann.look(f"/sends/{letter['id']}")).text)

    assert "Number at Lob ltr_4868c3b754655f90" in page
    assert "Delivered worked out by rule by the vendor" in page.replace(" · ", " ")
    assert "Distribution Center" in page
    assert "Something is in the way: delayed Somebody has to act, or it comes back. “Snow”" in page
    assert "Link opened" in page
    assert "presumed by the vendor" in words((await ann.look(f"/sends/{presumed['id']}")).text)
    assert "Lob's webhook · uploaded on this page" in words((await ann.look("/feeds")).text)
