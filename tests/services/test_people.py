"""Members, teams, roles, invitations and new passwords."""

import asyncio
import re
from collections.abc import Awaitable
from datetime import timedelta
from time import monotonic

import pyotp
import pytest

from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound, SendtrailError, Unauthorized
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, audit, codes, invitations, mail, people, resets, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session
from sendtrail.web.settings_audit import WORDS
from tests.people import PASSWORD, ROLES, World, world

ADDRESS = "https://mail.example.com"


async def token(context: Context, kind: str = "invite") -> str:
    """That of the newest e-mail's link."""
    found = re.search(rf"{ADDRESS}/{kind}/(\S+)", (await mail.outbox(context))[0].body)
    assert found
    return found[1]


def member(context: Context, made: World, who: str) -> str:
    return context.ids.encode("member", made.members[who])


async def refused(kind: type[SendtrailError], work: Awaitable[object]) -> str | None:
    with pytest.raises(kind) as refusal:
        await work
    return refusal.value.param


async def query(context: Context, text: str) -> list[object]:
    async with context.database.snapshot() as connection:
        return [row[0] async for row in await connection.execute(text.encode())]


class TestInvitations:
    async def test_a_stranger_joins_with_a_password_of_their_own(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        (east,) = await people.list_teams(context, ann)
        await invitations.invite(context, ann, " New@Example.com", "manager", True, east.id, ADDRESS)
        link = await token(context)
        welcome = await invitations.look(context, link)
        assert (welcome.organization, welcome.email, welcome.role, welcome.known) == (
            "Acme",
            "new@example.com",
            "manager",
            False,
        )
        assert await refused(Invalid, invitations.accept(context, link, "Nia", "short")) == "password"
        session = await invitations.accept(context, link, "Nia", PASSWORD)
        assert session.organization_id == ann.organization_id
        (nia,) = [each for each in await people.list_people(context, ann) if each.email == "new@example.com"]
        assert (nia.name, nia.role, nia.whole, [team.name for team in nia.teams]) == ("Nia", "manager", True, ["East"])
        assert (await sessions.sign_in(context, "new@example.com", PASSWORD)).member_id == session.member_id
        for again in (invitations.look(context, link), invitations.accept(context, link, "Nia", PASSWORD)):
            await refused(NotFound, again)
        assert await invitations.list_invitations(context, ann) == []

    async def test_whoever_has_an_account_joins_with_its_password(self, context: Context) -> None:
        made = await world(context)
        await invitations.invite(context, made.scopes["ann"], "fay@example.com", "sender", False, "", ADDRESS)
        link = await token(context)
        assert (await invitations.look(context, link)).known
        await refused(Unauthorized, invitations.accept(context, link, "", "wrong password"))
        await invitations.accept(context, link, "", PASSWORD)
        fay = await accounts.person(context, made.members["fay"])
        assert [name for _, name in fay.organizations] == ["Acme", "Other"]
        scope = await accounts.scope_of_member(context, made.members["fay"], made.scopes["ann"].organization_id, True)
        assert scope is not None
        assert scope.reach(Permission.SENDS_READ) is Reach.OWN

    async def test_a_link_that_was_replaced_withdrawn_or_is_over_opens_nothing(self, context: Context) -> None:
        ann = (await world(context)).scopes["ann"]
        links = []
        for _ in range(2):
            await invitations.invite(context, ann, "new@example.com", "sender", False, "", ADDRESS)
            links.append(await token(context))
        await refused(NotFound, invitations.look(context, links[0]))
        (open_,) = await invitations.list_invitations(context, ann)
        await invitations.withdraw(context, ann, open_.id)
        await refused(NotFound, invitations.look(context, links[1]))
        await invitations.invite(context, ann, "new@example.com", "sender", False, "", ADDRESS)
        async with context.database.transaction() as connection:
            await connection.execute("update invitation set expires_at = now()")
        await refused(NotFound, invitations.accept(context, await token(context), "", PASSWORD))

    async def test_what_cannot_be_is_refused_by_field(self, context: Context) -> None:
        made = await world(context)
        ann, mia = made.scopes["ann"], made.scopes["mia"]

        async def invite(scope: Scope, email: str, role: str, team: str = "") -> None:
            await invitations.invite(context, scope, email, role, False, team, ADDRESS)

        assert await refused(Invalid, invite(ann, "nobody", "sender")) == "email"
        assert await refused(Invalid, invite(ann, "new@example.com", "king")) == "role"
        assert await refused(Conflict, invite(ann, "sam@example.com", "sender")) == "email"
        assert await refused(Invalid, invite(ann, "new@example.com", "sender", "team_0")) == "team"
        await refused(Forbidden, invite(mia, "new@example.com", "sender"))
        assert await mail.outbox(context) == []


class TestRoles:
    async def test_a_role_of_ones_own_gives_what_its_row_says(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        await people.put_role(context, ann, "Mailroom", {"sends.write": "teams", "feeds.read": "organization"})
        await people.change_role(context, ann, member(context, made, "sam"), "Mailroom", False)
        scope = await accounts.scope_of_member(context, made.members["sam"], ann.organization_id, True)
        assert scope is not None
        assert scope.rights == {
            Permission.SENDS_READ: Reach.TEAMS,
            Permission.SENDS_WRITE: Reach.TEAMS,
            Permission.FEEDS_READ: Reach.ORGANIZATION,
        }
        assert await refused(Conflict, people.remove_role(context, ann, "Mailroom")) == "name"
        await people.change_role(context, ann, member(context, made, "sam"), "sender", False)
        await people.remove_role(context, ann, "Mailroom")
        assert [role.name for role in await people.list_roles(context, ann)] == ["admin", "manager", "sender"]
        assert await refused(Invalid, people.change_role(context, ann, member(context, made, "sam"), "Mailroom", False))

    async def test_nobody_gives_or_takes_more_than_they_have(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        await people.put_role(context, ann, "Host", {"members.write": "organization", "sends.read": "own"})
        await people.change_role(context, ann, member(context, made, "zoe"), "Host", False)
        zoe = await accounts.scope_of_member(context, made.members["zoe"], ann.organization_id, True)
        assert zoe is not None
        for attempt in (
            people.change_role(context, zoe, member(context, made, "zoe"), "admin", False),
            people.change_role(context, zoe, member(context, made, "sam"), "Host", False),
            people.remove(context, zoe, member(context, made, "ann")),
            people.put_role(context, zoe, "Host", {"money.write": "organization"}),
            people.put_role(context, zoe, "Spy", {"sends.read": "teams"}),
            invitations.invite(context, zoe, "new@example.com", "admin", False, "", ADDRESS),
        ):
            await refused(Forbidden, attempt)

    async def test_nobody_opens_a_team_that_they_do_not_see(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        east, west = (await people.list_teams(context, ann))[0], await people.add_team(context, ann, "West")
        await people.put_role(context, ann, "Host", {"members.write": "organization", "sends.read": "teams"})
        await people.put_role(context, ann, "Desk", {"sends.read": "teams"})
        await people.put_role(context, ann, "Guest", {"sends.read": "own"})
        await people.enter_team(context, ann, west.id, member(context, made, "zoe"))
        for name, role in (("zoe", "Host"), ("tom", "Desk"), ("sam", "Guest")):
            await people.change_role(context, ann, member(context, made, name), role, False)
        zoe = await accounts.scope_of_member(context, made.members["zoe"], ann.organization_id, True)
        assert zoe is not None
        for attempt in (
            people.enter_team(context, zoe, east.id, member(context, made, "zoe")),
            people.exit_team(context, zoe, east.id, member(context, made, "tom")),
            people.change_role(context, zoe, member(context, made, "tom"), "Host", False),
            invitations.invite(context, zoe, "new@example.com", "Host", False, east.id, ADDRESS),
        ):
            await refused(Forbidden, attempt)
        await people.enter_team(context, zoe, west.id, member(context, made, "sam"))
        await invitations.invite(context, zoe, "new@example.com", "Desk", False, west.id, ADDRESS)
        await people.enter_team(context, ann, east.id, member(context, made, "zoe"))

    async def test_an_organization_keeps_an_admin(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        me = member(context, made, "ann")
        await refused(Conflict, people.change_role(context, ann, me, "sender", False))
        await refused(Conflict, people.remove(context, ann, me))
        await people.change_role(context, ann, member(context, made, "sam"), "admin", False)
        await people.remove(context, ann, me)

    async def test_two_admins_who_demote_each_other_leave_one(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        await people.change_role(context, ann, member(context, made, "sam"), "admin", False)
        sam = await accounts.scope_of_member(context, made.members["sam"], ann.organization_id, True)
        assert sam is not None
        results = await asyncio.gather(
            people.change_role(context, ann, member(context, made, "sam"), "sender", False),
            people.change_role(context, sam, member(context, made, "ann"), "sender", False),
            return_exceptions=True,
        )
        assert [type(each) for each in results if isinstance(each, BaseException)] == [Conflict]
        assert await query(context, "select count(*) from membership where role = 'admin' and organization_id = 1") == [
            1
        ]

    @pytest.mark.parametrize(
        ("name", "rights", "param"),
        [
            ("", {"sends.read": "own"}, "name"),
            ("Admin", {"sends.read": "own"}, "name"),
            ("Void", {}, "rights"),
            ("Odd", {"sends.eat": "own"}, "rights"),
        ],
    )
    async def test_a_role_that_cannot_be_is_refused_by_field(
        self, context: Context, name: str, rights: dict[str, str], param: str
    ) -> None:
        ann = (await world(context)).scopes["ann"]
        assert await refused(SendtrailError, people.put_role(context, ann, name, rights)) == param


class TestMembers:
    async def test_a_new_role_and_a_farewell_end_the_sessions(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        for leaves in (False, True):
            mine = Session(made.members["sam"], "sam@example.com", ann.organization_id)
            toms = Session(made.members["tom"], "tom@example.com", ann.organization_id)
            session, other = await sessions.begin(context, mine), await sessions.begin(context, toms)
            sam = member(context, made, "sam")
            if leaves:
                await people.remove(context, ann, sam)
            else:
                await people.change_role(context, ann, sam, "manager", False)
            assert await sessions.find(context, session) is None
            assert await sessions.find(context, other) is not None
        assert await accounts.scope_of_member(context, made.members["sam"], ann.organization_id, True) is None

    async def test_what_somebody_sent_stays_when_they_leave(self, context: Context) -> None:
        made = await world(context)
        await people.remove(context, made.scopes["ann"], member(context, made, "sam"))
        assert await query(context, "select count(*) from send where owner_id <> 0 and owner_id not in"
                                    " (select member_id from membership)") == [2]  # fmt: skip

    async def test_a_team_is_seen_by_the_manager_who_comes_into_it(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        west = await people.add_team(context, ann, "West")
        assert await refused(Conflict, people.add_team(context, ann, "West")) == "name"
        for _ in range(2):
            await people.enter_team(context, ann, west.id, member(context, made, "zoe"))
        await refused(NotFound, people.enter_team(context, ann, west.id, member(context, made, "fay")))
        await refused(NotFound, people.enter_team(context, made.scopes["fay"], west.id, member(context, made, "fay")))
        assert [each.name for each in await people.list_teams(context, ann)] == ["East", "West"]
        await people.exit_team(context, ann, west.id, member(context, made, "zoe"))
        assert [len(each.members) for each in await people.list_teams(context, ann)] == [3, 0]


class TestResets:
    async def test_a_link_changes_the_password_once_and_ends_all_sessions(self, context: Context) -> None:
        made = await world(context)
        session = await sessions.begin(context, Session(made.members["sam"], "sam@example.com", 1))
        await resets.ask(context, " Sam@Example.com ", ADDRESS)
        link = await token(context, "reset")
        assert await resets.look(context, link) == "sam@example.com"
        assert await refused(Invalid, resets.change(context, link, "short")) == "password"
        await resets.change(context, link, "another one")
        assert await sessions.find(context, session) is None
        assert (await sessions.sign_in(context, "sam@example.com", "another one")).member_id == made.members["sam"]
        await refused(NotFound, resets.change(context, link, "and a third one"))

    async def test_a_link_is_void_once_the_password_is_another(self, context: Context) -> None:
        await world(context)
        link = (await resets.link(context, "sam@example.com", ADDRESS)).rpartition("/")[2]
        session = await sessions.sign_in(context, "sam@example.com", PASSWORD)
        await sessions.change_password(context, session, "", PASSWORD, "another one")
        await refused(NotFound, resets.change(context, link, "and a third one"))

    async def test_how_long_it_takes_does_not_tell_whether_there_is_an_account(self, context: Context) -> None:
        await world(context)
        for email in ("sam@example.com", "nobody@example.com", "\0"):
            began = monotonic()
            await resets.ask(context, email, ADDRESS)
            assert monotonic() - began >= 0.1

    async def test_a_stranger_gets_no_e_mail_and_a_member_not_too_many(self, context: Context) -> None:
        await world(context)
        for email in ("nobody@example.com", "\0", *["sam@example.com"] * 9):
            await resets.ask(context, email, ADDRESS)
        assert len(await mail.outbox(context)) == 5

    async def test_the_newest_link_alone_opens_and_for_an_hour(self, context: Context) -> None:
        await world(context)
        old, new = [(await resets.link(context, "sam@example.com", ADDRESS)).rpartition("/")[2] for _ in range(2)]
        await refused(NotFound, resets.look(context, old))
        assert await resets.look(context, new)
        async with context.database.transaction() as connection:
            await connection.execute("update password_reset set expires_at = now()")
        await refused(NotFound, resets.change(context, new, PASSWORD))
        assert await refused(NotFound, resets.link(context, "nobody@example.com", ADDRESS)) == "email"


class TestAudit:
    async def test_each_change_is_noted_with_who_made_it(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        await people.change_role(context, ann, member(context, made, "sam"), "manager", True)
        await accounts.add_feed(context, ann, "Scans")
        notes, after = await audit.list_notes(context, ann, 2)
        assert [(note.who, note.action, note.subject) for note in notes] == [
            ("ann@example.com", "feed.added", "Scans"),
            ("ann@example.com", "member.role_changed", "sam@example.com"),
        ]
        assert notes[1].detail == {"role": "manager", "whole": True, "before": "sender"}
        assert after is not None
        assert "feed.added" not in {note.action for note in (await audit.list_notes(context, ann, 9, after))[0]}
        (first,), after = await audit.list_notes(context, ann, 1)
        assert (first, (await audit.list_notes(context, ann, 1, after))[0]) == (notes[0], notes[1:2])
        assert not {note.subject for note in notes} & {
            note.subject for note in (await audit.list_notes(context, made.scopes["fay"]))[0]
        }
        assert await refused(Invalid, audit.list_notes(context, ann, 1, "letter_0")) == "after"

    async def test_what_was_not_done_is_not_noted(self, context: Context) -> None:
        made = await world(context)
        ann = made.scopes["ann"]
        before = await audit.list_notes(context, ann)
        await refused(Conflict, people.change_role(context, ann, member(context, made, "ann"), "sender", False))
        assert await audit.list_notes(context, ann) == before

    async def test_what_becomes_of_an_account_is_noted_where_its_owner_belongs(self, context: Context) -> None:
        made = await world(context)
        before, others = [(await audit.list_notes(context, made.scopes[who]))[0] for who in ("ann", "fay")]
        joined = [(note.who, note.subject) for note in before if note.action == "member.joined"]
        assert sorted(joined) == [("cli", f"{name}@example.com") for name in sorted(ROLES)]
        session = await sessions.sign_in(context, "sam@example.com", PASSWORD)
        await refused(Unauthorized, sessions.sign_in(context, "sam@example.com", "guess"))
        await refused(Unauthorized, sessions.sign_in(context, "nobody@example.com", "guess"))
        await sessions.change_password(context, session, "", PASSWORD, "another one")
        await sessions.end_all(context, session)
        await resets.ask(context, "sam@example.com", ADDRESS)
        await resets.change(context, await token(context, "reset"), PASSWORD)
        totp = pyotp.TOTP(codes.new_secret())
        recovery = await codes.begin(context, session, PASSWORD, totp.secret, totp.now())
        await sessions.sign_in(context, "sam@example.com", PASSWORD)
        await codes.check(context, session, recovery[0])
        await refused(Unauthorized, codes.check(context, session, recovery[0]))
        await codes.end(context, session, PASSWORD)
        await resets.link(context, "sam@example.com", ADDRESS)
        await codes.forget(context, "sam@example.com")
        notes = (await audit.list_notes(context, made.scopes["ann"]))[0][: -len(before)]
        me = "sam@example.com"
        assert [(note.who, note.action.removeprefix("account.")) for note in reversed(notes)] == [
            (me, "signed_in"),
            ("somebody", "refused"),
            (me, "password_changed"),
            (me, "signed_out"),
            ("somebody", "reset_asked"),
            (me, "password_reset"),
            (me, "codes_begun"),
            (me, "signed_in"),
            (me, "code_refused"),
            (me, "codes_ended"),
            ("cli", "reset_asked"),
            ("cli", "codes_ended"),
        ]
        assert {note.subject for note in notes} == {me}
        assert {note.action for note in notes} <= WORDS.keys()
        assert (await audit.list_notes(context, made.scopes["fay"]))[0] == others


async def test_an_agencys_admin_is_its_clients_too(context: Context) -> None:
    made = await world(context)
    acme, other = made.scopes["ann"].organization_id, made.scopes["fay"].organization_id
    async with context.database.transaction() as connection:
        await connection.execute(
            "update organization set parent_id = %(acme)s where id = %(other)s", {"acme": acme, "other": other}
        )
    scope = await accounts.scope_of_member(context, made.members["ann"], other, True)
    assert scope is not None
    assert scope.may(Permission.SETTINGS_WRITE)
    assert [name for _, name in (await accounts.person(context, made.members["ann"])).organizations] == [
        "Acme",
        "Other",
    ]
    for who in ("gus", "sam"):
        assert await accounts.scope_of_member(context, made.members[who], other, True) is None
    assert await accounts.scope_of_member(context, made.members["fay"], acme, True) is None


async def test_the_installations_admin_is_an_admin_somewhere(context: Context) -> None:
    made = await world(context)
    await people.change_role(context, made.scopes["ann"], member(context, made, "sam"), "admin", False)
    for role, operator in (("sender", False), ("admin", True)):
        await people.change_role(context, made.scopes["ann"], member(context, made, "ann"), role, False)
        assert (await accounts.person(context, made.members["ann"])).operator == operator


async def test_the_first_member_is_the_installations_admin(context: Context) -> None:
    made = await world(context)
    assert [who for who in made.members if (await accounts.person(context, made.members[who])).operator] == ["ann"]
    assert timedelta(hours=1) >= resets.LIFETIME
