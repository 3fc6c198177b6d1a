"""Sends from CSV files, through the service."""

from pathlib import Path

from sendtrail.domain.scope import Scope
from sendtrail.services.campaigns import list_campaigns
from sendtrail.services.context import Context
from sendtrail.services.mailer_ids import add_mailer_id
from sendtrail.services.send_imports import Imported, import_sends
from sendtrail.services.tracker import Wanted, list_sends
from tests.services.organizations import organization as new_organization
from tests.store.piles import organization


async def imported(context: Context, scope: Scope, path: Path) -> tuple[Imported, list[str]]:
    steps = [step async for step in import_sends(context, scope, path)]
    return steps[-1][0], [reject.reason for _, rejects in steps for reject in rejects]


async def test_a_campaign_that_a_file_names_begins_with_it(context: Context, tmp_path: Path) -> None:
    scope = await organization(context)
    path = tmp_path / "mailing.csv"
    path.write_text("kind,to.name,campaign\nletter,Ann,Spring\nletter,Bo,Spring\nletter,Cy,\n")

    told, reasons = await imported(context, scope, path)

    assert (told.created, told.rejected, reasons) == (3, 0, [])
    (campaign,), _ = await list_campaigns(context, scope)
    assert (campaign.name, campaign.type) == ("Spring", "bulk")
    listed, _ = await list_sends(context, scope, Wanted(campaign="Spring"), 10)
    assert sorted(send["to"]["name"] for send in listed) == ["Ann", "Bo"]


async def test_the_same_file_again_makes_nothing_twice(context: Context, tmp_path: Path) -> None:
    scope = await organization(context)
    path = tmp_path / "mailing.csv"
    path.write_text("kind,to.name\nletter,Ann\nparcel,Bo\n")

    first, _ = await imported(context, scope, path)
    again, reasons = await imported(context, scope, path)

    assert (first.created, first.before, first.rejected) == (1, 0, 1)
    assert (again.created, again.before, again.rejected) == (0, 1, 1)
    assert len(reasons) == 1
    assert "kind" in reasons[0]


async def test_mail_without_a_barcode_is_counted_where_there_is_no_mailer_id(context: Context, tmp_path: Path) -> None:
    scope = await new_organization(context)
    path = tmp_path / "mailing.csv"
    path.write_text("kind,to.name,imb\nletter,Ann,\npostcard,Bo,\nletter,Cy,00310901000077000001\negift,Di,\n")
    assert (await imported(context, scope, path))[0].bare == 2
    assert (await imported(context, scope, path))[0].bare == 0

    await add_mailer_id(context, scope, "123456")
    path.write_text("kind,to.name\nletter,Eve\n")
    assert (await imported(context, scope, path))[0].bare == 0
