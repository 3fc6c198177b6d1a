"""What pages show of visits and goals, and how the links of a campaign are tried out there."""

import re
from datetime import UTC, datetime, timedelta

from sendtrail.domain.scope import Scope
from sendtrail.services import campaigns, destinations, sends
from sendtrail.services.context import Context
from sendtrail.services.landings import LinkPlan
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse, record
from tests.web.conftest import Browser
from tests.web.test_pages import letter, made, words

URL = "https://shop.example.com/spring"


async def test_a_send_shows_who_came_among_its_updates(ann: Browser, context: Context, acme: Scope) -> None:
    one, other = await made(context, acme, letter("Ann Lee"), letter("Bo"))
    number, now = sends.send_number(context, one["id"]), datetime.now(UTC)
    came = [
        NewResponse(number, VISIT, now, device="phone", region="OH", country="US", referrer="mail.example.com"),
        NewResponse(number, VISIT, now - timedelta(hours=1), bot=True),
        NewResponse(number, GOAL, now + timedelta(minutes=2), value_cents=4990, reference="A-17"),
        NewResponse(number, VISIT, now, test=True),
    ]
    async with context.database.transaction() as connection:
        await record(connection, came, now)
    page = words((await ann.look(f"/sends/{one['id']}")).text)
    updates = page[page.index("Recent updates") :]
    assert updates.index("Goal reached") < updates.index("Link opened") < updates.index("Received")
    for text in (
        "Worth $49.90",
        "Reference A-17",
        "Phone, OH, US, by way of mail.example.com",
        "By a machine: it does not count.",
        "A trial of the link: it does not count.",
        "Postalytics: pURLCompleted (8)",
    ):
        assert text in page, text
    assert re.search(r"Visits\s+1\s.*Goals\s+1, worth \$49\.90\s+Machines\s+1", page)
    assert re.search(r"Ann Lee.{0,300}1 visit, 1 goal", words((await ann.look("/sends")).text))
    assert "1 visit, 1 goal" in words((await ann.look(f"/recipients/{one['id']}")).text)
    assert "Responses" not in words((await ann.look(f"/sends/{other['id']}")).text)


async def test_links_are_tried_out_from_the_campaigns_page(ann: Browser, context: Context, acme: Scope) -> None:
    await destinations.add_destination(context, acme, "shop.example.com")
    spring = await campaigns.add_campaign(context, acme, "Spring", "bulk", link=LinkPlan(url=URL))
    (one,) = await made(context, acme, letter("Ann Lee", campaign="Spring"))
    page, link = f"/campaigns/{spring.id}", context.ids.decode(one["link"]["id"])[1]
    assert "do not carry the visitor" in words((await ann.look(page)).text)
    assert spring.link
    assert f"&lt;script async src=&#34;{spring.link.goal_script}&#34;" in (await ann.look(page)).text
    begun = await ann.post(f"{page}/trial", testing="yes")
    assert (begun.status_code, begun.headers["Location"]) == (303, f"{page}?done=trying#trial")
    async with context.database.transaction() as connection:
        now = datetime.now(UTC)
        number = sends.send_number(context, one["id"])
        await record(connection, [NewResponse(number, VISIT, now, link_id=link, test=True)], now)
    assert "So far 1 visit or goal." in words((await ann.look(f"{page}?done=trying")).text)
    await ann.post(f"{page}/responses/reset")
    assert "Nothing came so far." in words((await ann.look(f"{page}?done=forgotten")).text)
    await ann.post(f"{page}/trial", testing="no")
    assert "Begin a trial" in words((await ann.look(f"{page}?done=tried")).text)
    await ann.post(f"{page}/delete", name="Spring")
    deleted = words((await ann.look(page)).text)
    assert "Begin a trial" not in deleted
    await ann.post(f"{page}/restore")
    audit = words((await ann.look("/settings/audit")).text)
    for told in ("began to try out the links of the campaign", "took back visits and goals of the campaign"):
        assert told in audit
