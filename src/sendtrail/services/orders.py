"""Orders: sends that come with contacts and with what they are made from. Many are made in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.pieces import Making, content_of
from sendtrail.domain.postgrid.classes import carried
from sendtrail.domain.problems import Invalid, NotFound, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, KindWord, NewSend
from sendtrail.services import contacts, contents, order_views
from sendtrail.services.context import Context
from sendtrail.services.gathering import gathered
from sendtrail.services.idempotency import Answers, Request, check_key, once_each
from sendtrail.services.sends import admit
from sendtrail.store import documents, nouns, organizations, pieces
from sendtrail.store.contacts import CONTACT, ContactRow
from sendtrail.store.database import Connection
from sendtrail.store.documents import Document
from sendtrail.store.pieces import PieceRow
from sendtrail.store.templates import TEMPLATE, TemplateRow

Someone = NewContact | int
"""A contact as it was given, settled, or the number of one."""
CURRENCIES = {"US": "USD", "CA": "CAD"}
"""Of cheques, by the country of their account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """One order. `to` is None for a digital cheque alone, which has its payee's name.

    `making`: with `mailing_class` and `extra_service` as they were asked for; `templates` by number, and `contents`
    that are kept already. `documents`: further contents by part, to be kept. `send_date`: None for the next day.
    `campaign`: by id or name. `return_envelope`: its number.
    """

    kind: KindWord
    to: Someone | None
    from_: Someone | None = None
    making: Making = field(default_factory=Making)
    documents: Mapping[str, Document] = field(default_factory=dict)
    send_date: date | None = None
    campaign: str = ""
    description: str = ""
    metadata: dict[str, Any] | None = None
    return_envelope: int | None = None
    redirect_to: Someone | None = None

    @property
    def people(self) -> list[Someone]:
        return [each for each in (self.to, self.from_, self.redirect_to) if each is not None]


class _Prepared(NamedTuple):
    """An order that can be accepted as far as is known before it is."""

    order: NewOrder
    send: NewSend
    making: Making
    documents: Mapping[str, Document]
    to: ContactRow | None
    from_: ContactRow | None


async def make_once(context: Context, scope: Scope, order: NewOrder, request: Request | None) -> bytes:
    """Accept one order; the JSON of the answer, which a repeat with the same idempotency key gets again."""
    check_key(request)
    return await gathered(context, _make_each, scope, (order, request))


async def _make_each(
    context: Context, scope: Scope, wanted: "Sequence[tuple[NewOrder, Request | None]]"
) -> Sequence[bytes | Exception]:
    async def act(connection: Connection, places: Sequence[int]) -> Answers:
        made = await make_many(connection, context, scope, [wanted[place][0] for place in places])
        numbers = [each for each in made if isinstance(each, int)]
        shown = await order_views.read(connection, context, scope, numbers, whole=True)
        return [msgspec.json.encode(shown[each]) if isinstance(each, int) else each for each in made]

    return await once_each(context, scope, [request for _, request in wanted], act)


async def make_many(
    connection: Connection, context: Context, scope: Scope, orders: Sequence[NewOrder]
) -> list[int | SendtrailError]:
    """Accept orders within the caller's transaction; for each the number of its send, or why it alone was refused.

    What refuses an order names the field as PostGrid's client calls it. TooLarge for more than 10,000.
    """
    material = await _material(connection, context, scope, orders)
    results: list[int | SendtrailError | None] = [None] * len(orders)
    prepared: dict[int, _Prepared] = {}
    for index, order in enumerate(orders):
        try:
            prepared[index] = material.prepare(order)
        except SendtrailError as refusal:
            refusal.index = index
            results[index] = refusal
    await _number(connection, scope, prepared.values())
    admitted = await admit(connection, context, scope, [each.send for each in prepared.values()])
    made: list[tuple[int, _Prepared]] = []
    for (index, each), result in zip(prepared.items(), admitted, strict=True):
        results[index] = result
        if isinstance(result, int):
            made.append((result, each))
        else:
            result.index = index
    await documents.put(connection, scope, (kept for _, each in made for kept in each.documents.values()))
    await pieces.insert(connection, scope, [_row(number, each) for number, each in made])
    return [result for result in results if result is not None]


def _row(number: int, made: _Prepared) -> PieceRow:
    return PieceRow(
        number,
        made.to.id if made.to else None,
        made.from_.id if made.from_ else None,
        made.order.return_envelope,
        made.order.description,
        made.making,
    )


async def _number(connection: Connection, scope: Scope, prepared: Iterable[_Prepared]) -> None:
    """Cheques without a number get the next ones of their accounts, in the order in which they came."""
    cheques = [each.making.cheque for each in prepared if each.making.cheque]
    given: dict[int, int] = {}
    for cheque in cheques:
        if cheque.number:
            given[cheque.bank_account] = max(cheque.number, given.get(cheque.bank_account, 0))
    await pieces.give_numbers(connection, scope, given)
    without = [cheque for cheque in cheques if not cheque.number]
    wanted = Counter(cheque.bank_account for cheque in without)
    last = await pieces.take_numbers(connection, scope, wanted)
    following = {account: last[account] - n for account, n in wanted.items()}
    for cheque in without:
        following[cheque.bank_account] += 1
        cheque.number = following[cheque.bank_account]


@dataclass(frozen=True, slots=True)
class _Material:
    """All that orders name."""

    context: Context
    scope: Scope
    today: date
    new: Mapping[bytes, ContactRow]
    known: Mapping[int, ContactRow]
    templates: Mapping[int, TemplateRow]
    accounts: Mapping[int, str]

    def prepare(self, order: NewOrder) -> _Prepared:
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
        )
        return _Prepared(order, send, making, documents, to, from_)

    def _day(self, asked: date | None) -> date:
        """A moment of today may lie on the day before in UTC, by which PostGrid's client writes days."""
        if asked is None:
            return self.today + timedelta(days=1)
        if asked < min(self.today, datetime.now(UTC).date()):
            raise Invalid(f"sendDate {asked} is over: it must be today, {self.today}, or later", "sendDate")
        return max(asked, self.today)

    def _person(self, who: Someone | None, param: str) -> ContactRow | None:
        if who is None:
            return None
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
            row = self.templates.get(number)
            if row is None or row.deleted_at is not None:
                raise NotFound(f"no template {self.context.ids.encode('template', number)!a}", _camel(part))
            kept[content_of(part)] = contents.html(row.html, _camel(part))
        digests = {part: document.digest for part, document in kept.items()}
        return kept, msgspec.structs.replace(order.making, contents={**order.making.contents, **digests})

    def _cheque(self, cheque: Any, redirect: ContactRow | None) -> Any:
        country = self.accounts.get(cheque.bank_account)
        if country is None:
            raise NotFound(
                f"no bank_account {self.context.ids.encode('bank_account', cheque.bank_account)!a}", "bankAccount"
            )
        currency = cheque.currency or CURRENCIES[country]
        return msgspec.structs.replace(cheque, currency=currency, redirect_to=redirect.id if redirect else 0)


async def _material(connection: Connection, context: Context, scope: Scope, orders: Sequence[NewOrder]) -> _Material:
    people = [each for order in orders for each in order.people]
    given = [each for each in people if isinstance(each, NewContact)]
    rows = await contacts.ensure(connection, scope, given)
    numbers = sorted({each for each in people if isinstance(each, int)})
    templates = sorted({number for order in orders for number in order.making.templates.values()})
    accounts = sorted({order.making.cheque.bank_account for order in orders if order.making.cheque})
    own = await organizations.get(connection, scope)
    return _Material(
        context,
        scope,
        datetime.now(ZoneInfo(own.time_zone)).date(),
        {contact.digest: row for contact, row in zip(given, rows, strict=True)},
        await nouns.read(connection, scope, CONTACT, numbers) if numbers else {},
        await nouns.read(connection, scope, TEMPLATE, templates) if templates else {},
        await pieces.accounts(connection, scope, accounts) if accounts else {},
    )


def _payee(making: Making) -> str:
    """Whom a digital cheque without a recipient is for."""
    digital = (making.cheque and making.cheque.digital_only) or {}
    return str(digital.get("payee", {}).get("name", ""))


def _camel(part: str) -> str:
    first, *others = part.split("_")
    return first + "".join(each.capitalize() for each in others)
