"""The key that is not in the database: made once, never anew, never another one."""

import asyncio
from dataclasses import replace

import pytest

from sendtrail.domain.bank_accounts import NewBankAccount
from sendtrail.services import bank_accounts
from sendtrail.services.context import Context
from sendtrail.services.sealing import Unopenable, opens, seal_of
from sendtrail.store.system import sealed
from tests.services.organizations import organization

ACCOUNT = NewBankAccount("First Bank", "US", "12345678", routing_number="021000021", signature_text="Ann Lee")


async def test_makers_at_once_share_one_key_that_only_its_owner_can_read(context: Context) -> None:
    assert await opens(context)
    seals = await asyncio.gather(*(seal_of(context) for _ in range(8)))

    path = context.config.secret_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert {each.open(seals[0].seal("12345678", (1, True)), (1, True)) for each in seals} == {"12345678"}


async def test_what_is_kept_opens_with_the_key_for_its_organization_and_mode_alone(context: Context) -> None:
    scope = await organization(context)
    row = await bank_accounts.make(context, scope, ACCOUNT)
    async with context.database.snapshot() as connection:
        kept = await sealed.newest(connection)
    assert kept is not None

    seal = await seal_of(context)

    assert b"12345678" not in kept.account_number
    assert row.last4 == "5678"
    assert seal.open(kept.account_number, (scope.organization_id, True)) == "12345678"
    for owner in ((scope.organization_id, False), (scope.organization_id + 1, True)):
        with pytest.raises(Unopenable):
            seal.open(kept.account_number, owner)


async def test_no_second_key_is_ever_used(context: Context) -> None:
    scope = await organization(context)
    await bank_accounts.make(context, scope, ACCOUNT)
    path = context.config.secret_key
    right = path.read_text()

    for wrong in ("", right[:-2], "00" * 32):
        path.write_text(wrong)
        with pytest.raises(Unopenable):
            await bank_accounts.make(context, scope, ACCOUNT)
        assert not await opens(context)
    path.unlink()
    with pytest.raises(Unopenable, match="SENDTRAIL_SECRET_KEY_FILE must name it"):
        await bank_accounts.make(context, scope, ACCOUNT)
    assert not path.exists()

    elsewhere = path.with_name("elsewhere.key")
    elsewhere.write_text(right)
    moved = replace(context, config=replace(context.config, secret_key_file=elsewhere))
    assert (await bank_accounts.make(moved, scope, ACCOUNT)).last4 == "5678"
    assert await opens(moved)
