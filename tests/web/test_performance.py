"""How campaigns perform, as pages tell it."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sendtrail.domain.problems import Conflict
from sendtrail.domain.scope import Scope
from sendtrail.services import campaign_changes, campaigns, destinations, sends
from sendtrail.services.context import Context
from sendtrail.services.landings import LinkPlan
from sendtrail.services.performance import Figures, compare
from sendtrail.services.sends import NewEvent
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse, record
from sendtrail.web.performance import best
from tests.web.conftest import Browser
from tests.web.test_pages import letter, made, words

NOON = datetime(2026, 3, 4, 17, tzinfo=UTC)


async def linked(context: Context, scope: Scope, name: str, n: int, cents: int = 90) -> tuple[str, list[int]]:
    """A campaign whose pieces have links, and the numbers of its pieces."""
    with suppress(Conflict):  # allowed for another campaign
        await destinations.add_destination(context, scope, "shop.example.com")
    plan = LinkPlan(url="https://shop.example.com/{{code}}")
    campaign = await campaigns.add_campaign(context, scope, name, "bulk", link=plan)
    views = await made(
        context,
        scope,
        *[letter(f"To {each}", campaign=name, cost_cents=cents, tags=["vip"][:each]) for each in range(n)],
    )
    return campaign.id, [sends.send_number(context, view["id"]) for view in views]


async def came(context: Context, *rows: NewResponse) -> None:
    await context.database.run(lambda connection: record(connection, rows, NOON))


def visit(send_id: int, **more: Any) -> NewResponse:
    return NewResponse(send_id, VISIT, NOON, device="phone", visitor=1, **more)


async def test_a_campaign_tells_what_its_responses_rest_on_and_leads_to_who_they_were(
    ann: Browser, context: Context, acme: Scope
) -> None:
    campaign, (first, second, _) = await linked(context, acme, "Spring", 3)
    third = (await made(context, acme, letter("=To D", campaign="Spring", cost_cents=90, tags=["vip"])))[0]["id"]
    await sends.record_events(context, acme, third, [NewEvent("delivered", datetime(2026, 3, 2, 17, tzinfo=UTC))])
    await sends.record_events(context, acme, context.ids.encode("letter", second), [NewEvent("cancelled")])
    goal = NewResponse(first, GOAL, NOON, value_cents=5_000)
    number = sends.send_number(context, third)
    await came(
        context, visit(first), visit(second), visit(number), goal, visit(first, bot=True), visit(first, test=True)
    )

    text = (await ann.look(f"/campaigns/{campaign}")).text
    page = words(text)
    assert "Engaged 66.7 % 2 of 3 Visits 2 2 unique visitors Goals 1 by one person" in page
    assert "Value $50.00 18.52 × what it cost Cost per response $1.35 $2.70 per goal" in page
    assert "2 days later 1 50.0 %" in page
    assert "No delivery known 1 50.0 %" in page
    assert "4 Mar 2026 2 1" in page
    assert "Tag Tag As a bar Engaged Rate vip 1 of 2 50.0 % No tag 1 of 1 100 %" in page
    assert "Robots came 1 time and are left out." in page
    assert text.count('data-kind="responses"') == 2

    saved = await ann.look(f"/campaigns/{campaign}/engaged.csv")
    assert saved.content.startswith("\ufeffsend,".encode())
    rows = list(csv.DictReader(io.StringIO(saved.content.decode("utf-8-sig"), newline="")))
    assert {row["name"]: (row["visits"], row["goals"], len(row["link"])) for row in rows} == {
        "To 0": ("1", "1", 13),
        "'=To D": ("1", "0", 13),
    }

    listed = words((await ann.look("/campaigns")).text)
    assert "66.7 % $2.70" in listed.partition("Engaged")[2]
    assert "Engaged" in words((await ann.look("/reports?period=all")).text).partition("What was sent")[2]
    await campaign_changes.move(context, acme, campaign, "deleted")
    assert "2 of 3" in words((await ann.look(f"/campaigns/{campaign}")).text)


async def test_without_links_or_responses_a_campaign_says_what_to_do(
    ann: Browser, context: Context, acme: Scope
) -> None:
    plain = await campaigns.add_campaign(context, acme, "Plain", "bulk")
    await made(context, acme, letter(campaign="Plain"))
    text = (await ann.look(f"/campaigns/{plain.id}")).text
    assert "the pieces of this campaign carry no links" in text
    assert f'<a href="/campaigns/{plain.id}/edit">choose a landing page</a>' in text
    assert "Engaged" not in words((await ann.look("/campaigns")).text)

    quiet, (number, *_) = await linked(context, acme, "Quiet", 2)
    await came(context, visit(number, bot=True))
    page = words((await ann.look(f"/campaigns/{quiet}")).text)
    assert "No responses yet" in page
    assert "2 pieces out there. Robots came 1 time; they do not count." in page


async def test_campaigns_are_ticked_and_compared_without_scripts(ann: Browser, context: Context, acme: Scope) -> None:
    spring, numbers = await linked(context, acme, "Spring", 4, 100)
    autumn, (other, *_) = await linked(context, acme, "Autumn", 5, 100)
    await came(context, visit(numbers[0]), visit(numbers[1]), visit(other))
    listed = (await ann.look("/campaigns")).text
    for campaign in (spring, autumn):
        assert f'<input type="checkbox" name="campaign" value="{campaign}"' in listed

    page = words((await ann.look(f"/campaigns/compare?{urlencode([('campaign', spring), ('campaign', autumn)])}")).text)
    assert "Spring Bulk 4 0 % 0 of 4 50.0 % Best 2 of 4 0 $0.00 $2.00 Best" in page
    assert "Autumn Bulk 5 0 % 0 of 5 20.0 % 1 of 5 0 $0.00 $5.00" in page
    assert page.index("Spring") < page.index("Autumn")

    assert "This is one alone" in (await ann.look(f"/campaigns/compare?campaign={spring}")).text
    assert "Nothing to compare yet" in (await ann.look("/campaigns/compare")).text
    many = await ann.look("/campaigns/compare?" + "&".join(f"campaign=c{n}" for n in range(7)))
    assert (many.status_code, "Choose 6 campaigns at most; these are 7." in many.text) == (400, True)
    unknown = await ann.look(f"/campaigns/compare?campaign={spring}&campaign=campaign_0")
    assert (unknown.status_code, "does not exist" in unknown.text) == (400, True)
    nothing = await ann.look("/campaigns/compare?campaign=%00")
    assert (nothing.status_code, "does not exist" in nothing.text) == (400, True)
    for query in ("q=Spring", "campaigns=x"):
        assert (await ann.look(f"/campaigns/compare?{query}")).status_code == 400
    assert (await ann.look(f"/sends?campaign={spring}&campaign={autumn}")).status_code == 400


async def test_the_best_is_better_than_another_one_and_worse_than_none(context: Context, acme: Scope) -> None:
    ids = [(await linked(context, acme, name, 2))[0] for name in ("A", "B", "C")]
    plain = await compare(context, acme, ids)

    def figures(*given: dict[str, Any]) -> dict[str, set[str]]:
        fields = Figures.__struct_fields__
        return best(
            [
                Figures(**{name: getattr(each, name) for name in fields} | more)
                for each, more in zip(plain, given, strict=True)
            ]
        )

    assert figures({}, {}, {}) == {}
    assert figures({"engaged": 2}, {"engaged": 2}, {"engaged": 1})["rate"] == set(ids[:2])
    costs = [{"cost_per_response": cents} for cents in (300, 200, None)]
    assert figures(*costs) == {"cost_per_response": {ids[1]}}
