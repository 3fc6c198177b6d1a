"""Campaigns begun, changed, archived, deleted and restored by forms."""

import re
from dataclasses import replace
from html import unescape

from sendtrail.domain.scope import Scope
from sendtrail.services import campaigns
from sendtrail.services.context import Context
from tests.people import World, world
from tests.test_authorization import signed_in
from tests.web.conftest import Browser
from tests.web.test_pages import letter, made, words


async def browser(app: object, context: Context, people: World, who: str) -> Browser:
    return await signed_in(app, context, people, who)  # type: ignore[arg-type]  # the fixture gives a Litestar


def form(page: str) -> dict[str, str]:
    """What the form of a page carries besides what somebody types."""
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.partition("<main")[2])
        if name != "csrf"
    }


async def listed(visitor: Browser, state: str) -> str:
    return words((await visitor.look(f"/campaigns?state={state}")).text)


class TestNew:
    async def test_a_form_begins_a_campaign_once_however_often_it_is_sent(self, ann: Browser) -> None:
        fields = form((await ann.look("/campaigns/new")).text) | {"name": "Spring", "type": "triggered"}
        first, again = [await ann.post("/campaigns", **fields) for _ in range(2)]
        assert first.status_code == again.status_code == 303
        assert first.headers["Location"] == again.headers["Location"]
        page = words((await ann.look(first.headers["Location"])).text)
        assert "Spring Triggered campaign" in page
        assert "Owner ann@example.com" in page
        assert "The campaign is begun" in page

    async def test_what_cannot_be_taken_is_said_beside_the_field(self, ann: Browser, context: Context) -> None:
        await ann.post("/campaigns", name="Spring", type="bulk")
        for fields, said in (
            ({"name": "Spring", "type": "triggered"}, "There is a campaign named &#39;Spring&#39; already."),
            ({"name": "Summer", "type": "moon"}, "Type: choose one of the two."),
            ({"name": " ", "type": "bulk"}, "Name must be 1 to 200 characters on one line."),
        ):
            page = await ann.post("/campaigns", **fields)
            assert page.status_code == 400
            assert f">{said}</span>" in page.text
            assert f'value="{fields["name"]}"' in page.text

    async def test_one_can_be_a_test_from_its_beginning(self, ann: Browser, context: Context, acme: Scope) -> None:
        begun = await ann.post("/campaigns", name="Try", type="bulk", test="yes")
        assert begun.status_code == 303
        assert "This belongs to test mode" in (await ann.look(begun.headers["Location"])).text
        test, _ = await campaigns.list_campaigns(context, replace(acme, live=False))
        assert [(each.name, each.live) for each in test] == [("Try", False)]
        assert "Try" not in await listed(ann, "active")

    async def test_one_of_test_mode_is_marked(self, ann: Browser) -> None:
        await ann.post("/mode", mode="test", next="/campaigns")
        assert "Test It is one of test mode." in words((await ann.look("/campaigns/new")).text)
        answer = await ann.post("/campaigns", name="Rehearsal", type="bulk")
        assert 'campaign <span class="pill warn">Test</span>' in (await ann.look(answer.headers["Location"])).text
        assert "Rehearsal Bulk · nothing sent yet · Test" in await listed(ann, "active")
        await ann.post("/mode", mode="live", next="/campaigns")
        assert "Rehearsal" not in await listed(ann, "active")


class TestChange:
    async def test_name_owner_and_team_by_form(self, app: object, context: Context) -> None:
        people = await world(context)
        ann, address = await browser(app, context, people, "ann"), f"/campaigns/{people.campaigns['key']}"
        page = (await ann.look(f"{address}/edit")).text
        tom, east = [re.search(rf'value="(\w+)">{name}<', page) for name in ("tom@example.com", "East")]
        assert tom
        assert east
        fields = form(page) | {"name": "Ours", "owner": tom[1], "team": east[1]}
        assert (await ann.post(f"{address}/edit", **fields)).headers["Location"] == f"{address}?done=saved"
        assert "Ours Bulk campaign" in words((await ann.look(address)).text)
        assert "Owner tom@example.com · Team East" in words((await ann.look(address)).text)
        taken = await ann.post(f"{address}/edit", **form(page), name="By ann.", owner="", team="")
        assert taken.status_code == 400
        assert "There is a campaign named" in taken.text

    async def test_what_was_left_as_shown_may_have_been_changed_by_another(self, ann: Browser, acme: Scope) -> None:
        address = (await ann.post("/campaigns", name="Spring", type="bulk")).headers["Location"].partition("?")[0]
        shown = form((await ann.look(f"{address}/edit")).text)
        await ann.post(f"{address}/edit", **shown, name="Summer", owner=shown["was_owner"], team="")
        await ann.post(f"{address}/edit", **shown, name="Spring", owner="", team="")
        page = words((await ann.look(address)).text)
        assert "Summer Bulk campaign" in page
        assert "Owner" not in page

    async def test_a_sender_changes_their_own_and_sees_no_menu_on_others(self, app: object, context: Context) -> None:
        people = await world(context)
        ann, zoe = [await browser(app, context, people, who) for who in ("ann", "zoe")]
        own, address = people.campaigns["zoe"], f"/campaigns/{people.campaigns['zoe']}"
        assert "More about this campaign" in (await zoe.look(address)).text
        assert 'name="owner"' not in (await zoe.look(f"{address}/edit")).text
        shown = form((await zoe.look(f"{address}/edit")).text)
        assert (await zoe.post(f"{address}/edit", **shown, name="Zoe's")).status_code == 303
        shown = form((await ann.look(f"{address}/edit")).text)
        await ann.post(f"{address}/edit", **shown, name="Zoe's", owner="")
        assert "More about this campaign" not in (await zoe.look(address)).text
        assert (await zoe.look(f"{address}/edit")).status_code == 403
        assert (await zoe.look(f"{address}/delete")).status_code == 403
        assert (await zoe.post(f"{address}/archive")).status_code == 403
        assert (await campaigns.get(context, people.scopes["ann"], own)).state == "active"


class TestStates:
    async def test_archived_and_back(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        address = f"/campaigns/{spring.id}"
        assert (await ann.post(f"{address}/archive")).headers["Location"] == f"{address}?done=archived"
        page = words((await ann.look(address)).text)
        assert "This campaign is archived since" in page
        assert "It takes no sends." in page
        assert "Spring" not in await listed(ann, "active")
        assert "None is active" in await listed(ann, "active")
        assert "Active 0 Archived 1 Deleted 0" in await listed(ann, "archived")
        assert "Spring Bulk" in await listed(ann, "archived")
        await ann.post(f"{address}/restore")
        assert "This campaign is archived" not in words((await ann.look(address)).text)
        assert "Spring Bulk" in await listed(ann, "active")

    async def test_deleting_says_first_what_stays(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        (sent,) = await made(context, acme, letter(campaign="Spring", cost_cents=150))
        address = f"/campaigns/{spring.id}"
        asked = words((await ann.look(f"{address}/delete")).text)
        assert "1 send, in the list of sends and in every report, with its tracking." in asked
        assert "Spring Bulk" in await listed(ann, "active")
        answer = await ann.post(f"{address}/delete")
        assert answer.headers["Location"] == "/campaigns?done=deleted"
        assert "What it sent stays in every report" in words((await ann.look("/campaigns?done=deleted")).text)
        for state, there in (("active", False), ("archived", False), ("deleted", True)):
            assert ("Spring Bulk" in await listed(ann, state)) is there
        assert f'href="{address}"' in (await ann.look(f"/sends/{sent['id']}")).text
        page = words((await ann.look(address)).text)
        assert "This campaign was deleted on" in page
        assert "Spent $1.50" in page
        assert (await ann.look(f"{address}/edit")).headers["Location"] == address
        assert (await ann.look(f"{address}/delete")).headers["Location"] == address
        await ann.post(f"{address}/restore")
        assert "Spring Bulk" in await listed(ann, "active")

    async def test_without_a_name_of_its_own_a_deleted_one_stays_so(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        await ann.post(f"/campaigns/{spring.id}/delete")
        await campaigns.add_campaign(context, acme, "Spring", "bulk")
        page = await ann.post(f"/campaigns/{spring.id}/restore")
        assert page.status_code == 409
        assert "rename that one, then restore this" in page.text
