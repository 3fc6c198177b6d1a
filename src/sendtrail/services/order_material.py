"""All that orders name, read at once, and what they become as sends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.pieces import Cheque, Making, content_of
from sendtrail.domain.postgrid.classes import carried
from sendtrail.domain.postgrid.trackers import named_in
from sendtrail.domain.problems import Forbidden, Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, KindWord, NewSend
from sendtrail.services import contacts, contents, trackers
from sendtrail.services.context import Context
from sendtrail.store import documents, nouns, organizations
from sendtrail.store.bank_accounts import BANK_ACCOUNT, BankAccountRow
from sendtrail.store.contacts import ContactRow
from sendtrail.store.database import Connection
from sendtrail.store.documents import Document
from sendtrail.store.templates import TEMPLATE

R = TypeVar("R", bound=tuple[Any, ...])
Someone = NewContact | int
"""A contact as it was given, settled, or the number of one."""
CURRENCIES = {"US": "USD", "CA": "CAD"}
"""Of cheques, by the country of their account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """One order. `to` is None for a digital cheque alone, which has its payee's name.

    `making`: with `mailing_class` and `extra_service` as they were asked for; `templates` by number, and `contents`
    that are kept already, also those that templates gave: these are not read again then. `from_`: as a row, also of a
    contact that was deleted. `documents`: further contents by part, to be kept. `send_date`: None for the next day.
    `campaign`: by id or name. `return_envelope`: its number.
    """

    kind: KindWord
    to: Someone | None
    from_: Someone | ContactRow | None = None
    making: Making = field(default_factory=Making)
    documents: Mapping[str, Document] = field(default_factory=dict)
    send_date: date | None = None
    campaign: str = ""
    description: str = ""
    metadata: dict[str, Any] | None = None
    return_envelope: int | None = None
    redirect_to: Someone | None = None

    @property
    def people(self) -> list[Someone | ContactRow]:
        return [each for each in (self.to, self.from_, self.redirect_to) if each is not None]


class Prepared(NamedTuple):
    """An order that can be accepted as far as is known before it is."""

    order: NewOrder
    send: NewSend
    making: Making
    documents: Mapping[str, Document]
    to: ContactRow | None
    from_: ContactRow | None

    @property
    def is_digital(self) -> bool:
        """Whether it is a cheque that is never printed."""
        return self.making.cheque is not None and self.making.cheque.digital_only is not None


@dataclass(frozen=True, slots=True)
class Material:
    """All that orders name."""

    context: Context
    scope: Scope
    today: date
    new: Mapping[bytes, ContactRow]
    known: Mapping[int, ContactRow]
    templates: Mapping[int, Document]
    accounts: Mapping[int, BankAccountRow]
    named: Mapping[str, Sequence[str]]
    trackers: Mapping[str, int]

    def prepare(self, order: NewOrder) -> Prepared:
        """Raises SendtrailError, by what PostGrid's client calls the field."""
        to, from_ = self._person(order.to, "to"), self._person(order.from_, "from")
        redirect = self._person(order.redirect_to, "redirectTo")
        address = contacts.address_of(to) if to else Address(name=_payee(order.making))
        asked = order.making
        way = carried(asked.mailing_class, asked.extra_service, order.kind, address.country)
        documents, making = self._contents(order)
        if making.cheque:
            making.cheque = self._cheque(making.cheque, redirect)
        send = NewSend(
            kind=order.kind,
            to=address,
            from_=contacts.address_of(from_) if from_ else None,
            campaign=order.campaign,
            send_date=self._day(order.send_date),
            mailing_class=way.mailing_class,
            extra_service=way.extra_service,
            post=way.post,
            metadata=order.metadata,
            cost_cents=0 if making.cheque and making.cheque.digital_only is not None else None,
        )
        return Prepared(order, send, making, documents, to, from_)

    def _day(self, asked: date | None) -> date:
        """A moment of today may lie on the day before in UTC, by which PostGrid's client writes days."""
        if asked is None:
            return self.today + timedelta(days=1)
        if asked < min(self.today, datetime.now(UTC).date()):
            raise Invalid(f"sendDate {asked} is over: it must be today, {self.today}, or later", "sendDate")
        return max(asked, self.today)

    def _person(self, who: Someone | ContactRow | None, param: str) -> ContactRow | None:
        if who is None or isinstance(who, ContactRow):
            return who
        if isinstance(who, NewContact):
            return self.new[who.digest]
        row = self.known.get(who)
        if row is None or row.deleted_at is not None:
            raise NotFound(f"no contact {self.context.ids.encode('contact', who)!a}", param)
        return row

    def _contents(self, order: NewOrder) -> tuple[dict[str, Document], Making]:
        """What is to be kept by part, and the making that names all of it."""
        kept = dict(order.documents)
        for part, number in order.making.templates.items():
            if content_of(part) in order.making.contents:
                continue
            if number not in self.templates:
                raise NotFound(f"no template {self.context.ids.encode('template', number)!a}", _camel(part))
            kept[content_of(part)] = template = self.templates[number]
            if not template.content.strip():
                public_id = self.context.ids.encode("template", number)
                raise Invalid(f"{_camel(part)} {public_id} is empty: give it its HTML first", _camel(part))
        digests = {**order.making.contents, **{part: document.digest for part, document in kept.items()}}
        linked: dict[int, None] = {}
        variables = {name.lower() for name in order.making.merge_variables or ()}
        for part, digest in digests.items():
            for public_id in self.named.get(digest, ()):
                if public_id not in self.trackers:
                    if public_id.partition(".")[0] in variables:
                        continue
                    raise NotFound(f"no tracker {public_id!a}", _camel(part))
                linked[self.trackers[public_id]] = None
        return kept, msgspec.structs.replace(order.making, contents=digests, trackers=list(linked))

    def _cheque(self, cheque: Cheque, redirect: ContactRow | None) -> Cheque:
        check_draws(self.scope)
        row = self.accounts.get(cheque.bank_account)
        if row is None or row.deleted_at is not None:
            public_id = self.context.ids.encode("bank_account", cheque.bank_account)
            raise NotFound(f"no bank_account {public_id!a}", "bankAccount")
        currency = cheque.currency or CURRENCIES[row.country]
        return msgspec.structs.replace(cheque, currency=currency, redirect_to=redirect.id if redirect else 0)


def check_draws(scope: Scope) -> None:
    """Forbidden for who may not see which accounts cheques draw on: they may not name one either."""
    if not scope.may(Permission.BANK_ACCOUNTS_READ, Reach.ORGANIZATION):
        raise Forbidden("bankAccount takes a permission that you do not have: bank_accounts.read", "bankAccount")


async def material(connection: Connection, context: Context, scope: Scope, orders: Sequence[NewOrder]) -> Material:
    """What these orders name; contacts that are new are made."""
    people = [each for order in orders for each in order.people]
    given = [each for each in people if isinstance(each, NewContact)]
    rows = await contacts.ensure(connection, scope, given)
    numbers = sorted({each for each in people if isinstance(each, int)})
    makings = [order.making for order in orders]
    rows_of = await _read(connection, scope, TEMPLATE, (n for making in makings for n in making.templates.values()))
    templates = {n: Document(contents.HTML, row.html.encode()) for n, row in rows_of.items() if row.deleted_at is None}
    cheques = [making.cheque for making in makings if making.cheque]
    htmls = await _htmls(connection, scope, orders, templates.values())
    named = {digest: found for digest, html in htmls.items() if (found := named_in(html))}
    own = await organizations.get(connection, scope)
    return Material(
        context=context,
        scope=scope,
        today=datetime.now(ZoneInfo(own.time_zone)).date(),
        new={contact.digest: row for contact, row in zip(given, rows, strict=True)},
        known=await contacts.by_number(connection, scope, numbers),
        templates=templates,
        accounts=await _read(connection, scope, BANK_ACCOUNT, (cheque.bank_account for cheque in cheques)),
        named=named,
        trackers=await trackers.known(connection, context, scope, [htmls[digest] for digest in named]),
    )


async def _read(connection: Connection, scope: Scope, noun: nouns.Noun[R], numbers: Iterable[int]) -> Mapping[int, R]:
    wanted = sorted(set(numbers))
    return await nouns.read(connection, scope, noun, wanted) if wanted else {}


async def _htmls(
    connection: Connection, scope: Scope, orders: Sequence[NewOrder], templates: Iterable[Document]
) -> dict[str, str]:
    """All HTML that these are made from, by digest: given, of templates, or kept before."""
    given = [each for order in orders for each in order.documents.values() if each.media_type == contents.HTML]
    found = {each.digest: each for each in (*given, *templates)}
    kept = {digest for order in orders for part, digest in order.making.contents.items() if part.endswith("html")}
    found |= await documents.read(connection, scope, kept - found.keys())
    return {digest: each.content.decode() for digest, each in found.items()}


def _payee(making: Making) -> str:
    """Whom a digital cheque without a recipient is for."""
    digital = (making.cheque and making.cheque.digital_only) or {}
    return str(digital.get("payee", {}).get("name", ""))


def _camel(part: str) -> str:
    first, *others = part.split("_")
    return first + "".join("HTML" if each == "html" else each.capitalize() for each in others)
