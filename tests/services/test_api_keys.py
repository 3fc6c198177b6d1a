"""API keys: what each may do, for whom it speaks, and that none is shown twice."""

from dataclasses import replace

import pytest

from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound
from sendtrail.domain.roles import EVERYTHING, READING, Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, api_keys, clients
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from tests.services.organizations import organization

PASSWORD = "long enough"
NARROW = {"keys.write": "organization", "sends.read": "organization"}
NARROW_RIGHTS = (Permission.KEYS_READ, Permission.KEYS_WRITE, Permission.SENDS_READ)


async def key(context: Context, scope: Scope, words: dict[str, str] | None = None, agency: bool = False) -> str:
    made = await api_keys.make(context, scope, "Shop", words, agency)
    assert made.key is not None
    return made.key


async def test_a_key_may_do_what_it_was_made_for(context: Context) -> None:
    acme = await organization(context)
    for words, rights in (
        (None, EVERYTHING),
        (api_keys.read_only(), READING),
        (
            {"sends.write": "organization"},
            dict.fromkeys((Permission.SENDS_READ, Permission.SENDS_WRITE), Reach.ORGANIZATION),
        ),
    ):
        scope = await api_keys.scope_of_key(context, await key(context, acme, words))
        assert scope is not None
        assert scope.rights == rights
        assert scope.member_id == 0


async def test_a_repeat_makes_no_other_key_and_shows_none(context: Context) -> None:
    acme = await organization(context)
    first = await api_keys.make(context, acme, "Shop", request=Request("k", b"x"))
    again = await api_keys.make(context, acme, "Shop", request=Request("k", b"x"))
    assert (again.id, again.key) == (first.id, None)
    assert first.key is not None
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select response from idempotency")
        assert all(first.key.encode() not in bytes(row[0]) for row in await cursor.fetchall())


async def test_no_key_may_do_more_than_who_makes_it(context: Context) -> None:
    acme = await organization(context)
    narrow = Scope(acme.organization_id, True, "key:1", rights={Permission.KEYS_WRITE: Reach.ORGANIZATION})
    for words in (None, api_keys.read_only(), {"money.write": "organization"}):
        with pytest.raises(Forbidden):
            await api_keys.make(context, narrow, "Shop", words)


async def test_nobody_revokes_a_key_that_may_do_more_than_they_may(context: Context) -> None:
    acme = await organization(context)
    narrow = Scope(acme.organization_id, True, "key:1", rights={Permission.KEYS_WRITE: Reach.ORGANIZATION})
    whole = await api_keys.make(context, acme, "Shop")
    assert whole.key is not None
    with pytest.raises(Forbidden):
        await api_keys.revoke_key(context, narrow, whole.id)
    assert await api_keys.scope_of_key(context, whole.key) is not None
    equal = await api_keys.make(context, acme, "Shop", {"keys.read": "organization"})
    with pytest.raises(Forbidden):
        await api_keys.revoke_key(context, narrow, equal.id)
    await api_keys.revoke_key(context, replace(narrow, rights=EVERYTHING), whole.id)
    assert await api_keys.scope_of_key(context, whole.key) is None


@pytest.mark.parametrize(
    ("name", "words", "param"),
    [
        ("", None, "name"),
        ("Shop", {}, "rights"),
        ("Shop", {"sends.fold": "own"}, "rights"),
        ("Shop", {"sends.write": "own"}, "rights"),
        ("Shop", {"sends.read": "organization", "reports.read": "teams"}, "rights"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_by_field(
    context: Context, name: str, words: dict[str, str] | None, param: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await api_keys.make(context, await organization(context), name, words)
    assert refusal.value.param == param


class TestAgencies:
    async def test_a_key_comes_to_the_clients_only_by_who_reaches_them(self, context: Context) -> None:
        agency = await organization(context, "Agency")
        await clients.add_client(context, agency, "Shop")
        for words, reaches in ((None, False), (None, True), (NARROW, True), (NARROW, False)):
            scope = await api_keys.scope_of_key(context, await key(context, agency, words, agency=reaches))
            assert scope is not None
            if reaches:
                assert (await api_keys.make(context, scope, "Next", NARROW, True)).agency
            else:
                with pytest.raises(Forbidden):
                    await api_keys.make(context, scope, "Next", NARROW, True)
        desk = Scope(agency.organization_id, True, "member:7", rights=dict.fromkeys(NARROW_RIGHTS, Reach.ORGANIZATION))
        with pytest.raises(Forbidden):
            await api_keys.make(context, desk, "Desk", {"sends.read": "organization"}, True)
        assert not (await api_keys.make(context, desk, "Desk", {"sends.read": "organization"})).agency

    async def test_a_client_begins_like_its_agency_and_its_admin_sees_it(self, context: Context) -> None:
        ann = await accounts.add_user(context, "ann@example.com", "admin", "Agency", PASSWORD)
        agency = Scope(ann.memberships[0].organization_id, True, f"member:{ann.id}")
        async with context.database.transaction() as connection:
            await connection.execute("update organization set time_zone = 'America/Denver', currency = 'CAD'")
        made = await clients.add_client(context, agency, " Shop ")
        assert await clients.list_clients(context, agency) == [made]
        own = Scope(context.ids.decode(made.id)[1], True, "test")
        organization = await accounts.organization(context, own)
        assert (organization.name, organization.time_zone, organization.currency) == ("Shop", "America/Denver", "CAD")
        assert await accounts.scope_of_member(context, ann.id, own.organization_id, True) is not None
        assert [await clients.is_client(context, each) for each in (agency, own)] == [False, True]
        with pytest.raises(Conflict):
            await clients.add_client(context, agency, "Agency")
        with pytest.raises(Forbidden):
            await clients.add_client(context, own, "Deeper")
        with pytest.raises(Invalid):
            await api_keys.make(context, own, "Shop", None, agency=True)

    async def test_an_agencys_key_speaks_for_its_clients_only_if_it_was_made_to(self, context: Context) -> None:
        agency, stranger = await organization(context, "Agency"), await organization(context, "Stranger")
        client = await clients.add_client(context, agency, "Shop")
        both, alone = await key(context, agency, None, True), await key(context, agency)
        scope = await api_keys.scope_of_key(context, both, client.id)
        assert scope is not None
        assert (scope.organization_id, scope.live) == (context.ids.decode(client.id)[1], True)
        assert scope.actor.startswith("key:")
        own = await api_keys.scope_of_key(context, both)
        assert own is not None
        assert own.organization_id == agency.organization_id
        with pytest.raises(Forbidden):
            await api_keys.scope_of_key(context, alone, client.id)
        for other in (context.ids.encode("organization", stranger.organization_id), "organization_0", "x"):
            with pytest.raises(NotFound):
                await api_keys.scope_of_key(context, both, other)
        assert await api_keys.scope_of_key(context, "st_live_0", client.id) is None
