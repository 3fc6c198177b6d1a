"""Whose serial numbers are whose."""

import asyncio
from dataclasses import replace

import pytest

from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.services.mailer_ids import MailerId, add_mailer_id, list_mailer_ids, remove_mailer_id
from tests.services.organizations import organization


@pytest.mark.parametrize(
    ("mid", "last_serial"), [("123456", 999_999_999), ("012345", 999_999_999), ("912345678", 999_999)]
)
async def test_a_mailer_id_without_a_range_has_all_of_its_serial_numbers(
    context: Context, mid: str, last_serial: int
) -> None:
    scope = await organization(context)

    added = await add_mailer_id(context, scope, mid)

    assert (added.mid, added.first_serial, added.last_serial, added.next_serial) == (mid, 0, last_serial, 0)
    assert await list_mailer_ids(context, scope) == [added]


@pytest.mark.parametrize(
    ("mid", "first", "last", "param"),
    [
        ("12345", None, None, "mid"),
        ("999999", None, None, "mid"),
        ("123456789", None, None, "mid"),
        ("912345", None, None, "mid"),
        ("12345a", None, None, "mid"),
        ("١٢٣٤٥٦", None, None, "mid"),
        ("", None, None, "mid"),
        ("912345678", 1_000_000, None, "first_serial"),
        ("912345678", -1, None, "first_serial"),
        ("912345678", 0, 1_000_000, "last_serial"),
        ("912345678", 5, 4, "last_serial"),
    ],
)
async def test_what_is_no_mailer_id_or_range_is_refused_by_field(
    context: Context, mid: str, first: int | None, last: int | None, param: str
) -> None:
    scope = await organization(context)

    with pytest.raises(Invalid) as refusal:
        await add_mailer_id(context, scope, mid, first, last)

    assert refusal.value.param == param


async def test_six_digits_that_begin_with_9_are_told_apart(context: Context) -> None:
    with pytest.raises(Invalid, match="a Mailer ID of 6 digits does not begin with 9"):
        await add_mailer_id(context, await organization(context), "999999")


async def test_what_was_registered_by_mistake_can_be_taken_back_while_no_piece_has_it(context: Context) -> None:
    scope, other = await organization(context, "First"), await organization(context, "Second")
    mistyped = await add_mailer_id(context, scope, "123456")
    for stranger in (other, replace(scope, live=False)):
        with pytest.raises(NotFound):
            await remove_mailer_id(context, stranger, mistyped.id)
    await remove_mailer_id(context, scope, mistyped.id)
    assert await list_mailer_ids(context, scope) == []
    for unknown in (mistyped.id, "send_0", "x"):
        with pytest.raises(NotFound):
            await remove_mailer_id(context, scope, unknown)

    kept = await add_mailer_id(context, scope, "123456")
    own = NewSend(kind="letter", to=Address(name="Ann"), imb="00310123456000000077")
    await sends.create(context, scope, [own])
    with pytest.raises(Conflict, match="pieces carry barcodes"):
        await remove_mailer_id(context, scope, kept.id)
    assert await list_mailer_ids(context, scope) == [kept]


async def test_another_organizations_live_range_is_refused_without_saying_whose_it_is(context: Context) -> None:
    first, second = await organization(context, "First"), await organization(context, "Second")
    await add_mailer_id(context, first, "123456", 0, 999)

    with pytest.raises(Conflict) as refusal:
        await add_mailer_id(context, second, "123456", 999, 2000)

    assert refusal.value.param == "mid"
    assert "First" not in refusal.value.message
    await add_mailer_id(context, second, "123456", 1000, 2000)


async def test_ranges_of_one_organization_do_not_overlap_in_either_mode(context: Context) -> None:
    for live in (True, False):
        scope = await organization(context, f"Acme {live}", live=live)
        await add_mailer_id(context, scope, "234567" if live else "345678", 10, 20)
        for first, last in ((0, 10), (20, 30), (12, 13), (0, 999)):
            with pytest.raises(Conflict):
                await add_mailer_id(context, scope, "234567" if live else "345678", first, last)


async def test_in_test_mode_everybody_may_rehearse_with_any_mailer_id(context: Context) -> None:
    live = await organization(context, "First")
    await add_mailer_id(context, live, "123456")

    test = await organization(context, "Second", live=False)
    await add_mailer_id(context, test, "123456")
    await add_mailer_id(context, replace(live, live=False), "123456")

    assert len(await list_mailer_ids(context, live)) == 1


async def test_of_those_who_ask_at_once_one_gets_the_range(context: Context) -> None:
    scopes = [await organization(context, f"Organization {n}") for n in range(3)]

    results = await asyncio.gather(
        *(add_mailer_id(context, scope, "123456") for scope in scopes * 2), return_exceptions=True
    )

    assert sum(isinstance(result, MailerId) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 5


async def test_the_next_serial_number_moves_with_each_piece(context: Context) -> None:
    scope = await organization(context)
    await add_mailer_id(context, scope, "912345678", 41, 42)
    letter = NewSend(kind="letter", to=Address(name="Ann", postal_code="12345"))

    (sent,) = await sends.create(context, scope, [letter])

    assert isinstance(sent, dict)
    assert sent["imb"][5:20] == "912345678000041"
    (listed,) = await list_mailer_ids(context, scope)
    assert listed.next_serial == 42


async def test_an_own_mailer_id_gives_barcodes_before_a_samples(context: Context) -> None:
    scope = replace(await organization(context), live=False)
    await add_mailer_id(context, scope, "800001", sample=True)
    own = await add_mailer_id(context, scope, "123456")
    (made,) = await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ann"))])
    assert isinstance(made, dict)
    assert made["imb"][5:11] == "123456"
    assert (await list_mailer_ids(context, scope))[0].id == own.id
