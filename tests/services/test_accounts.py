"""Who gets in, how far they reach, and what is kept of their secrets."""

import asyncio
import hashlib
from threading import Event, Lock

import pytest
from argon2 import PasswordHasher

from sendtrail.domain.problems import Conflict, Invalid, NotFound, Unauthorized
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, api_keys, people
from sendtrail.services.context import Context
from tests.services.organizations import organization

PASSWORD = "correct horse battery"


async def column(context: Context, query: str) -> list[object]:
    async with context.database.transaction() as connection:
        cursor = await connection.execute(query.encode())
        return [row[0] async for row in cursor]


async def test_a_user_makes_an_organization_or_joins_the_one_of_that_name(context: Context) -> None:
    first = await accounts.add_user(context, "  Ann@Example.COM ", "admin", " Acme ", PASSWORD)
    second = await accounts.add_user(context, "bob@example.com", "admin", "Acme", PASSWORD)

    assert first.email == "ann@example.com"
    assert first.memberships == second.memberships
    assert await column(context, "select name from organization") == ["Acme"]


@pytest.mark.parametrize(
    "email",
    ["ann", "a,b@example.com", "a<b@example.com", "a@[b", '"a@example.com', "a(b)@example.com", "a@b@c", "a\u2028@b"],
)
async def test_what_is_not_one_plain_address_is_refused(context: Context, email: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await accounts.add_user(context, email, "admin", "Acme", PASSWORD)
    assert refusal.value.param == "email"


@pytest.mark.parametrize("name", ["A\u2028B", "A\x85B", "A\nB"])
async def test_a_name_stays_on_one_line(context: Context, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await accounts.add_user(context, "ann@example.com", "admin", name, PASSWORD)
    assert refusal.value.param == "organization"


async def test_no_more_passwords_are_hashed_at_once_than_memory_is_set_aside_for(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, most = 0, 0
    lock, gate = Lock(), Event()
    all_busy, loop = asyncio.Event(), asyncio.get_running_loop()

    def slow(_hash: str, _password: str) -> bool:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
            if under_way == accounts.HASHES_AT_ONCE:
                loop.call_soon_threadsafe(all_busy.set)
        gate.wait(5)
        with lock:
            under_way -= 1
        return False

    monkeypatch.setattr(accounts, "_matches", slow)
    tries = [asyncio.create_task(accounts.sign_in(context, f"{n}@example.com", "guess")) for n in range(8)]
    await all_busy.wait()
    gate.set()
    assert all(isinstance(each, Unauthorized) for each in await asyncio.gather(*tries, return_exceptions=True))
    assert most == accounts.HASHES_AT_ONCE


async def test_users_added_at_once_share_the_organization(context: Context) -> None:
    await asyncio.gather(*(accounts.add_user(context, f"{n}@example.com", "admin", "Acme", PASSWORD) for n in range(4)))

    assert await column(context, "select name from organization") == ["Acme"]
    assert await column(context, "select count(*) from membership") == [4]


@pytest.mark.parametrize(
    ("email", "role", "name", "password", "param"),
    [
        ("ann", "admin", "Acme", PASSWORD, "email"),
        ("ann@exa mple.com", "admin", "Acme", PASSWORD, "email"),
        ("ann\0@example.com", "admin", "Acme", PASSWORD, "email"),
        ("a" * 250 + "@example.com", "admin", "Acme", PASSWORD, "email"),
        ("ann@example.com", "owner", "Acme", PASSWORD, "role"),
        ("ann@example.com", "admin", "   ", PASSWORD, "organization"),
        ("ann@example.com", "admin", "Ac\nme", PASSWORD, "organization"),
        ("ann@example.com", "admin", "A" * 201, PASSWORD, "organization"),
        ("ann@example.com", "admin", "Acme", "1234567", "password"),
        ("ann@example.com", "admin", "Acme", "x" * 1025, "password"),
        ("ann@example.com", "admin", "Acme", "Ann@Example.com", "password"),
    ],
)
async def test_a_user_that_cannot_be_is_refused_by_field(
    context: Context, email: str, role: str, name: str, password: str, param: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await accounts.add_user(context, email, role, name, password)

    assert refusal.value.param == param
    assert "\n" not in refusal.value.message
    assert await column(context, "select id from organization") == []


async def test_a_user_may_have_a_role_of_the_organizations_own_but_not_of_anothers(context: Context) -> None:
    await accounts.add_user(context, "ann@example.com", "admin", "Acme", PASSWORD)
    acme = await accounts.scope_of_organization(context, "Acme", True)
    await people.put_role(context, acme, "Mailroom", {"sends.write": "organization"})

    bob = await accounts.add_user(context, "bob@example.com", "Mailroom", "Acme", PASSWORD)
    with pytest.raises(Invalid, match="role must be one of admin") as refusal:
        await accounts.add_user(context, "cy@example.com", "Mailroom", "Other", PASSWORD)

    scope = await accounts.scope_of_member(context, bob.id, bob.memberships[0].organization_id, True)
    assert scope is not None
    assert scope.rights == dict.fromkeys((Permission.SENDS_READ, Permission.SENDS_WRITE), Reach.ORGANIZATION)
    assert refusal.value.param == "role"
    assert await column(context, "select name from organization") == ["Acme"]


async def test_an_address_has_one_account_for_all_its_organizations(context: Context) -> None:
    await accounts.add_user(context, "ann@example.com", "admin", "Acme", PASSWORD)
    for home, password, why in (
        ("Other", "another one", "with another password"),
        ("Acme", PASSWORD, "already"),
    ):
        with pytest.raises(Conflict, match=why) as refusal:
            await accounts.add_user(context, "ANN@example.com", "admin", home, password)
        assert refusal.value.param == "email"
    assert await column(context, "select name from organization") == ["Acme"]

    await accounts.add_user(context, "Ann@example.com", "sender", "Other", PASSWORD)
    member = await accounts.sign_in(context, "ann@example.com", PASSWORD)
    assert {(each.organization, each.role) for each in member.memberships} == {("Acme", "admin"), ("Other", "sender")}


async def test_signing_in_takes_the_address_in_any_case_and_the_password_however_it_was_typed(context: Context) -> None:
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
    added = await accounts.add_user(context, "ann@example.com", "admin", "Acme", composed)

    assert await accounts.sign_in(context, " Ann@example.com", decomposed) == added


@pytest.mark.parametrize(
    ("email", "password"),
    [("acme@example.com", "wrong horse"), ("nobody@example.com", PASSWORD), ("\0", PASSWORD), ("acme@example.com", "")],
)
async def test_signing_in_does_not_say_what_was_wrong(context: Context, email: str, password: str) -> None:
    await accounts.add_user(context, "acme@example.com", "admin", "Acme", PASSWORD)

    with pytest.raises(Unauthorized) as refusal:
        await accounts.sign_in(context, email, password)

    assert refusal.value.message == "the e-mail address or the password is wrong"
    assert refusal.value.param is None


async def test_a_password_hashed_with_old_settings_is_hashed_anew_at_sign_in(context: Context) -> None:
    await accounts.add_user(context, "acme@example.com", "admin", "Acme", PASSWORD)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with context.database.transaction() as connection:
        await connection.execute("update member set password_hash = %s", [weak])

    await accounts.sign_in(context, "acme@example.com", PASSWORD)

    (kept,) = await column(context, "select password_hash from member")
    assert kept != weak
    await accounts.sign_in(context, "acme@example.com", PASSWORD)


async def test_somebody_who_left_the_organization_reaches_nothing(context: Context) -> None:
    member = await accounts.add_user(context, "ann@example.com", "admin", "Acme", PASSWORD)
    (membership,) = member.memberships

    scope = await accounts.scope_of_member(context, member.id, membership.organization_id, False)
    assert scope == Scope(membership.organization_id, False, f"member:{member.id}", member_id=member.id)
    async with context.database.transaction() as connection:
        await connection.execute("delete from membership")
    assert await accounts.scope_of_member(context, member.id, membership.organization_id, False) is None


async def test_a_key_reaches_its_organization_in_its_mode(context: Context) -> None:
    scope = await organization(context)
    live = await api_keys.add_key(context, "Acme", True)
    test = await api_keys.add_key(context, "Acme", False)

    found_live, found_test = await api_keys.scope_of_key(context, live), await api_keys.scope_of_key(context, test)

    assert live.startswith("st_live_")
    assert test.startswith("st_test_")
    assert found_live is not None
    assert found_test is not None
    assert (found_live.organization_id, found_live.live) == (scope.organization_id, True)
    assert (found_test.organization_id, found_test.live) == (scope.organization_id, False)
    assert found_live.actor != found_test.actor


async def test_a_key_is_kept_only_as_its_digest(context: Context) -> None:
    await organization(context)
    key = await api_keys.add_key(context, "Acme", True)

    assert await column(context, "select digest from api_key") == [hashlib.sha256(key.encode()).digest()]
    assert len(bytes.fromhex(key.removeprefix("st_live_"))) * 8 >= 160
    async with context.database.transaction() as connection:
        cursor = await connection.execute("select row_to_json(api_key)::text from api_key")
        row = await cursor.fetchone()
    assert row is not None
    assert key[12:] not in row[0]


async def test_a_key_that_we_did_not_make_or_that_was_revoked_opens_nothing(context: Context) -> None:
    scope = await organization(context)
    key = await api_keys.add_key(context, "Acme", True)
    (listed,) = await api_keys.list_keys(context, scope)

    await api_keys.revoke_key(context, scope, listed.id)
    await api_keys.revoke_key(context, scope, listed.id)

    assert await api_keys.scope_of_key(context, key) is None
    assert await api_keys.scope_of_key(context, key[:-1]) is None
    assert await api_keys.scope_of_key(context, "") is None
    (listed,) = await api_keys.list_keys(context, scope)
    assert listed.revoked_at is not None


async def test_the_use_of_a_key_is_written_once_a_day(context: Context) -> None:
    scope = await organization(context)
    key = await api_keys.add_key(context, "Acme", True)
    assert [key.last_used_on for key in await api_keys.list_keys(context, scope)] == [None]

    await api_keys.scope_of_key(context, key)
    written = await column(context, "select xmin::text from api_key")
    await api_keys.scope_of_key(context, key)

    assert await column(context, "select xmin::text from api_key") == written
    assert await column(context, "select last_used_on = (now() at time zone 'UTC')::date from api_key") == [True]


async def test_keys_are_listed_and_revoked_within_the_organization_and_mode_only(context: Context) -> None:
    acme, other = await organization(context), await organization(context, "Other")
    await api_keys.add_key(context, "Acme", True, "Shop")
    await api_keys.add_key(context, "Acme", False)
    (key,) = await api_keys.list_keys(context, acme)

    assert (key.name, key.live, key.hint[:8], len(key.hint)) == ("Shop", True, "st_live_", 12)
    assert await api_keys.list_keys(context, other) == []
    for foreign in (other, Scope(acme.organization_id, False, "cli")):
        with pytest.raises(NotFound):
            await api_keys.revoke_key(context, foreign, key.id)
    for nonsense in ("", "key_0000000000000", key.id.replace("key_", "feed_")):
        with pytest.raises(NotFound):
            await api_keys.revoke_key(context, acme, nonsense)


async def test_an_unknown_organization_has_no_keys_to_give(context: Context) -> None:
    for name in ("Nobody", "\0"):
        with pytest.raises(NotFound):
            await api_keys.add_key(context, name, True)


async def test_a_feed_reaches_the_organization_and_its_clients(context: Context) -> None:
    agency, client = await organization(context), await organization(context, "Client")
    await organization(context, "Stranger")
    async with context.database.transaction() as connection:
        await connection.execute(
            "update organization set parent_id = %s where id = %s", [agency.organization_id, client.organization_id]
        )
    feed = await accounts.add_feed(context, agency, "USPS")
    assert feed.password is not None

    found = await accounts.scope_of_feed(context, feed.username, feed.password)

    assert found is not None
    scope, feed_id = found
    assert scope.organizations == [agency.organization_id, client.organization_id]
    assert (scope.live, scope.actor) == (True, f"feed:{feed_id}")
    assert await column(context, "select password_digest from feed") == [
        hashlib.sha256(feed.password.encode()).digest()
    ]


async def test_wrong_or_revoked_credentials_open_nothing(context: Context) -> None:
    scope = await organization(context)
    feed = await accounts.add_feed(context, scope, "USPS")
    assert feed.password is not None
    for username, password in (
        (feed.username, "wrong"),
        (feed.username, ""),
        ("nobody", feed.password),
        ("\0", feed.password),
    ):
        assert await accounts.scope_of_feed(context, username, password) is None

    await accounts.revoke_feed(context, scope, feed.id)

    assert await accounts.scope_of_feed(context, feed.username, feed.password) is None
    (listed,) = await accounts.list_feeds(context, scope)
    assert (listed.name, listed.username, listed.revoked_at is None) == ("USPS", feed.username, False)


async def test_feeds_are_listed_and_revoked_within_the_organization_and_mode_only(context: Context) -> None:
    acme, other = await organization(context), await organization(context, "Other")
    feed = await accounts.add_feed(context, acme, "USPS")

    for foreign in (other, Scope(acme.organization_id, False, "cli")):
        assert await accounts.list_feeds(context, foreign) == []
        with pytest.raises(NotFound):
            await accounts.revoke_feed(context, foreign, feed.id)
