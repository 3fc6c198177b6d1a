"""What the addresses of an organization and of another one beside it can name, one thing of each sort."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from sendtrail.domain.bank_accounts import NewBankAccount
from sendtrail.domain.list_rows import Columns
from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.send import KindWord
from sendtrail.services import (
    accounts,
    api_keys,
    attending,
    attention,
    bank_accounts,
    budgets,
    campaign_changes,
    contacts,
    contents,
    destinations,
    feeds,
    funds,
    histories,
    hook_deliveries,
    hooks,
    invitations,
    links,
    list_imports,
    mailer_ids,
    mailing_lists,
    mailings,
    money,
    people,
    return_envelopes,
    saved_views,
    stock_orders,
    templates,
    trackers,
)
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import HookPlan
from sendtrail.services.landings import LinkPlan
from sendtrail.services.list_imports import ImportPlan
from sendtrail.services.mailing_lists import ListPlan
from sendtrail.services.mailings import MailingPlan
from sendtrail.services.orders import NewOrder, make_once
from sendtrail.services.templates import TemplatePlan
from sendtrail.services.trackers import TrackerPlan
from tests.people import PASSWORD, World


class Things(NamedTuple):
    """By owner, what an address can name; the owners of what belongs to an organization are `ann` and `fay`."""

    send: dict[str, str]
    campaign: dict[str, str]
    file: dict[str, str]
    feed: dict[str, str]
    member: dict[str, str]
    other: dict[str, str]
    team: dict[str, str]
    seat: dict[str, str]
    invitation: dict[str, str]
    mailer_id: dict[str, str]
    key: dict[str, str]
    view: dict[str, str]
    entry: dict[str, str]
    fund: dict[str, str]
    budget: dict[str, str]
    link: dict[str, str]
    destination: dict[str, str]
    hook: dict[str, str]
    delivery: dict[str, str]
    template: dict[str, str]
    mailing_list: dict[str, str]
    mailing: dict[str, str]
    mailing_list_import: dict[str, str]
    tracker: dict[str, str]
    webhook: dict[str, str]
    contact: dict[str, str]
    bank_account: dict[str, str]
    return_envelope: dict[str, str]
    stock_order: dict[str, str]
    envelope_order: dict[str, str]
    letter: dict[str, str]
    postcard: dict[str, str]
    self_mailer: dict[str, str]
    cheque: dict[str, str]
    content: dict[str, str]


def filled(path: str, number: str) -> str:
    """An address in which ids, parted by blanks, take the places of its parameters."""
    ids = iter(number.split())
    return re.sub(r"\{\w+\}", lambda _: next(ids), path)


async def pieces(content: bytes) -> Any:
    yield content


async def things(context: Context, made: World) -> Things:
    files: dict[str, str] = {}
    credentials: dict[str, str] = {}
    member: dict[str, str] = {}
    team: dict[str, str] = {}
    invitation: dict[str, str] = {}
    mailer_id: dict[str, str] = {}
    key: dict[str, str] = {}
    view: dict[str, str] = {}
    fund: dict[str, str] = {}
    budget: dict[str, str] = {}
    link: dict[str, str] = {}
    destination: dict[str, str] = {}
    hook: dict[str, str] = {}
    delivery: dict[str, str] = {}
    template: dict[str, str] = {}
    mailing_list: dict[str, str] = {}
    mailing: dict[str, str] = {}
    mailing_list_import: dict[str, str] = {}
    tracker: dict[str, str] = {}
    webhook: dict[str, str] = {}
    contact: dict[str, str] = {}
    bank_account: dict[str, str] = {}
    return_envelope: dict[str, str] = {}
    stock_order: dict[str, str] = {}
    envelope_order: dict[str, str] = {}
    ordered: dict[KindWord, dict[str, str]] = {"letter": {}, "postcard": {}, "self_mailer": {}, "cheque": {}}
    other: dict[str, str] = {}
    seat: dict[str, str] = {}
    oli = await accounts.add_user(context, "oli@example.com", "sender", "Other", PASSWORD)
    for name in ("ann", "fay"):
        scope = made.scopes[name]
        report = f"send,code,occurred_at\nletter_0,printed,2026-03-0{len(files) + 2}T10:00:00Z\n".encode()
        files[name] = (await feeds.receive_file(context, scope, pieces(report), "report.csv")).id
        await money.set_price(context, scope, "letter", 78)
        member[name] = context.ids.encode("member", made.members[name])
        other[name] = context.ids.encode("member", {"ann": made.members["zoe"], "fay": oli.id}[name])
        team[name] = (await people.add_team(context, scope, "Night")).id
        seat[name] = f"{team[name]} {member[name]}"
        await people.put_role(context, scope, "Auditor", {"audit.read": "organization"})
        await invitations.invite(context, scope, "new@example.com", "sender", False, "", "http://sendtrail.test")
        invitation[name] = (await invitations.list_invitations(context, scope))[0].id
        key[name] = (await api_keys.make(context, scope, "Shop")).id
        mid = {"ann": "901000111", "fay": "901000222"}[name]
        mailer_id[name] = (await mailer_ids.add_mailer_id(context, scope, mid)).id
        await saved_views.save(context, scope, "Late", "status=held")
        view[name] = (await saved_views.list_views(context, scope))[0].id
        credentials[name] = (await accounts.add_feed(context, scope, "Scans")).id
        fund[name] = (await funds.add_fund(context, scope, "Marketing")).id
        budget[name] = (await budgets.set_budget(context, scope, "all", 1_000_000)).id
        heard = HookPlan(events=["send.*"], url="https://8.8.8.8/")  # to which nobody sends here
        hook[name] = (await hooks.make(context, scope, heard)).id
        delivery[name] = f"{hook[name]} {(await hook_deliveries.try_out(context, scope, hook[name])).id}"
        plain = TemplatePlan(html="<p>Hello</p>")
        template[name] = context.ids.encode("template", (await templates.make(context, scope, plain)).id)
        paul = NewContact("1 Main St", "US", first_name="Paul")
        contact[name] = context.ids.encode("contact", (await contacts.make(context, scope, paul)).id)
        drawn = NewBankAccount("First Bank", "US", "12345678", routing_number="021000021", signature_text="Paul")
        bank_account[name] = context.ids.encode("bank_account", (await bank_accounts.make(context, scope, drawn)).id)
        mailing_list[name] = context.ids.encode(
            "mailing_list", (await mailing_lists.make(context, scope, ListPlan())).id
        )
        people_at = ImportPlan("https://8.8.8.8/", Columns({"first_name": "Name", "address_line1": "Street"}))
        imported = await list_imports.make(context, scope, people_at)
        drafted = await mailings.make(context, scope, MailingPlan(mailing_list=mailing_list[name]))
        mailing[name] = context.ids.encode("campaign", drafted.campaign_id)
        mailing_list_import[name] = context.ids.encode("mailing_list_import", imported.id)
        back = (await return_envelopes.make(context, scope, paul, None, None)).id
        return_envelope[name] = context.ids.encode("return_envelope", back)
        stock_order[name], placed = [
            context.ids.encode("return_envelope_order", order.id)
            for _ in range(2)
            for order in [await stock_orders.place(context, scope, return_envelope[name], 5000, None, None)]
        ]
        envelope_order[name] = f"{return_envelope[name]} {placed}"
        abroad = msgspec.structs.replace(paul, country="GB")  # a barcode would be one of the Mailer ID above
        for kind, numbers in ordered.items():
            printed = {"html": contents.html("<p>Hello</p>", "html")}
            order = NewOrder(kind=kind, to=abroad, from_=paul, documents=printed)
            numbers[name] = msgspec.json.decode(await make_once(context, scope, order, None))["id"]
        destination[name] = f"{name}.example.com"
        for host in (destination[name], "shop.example.com"):
            await destinations.add_destination(context, scope, host)
        there = TrackerPlan("https://shop.example.com/", 30)
        tracker[name] = context.ids.encode("tracker", (await trackers.make(context, scope, there)).id)
        orders = HookPlan(events=["letter.updated"], url="https://8.8.8.8/", format="postgrid_json")
        webhook[name] = (await hooks.make(context, scope, orders)).id
    sends = {name: view["id"] for name, view in made.sends.items()}
    for name, number in sends.items():
        scope, plan = made.scopes["fay" if name == "fay" else "ann"], LinkPlan("https://shop.example.com/")
        link[name] = (await links.make_link(context, scope, number, plan)).id
        await campaign_changes.change(context, scope, made.campaigns[name], link=plan)
    await histories.refresh(context, rest=timedelta())
    await attention.refresh(context, now=datetime.now(UTC) + timedelta(days=8))
    noticed = [
        entry
        for name in ("ann", "fay")
        for entry in (await attending.list_entries(context, made.scopes[name], attending.Wanted(), 100))[0]
    ]
    owners = {number: name for name, number in sends.items()}
    entry = {owners[each.about.id]: each.id for each in noticed if each.about.id in owners}
    return Things(
        sends,
        made.campaigns,
        files,
        credentials,
        member,
        other,
        team,
        seat,
        invitation,
        mailer_id,
        key,
        view,
        entry,
        fund,
        budget,
        link,
        destination,
        hook,
        delivery,
        template,
        mailing_list,
        mailing,
        mailing_list_import,
        tracker,
        webhook,
        contact,
        bank_account,
        return_envelope,
        stock_order,
        envelope_order,
        **ordered,
        content={name: f"{number} html" for name, number in ordered["letter"].items()},
    )
