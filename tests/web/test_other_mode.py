"""Links from one mode into the other."""

from dataclasses import replace

from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, campaigns
from sendtrail.services.context import Context
from tests.web.conftest import Browser
from tests.web.test_feeds import REPORT, given
from tests.web.test_pages import letter, made


async def test_what_is_in_the_other_mode_is_offered_there(ann: Browser, context: Context, acme: Scope) -> None:
    address = await given(context, acme, REPORT, "report.csv")
    await ann.post("/mode", mode="test")
    page = await ann.look(address)
    assert page.status_code == 404
    assert "This belongs to live mail" in page.text
    assert f'name="next" value="{address}"' in page.text
    gone = await ann.post("/mode", mode="live", next=address)
    assert (await ann.look(gone.headers["Location"])).status_code == 200


async def test_a_send_opens_whichever_its_mode(ann: Browser, context: Context, acme: Scope) -> None:
    (live,) = await made(context, acme, letter())
    (rehearsed,) = await made(context, replace(acme, live=False), letter())
    for mode in ("live", "test"):
        await ann.post("/mode", mode=mode)
        assert '<span class="pill warn">Test</span>' not in (await ann.look(f"/sends/{live['id']}")).text
        assert '<span class="pill warn">Test</span>' in (await ann.look(f"/sends/{rehearsed['id']}")).text


async def test_what_is_another_organizations_is_nowhere(ann: Browser, context: Context) -> None:
    other = await accounts.add_user(context, "bob@example.com", "admin", "Bolt", "long enough")
    scope = Scope(other.memberships[0].organization_id, True, "test")
    for theirs in (scope, replace(scope, live=False)):
        (send,) = await made(context, theirs, letter())
        page = await ann.look(f"/sends/{send['id']}")
        assert page.status_code == 404
        assert "belongs to" not in page.text


async def test_a_campaign_of_the_other_mode_is_offered_there_too(ann: Browser, context: Context, acme: Scope) -> None:
    campaign = await campaigns.add_campaign(context, replace(acme, live=False), "Rehearsal", "bulk")
    page = await ann.look(f"/campaigns/{campaign.id}")
    assert page.status_code == 404
    assert "This belongs to test mode" in page.text
