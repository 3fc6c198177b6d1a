"""Members, teams, roles and what hangs on them, as people use the pages."""

import re
from html import unescape

from sendtrail.services import mail, people, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session
from tests.people import PASSWORD, World, world
from tests.test_authorization import signed_in
from tests.web.conftest import Browser


async def browser(app: object, context: Context, made: World, who: str) -> Browser:
    return await signed_in(app, context, made, who)  # type: ignore[arg-type]  # the fixture gives a Litestar


async def test_somebody_is_invited_joins_and_sees_their_own(app: object, context: Context, stranger: Browser) -> None:
    made = await world(context)
    ann = await browser(app, context, made, "ann")
    refused = await ann.post("/settings/members", email="nobody", role="sender")
    assert refused.status_code == 400
    assert "must look like name@example.com" in refused.text
    done = await ann.post("/settings/members", email="new@example.com", role="manager|whole")
    assert done.headers["Location"] == "/settings/members?done=invited"
    assert "new@example.com" in (await ann.look("/settings/members")).text
    shown = unescape((await ann.look("/outbox")).text)
    found = re.search(r"http://sendtrail.test(/invite/[\w-]+)", shown)
    assert found
    page = await stranger.look(found[1])
    assert "Join Acme" in page.text
    short = await stranger.post(found[1], name="Nia", password="short")
    assert short.status_code == 400
    assert 'value="Nia"' in short.text
    joined = await stranger.post(found[1], name="Nia", password=PASSWORD)
    assert (joined.status_code, joined.headers["Location"]) == (303, "/")
    assert "To ann." in (await stranger.look("/sends")).text
    assert (await stranger.look(found[1])).status_code == 404
    assert (await stranger.look("/outbox")).status_code == 403


async def test_a_forgotten_password_is_replaced_by_link(app: object, context: Context, stranger: Browser) -> None:
    await world(context)
    answers = [(await stranger.post("/reset", email=email)).text for email in ("sam@example.com", "x@example.com")]
    assert answers[0] == answers[1]
    (email,) = await mail.outbox(context)
    found = re.search(r"http://127.0.0.1:8020(/reset/[\w-]+)", email.body)
    assert found
    assert "New password of sam@example.com" in (await stranger.look(found[1])).text
    assert (await stranger.post(found[1], password="short")).status_code == 400
    assert (await stranger.post(found[1], password="quite another one")).headers["Location"] == "/login"
    assert (await stranger.sign_in("sam@example.com", "quite another one")).status_code == 303
    assert (await stranger.look(found[1])).status_code == 404


async def test_signing_out_everywhere_ends_the_other_browsers(app: object, context: Context) -> None:
    made = await world(context)
    one, other = [await browser(app, context, made, "sam") for _ in range(2)]
    tom = await browser(app, context, made, "tom")
    assert (await one.post("/logout/everywhere")).headers["Location"] == "/login"
    assert (await other.look("/sends")).status_code == 303
    assert (await tom.look("/sends")).status_code == 200


async def test_switching_organizations_takes_a_new_session(app: object, context: Context) -> None:
    made = await world(context)
    async with context.database.transaction() as connection:
        await connection.execute(
            "insert into membership (organization_id, member_id, role) values (%(org)s, %(who)s, 'sender')",
            {"org": made.scopes["fay"].organization_id, "who": made.members["sam"]},
        )
    sam = await browser(app, context, made, "sam")
    before = sam.client.cookies["sendtrail_session"]
    page = (await sam.look("/sends")).text
    found = re.search(r'name="organization" value="(\w+)">Other<', page)
    assert found
    assert (await sam.post("/organization", organization=found[1])).headers["Location"] == "/"
    assert sam.client.cookies["sendtrail_session"] != before
    assert await sessions.find(context, before) is None
    assert "To sam." not in (await sam.look("/sends")).text
    (token,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    await sam.look("/sends")
    stale = await sam.client.post("/settings/password", data={"csrf": token, "old_password": "x"})
    assert stale.status_code == 409
    assert "This page was shown for another organization" in stale.text
    own = context.ids.encode("organization", made.scopes["ann"].organization_id)
    fay = await browser(app, context, made, "fay")
    assert (await fay.post("/organization", organization=own)).status_code == 404


async def test_a_sender_lands_on_their_sends_and_sees_no_settings_but_their_own(app: object, context: Context) -> None:
    made = await world(context)
    for who, front in (("ann", "/reports"), ("gus", "/reports"), ("mia", "/reports"), ("sam", "/sends")):
        visitor = await browser(app, context, made, who)
        assert (await visitor.look("/")).headers["Location"] == front
    page = (await (await browser(app, context, made, "sam")).look("/sends")).text
    assert 'href="/feeds"' not in page
    assert 'href="/welcome"' not in page
    assert 'href="/settings/account"' in page


async def test_whoever_sees_no_sends_lands_on_what_they_see(app: object, context: Context) -> None:
    made = await world(context)
    sam = context.ids.encode("member", made.members["sam"])
    for permission, front in (
        ("reports.read", "/reports"),
        ("feeds.write", "/feeds"),
        ("members.read", "/settings/members"),
        ("settings.read", "/help/statuses"),
    ):
        await people.put_role(context, made.scopes["ann"], "Odd", {permission: "own"})
        await people.change_role(context, made.scopes["ann"], sam, "Odd", False)
        visitor = await browser(app, context, made, "sam")
        assert (await visitor.look("/")).headers["Location"] == front
        assert (await visitor.look(front)).status_code == 200


async def test_members_teams_and_roles_are_changed_on_their_pages(app: object, context: Context) -> None:
    made = await world(context)
    ann, scope = await browser(app, context, made, "ann"), made.scopes["ann"]
    sam = context.ids.encode("member", made.members["sam"])
    own = context.ids.encode("member", made.members["ann"])
    assert (await ann.post("/settings/roles", name="Desk", **{"sends.write": "teams"})).status_code == 303
    assert "See sends" in (await ann.look("/settings/roles?role=Desk")).text
    assert (await ann.post("/settings/roles", name="Nil")).status_code == 400
    await ann.post(f"/settings/members/{sam}/role", role="Desk|whole")
    (now,) = [each for each in await people.list_people(context, scope) if each.id == sam]
    assert (now.role, now.whole) == ("Desk", True)
    last = await ann.post(f"/settings/members/{own}/remove")
    assert last.status_code == 400
    assert "An organization needs an admin" in last.text
    await ann.post("/settings/teams", name="West")
    west = (await people.list_teams(context, scope))[1]
    await ann.post(f"/settings/teams/{west.id}/enter", member=sam)
    page = (await ann.look("/settings/teams")).text
    assert f'Take out<span class="unseen"> sam@example.com of {west.name}' in page
    await ann.post(f"/settings/teams/{west.id}/exit", member=sam)
    await ann.post(f"/settings/members/{sam}/remove")
    assert "sam@example.com" not in (await ann.look("/settings/members")).text
    trail = (await ann.look("/settings/audit")).text
    for words in ("changed the role of sam@example.com", "removed sam@example.com", "began the team West"):
        assert words in trail


async def test_a_team_is_renamed_and_given_up_on_its_page(app: object, context: Context) -> None:
    made = await world(context)
    ann, scope = await browser(app, context, made, "ann"), made.scopes["ann"]
    (east,) = await people.list_teams(context, scope)
    await people.add_team(context, scope, "West")
    renamed = await ann.post(f"/settings/teams/{east.id}/rename", name="North")
    assert renamed.headers["Location"] == "/settings/teams?done=saved"
    taken = await ann.post(f"/settings/teams/{east.id}/rename", name="West")
    assert taken.status_code == 400
    assert "There is a team named &#39;West&#39; already" in taken.text
    assert "North" in (await ann.look(f"/sends/{made.sends['sam']['id']}")).text
    given_up = await ann.post(f"/settings/teams/{east.id}/remove")
    assert given_up.headers["Location"] == "/settings/teams?done=given_up"
    page = (await ann.look("/settings/teams?done=given_up")).text
    assert "The team is given up." in page
    assert "North" not in page
    assert "North" in (await ann.look(f"/sends/{made.sends['sam']['id']}")).text
    assert "To sam." not in (await (await browser(app, context, made, "mia")).look("/sends")).text
    trail = (await ann.look("/settings/audit")).text
    for words in ("renamed the team East", "removed the team North"):
        assert words in trail


async def test_everybody_has_an_account_page_where_they_change_their_name(app: object, context: Context) -> None:
    made = await world(context)
    sam = await browser(app, context, made, "sam")
    page = (await sam.look("/settings/account")).text
    for words in ("sam@example.com</dd>", "<dd>Sender</dd>", "<dd>East</dd>", 'href="/settings/password"'):
        assert words in page
    assert (await sam.post("/settings/account", name=" Sam Field ")).headers["Location"].endswith("?done=saved")
    assert 'value="Sam Field"' in (await sam.look("/settings/account")).text
    ann = await browser(app, context, made, "ann")
    assert "Sam Field" in (await ann.look("/settings/members")).text
    refused = await sam.post("/settings/account", name="a" * 201)
    assert refused.status_code == 400
    assert "Name must be 1 to 200 characters on one line." in refused.text
    gus = (await (await browser(app, context, made, "gus")).look("/settings/account")).text
    assert "<dd>Manager of the whole organization</dd>" in gus


async def test_the_settings_list_what_is_for_who_looks(app: object, context: Context) -> None:
    made = await world(context)
    for who, groups in (
        ("ann", ["You", "Organization", "People", "Connections", "Installation"]),
        ("fay", ["You", "Organization", "People", "Connections"]),
        ("mia", ["You", "People"]),
        ("sam", ["You"]),
    ):
        page = (await (await browser(app, context, made, who)).look("/settings/account")).text
        assert re.findall(r'<p class="label" id="group-\d">(\w+)</p>', page) == groups
        assert 'href="/settings/account" aria-current="page"' in page


async def test_a_session_of_an_organization_that_was_left_is_over(app: object, context: Context) -> None:
    made = await world(context)
    token = await sessions.begin(
        context, Session(made.members["sam"], "sam@example.com", made.scopes["fay"].organization_id)
    )
    sam = await browser(app, context, made, "sam")
    sam.client.cookies.clear()
    sam.client.cookies.set("sendtrail_session", token, domain="sendtrail.test")
    assert (await sam.look("/sends")).headers["Location"] == "/login?next=/sends"
