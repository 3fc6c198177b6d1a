"""What an organization says of itself."""

import pytest

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.services import accounts, money, organizations
from sendtrail.services.context import Context
from tests.services.organizations import organization

SAME = {"name": "Acme", "time_zone": "America/New_York", "support_contact": "", "currency": "USD"}


async def test_everything_can_be_changed_before_money_is_counted(context: Context) -> None:
    scope = await organization(context)
    assert await organizations.may_change_currency(context, scope)
    await organizations.change(
        context, scope, name=" Bolt ", time_zone="Europe/Berlin", support_contact=" mail@bolt.example ", currency="EUR"
    )
    own = await accounts.organization(context, scope)
    assert own == accounts.Organization("Bolt", "Europe/Berlin", "EUR", "mail@bolt.example")
    assert own.support_link == "mailto:mail@bolt.example"


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("name", " "),
        ("name", "x" * 201),
        ("name", "a\nb"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../UTC"),
        ("support_contact", "the desk"),
        ("currency", "XXX"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(context: Context, param: str, value: str) -> None:
    scope = await organization(context)
    with pytest.raises(Invalid) as refusal:
        await organizations.change(context, scope, **SAME | {param: value})
    assert refusal.value.param == param
    assert (await accounts.organization(context, scope)).name == "Acme"


async def test_two_organizations_never_have_one_name(context: Context) -> None:
    await organization(context, "Bolt")
    scope = await organization(context)
    with pytest.raises(Conflict) as refusal:
        await organizations.change(context, scope, **SAME | {"name": "Bolt"})
    assert refusal.value.param == "name"


async def test_the_currency_stays_once_money_is_counted_in_it(context: Context) -> None:
    scope = await organization(context)
    await money.deposit(context, scope, 100)
    assert not await organizations.may_change_currency(context, scope)
    with pytest.raises(Conflict) as refusal:
        await organizations.change(context, scope, **SAME | {"currency": "EUR"})
    assert refusal.value.param == "currency"
    await organizations.change(context, scope, **SAME | {"name": "Acme Mail"})


def test_the_zones_offered_are_places() -> None:
    zones = organizations.time_zones()
    assert {"America/New_York", "Pacific/Honolulu", "UTC"} <= set(zones)
    assert not any(zone.startswith(("Etc/", "posix/")) for zone in zones)
