"""Orders as PostGrid's client sees them: single ones with what they are made from, and lists."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sendtrail.domain.events import Kind
from sendtrail.domain.postgrid.orders import Order, order
from sendtrail.domain.problems import NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services import files, order_search
from sendtrail.services.context import Context
from sendtrail.services.gathering import gathered
from sendtrail.services.pieces import Ordered, of_sends, piece_of
from sendtrail.services.send_ids import send_named
from sendtrail.services.views import facts, ordered_view
from sendtrail.store import audit, documents, organizations, sends
from sendtrail.store import orders as store
from sendtrail.store import tracker as tracker_store
from sendtrail.store.database import Connection
from sendtrail.store.documents import Document
from sendtrail.store.tracker import Filter

_HTML = {
    "html": "html",
    "front_html": "frontHTML",
    "back_html": "backHTML",
    "inside_html": "insideHTML",
    "outside_html": "outsideHTML",
    "letter_html": "letterHTML",
}
_PDF = {"pdf": "uploadedPDF", "letter_pdf": "letterUploadedPDF"}
"""What is told of a part by a signed link."""


class Listed(NamedTuple):
    """A page of a list, and how many there are in all; of a search that more than 10,000 match, at least so many."""

    orders: list[Order]
    total: int


async def read(
    connection: Connection, context: Context, scope: Scope, numbers: Sequence[int], *, whole: bool = False
) -> dict[int, Order]:
    """Those of these sends that the scope sees, by number, as orders. `whole`: with the HTML that was given for each;
    what was given as a PDF is told by a link, always."""
    if not numbers:
        return {}
    rows = await sends.read(connection, scope, numbers)
    found = [row.send_id for row in rows]
    trails = await sends.trails(connection, scope, found)
    ordered = await of_sends(connection, scope, found)
    texts = await _texts(connection, scope, ordered) if whole else {}
    time_zone = (await organizations.get(connection, scope)).time_zone
    public_ids = [context.ids.encode(Kind(row.kind).word, row.send_id) for row in rows]
    changed = await audit.sends_changed(connection, scope, public_ids)
    shown: dict[int, Order] = {}
    for row in rows:
        known = ordered.get(row.send_id)
        send = ordered_view(row, context.ids, money=False)
        piece = piece_of(context.ids, known, row)
        last = max(changed.get(send["id"], ()), default=None)
        told = order(send, trails[row.send_id], facts(row, time_zone), context.ids, piece, last)
        shown[row.send_id] = {**told, **_content(context, scope, known, texts)} if known else told
    return shown


async def get(context: Context, scope: Scope, kind: Kind, public_id: str) -> Order:
    """One order of a kind; NotFound where the scope has none of that id."""
    found = await gathered(context, _get_each, scope, number_of(context, kind, public_id))
    if found is None or found["object"] != kind.word:
        raise no_order(kind, public_id)
    return found


async def _get_each(context: Context, scope: Scope, numbers: Sequence[int]) -> list[Order | None]:
    async with context.database.snapshot() as connection:
        found = await read(connection, context, scope, sorted(set(numbers)), whole=True)
    return [found.get(number) for number in numbers]


async def page(context: Context, scope: Scope, kind: Kind, search: str, skip: int, limit: int) -> Listed:
    """Orders of a kind, the newest first; of a search, as `order_search` has it."""
    scope.require(Permission.SENDS_READ)
    if search.strip():
        return await _found(context, scope, kind, search, skip, limit)
    async with context.database.snapshot() as connection:
        numbers = await store.page(connection, scope, kind, skip, limit) if limit else []
        shown = await read(connection, context, scope, numbers)
        counted = await tracker_store.counted(connection, scope, Filter(kind=kind))
    return Listed([shown[each] for each in numbers if each in shown], sum(counted.values()))


async def _found(context: Context, scope: Scope, kind: Kind, search: str, skip: int, limit: int) -> Listed:
    numbers, total = await order_search.search(context, scope, kind, search, skip, limit)
    async with context.database.snapshot() as connection:
        shown = await read(connection, context, scope, numbers)
    return Listed([shown[each] for each in numbers if each in shown], total)


def number_of(context: Context, kind: Kind, public_id: str) -> int:
    """The number of the send that an order's id names; NotFound for one of another kind, and for what is no id."""
    try:
        found, number = send_named(context, public_id)
    except NotFound:
        found = None
    if found is not kind:
        raise no_order(kind, public_id)
    return number


def url_of(order: Order) -> str:
    """The link to a preview of an order; NotFound for a piece that is produced elsewhere."""
    url: str | None = order.get("url")
    if url is None:
        raise NotFound(f"this {order['object']} is produced elsewhere: its content is not here", "id")
    return url


def no_order(kind: Kind, public_id: str) -> NotFound:
    """The refusal for an order that is not there, or not for who asks."""
    return NotFound(f"no {kind.word} {public_id[:60]!a}", "id")


async def _texts(connection: Connection, scope: Scope, ordered: Mapping[int, Ordered]) -> Mapping[str, Document]:
    """The HTML that was given for these, by digest."""
    makings = [each.row.making for each in ordered.values()]
    digests = {making.contents[part] for making in makings for part in _given(making.contents, making.templates)}
    return await documents.read(connection, scope, digests)


def _given(contents: Mapping[str, str], templates: Mapping[str, int]) -> list[str]:
    """The parts that were given as HTML, not made from a template."""
    return [part for part in _HTML if part in contents and part.removesuffix("html") + "template" not in templates]


def _content(context: Context, scope: Scope, ordered: Ordered, texts: Mapping[str, Document]) -> Order:
    """What an order is made from, as its client asks for it."""
    row, making = ordered.row, ordered.row.making
    told: Order = {"url": files.link(context, scope, row.send_id)}
    for part in _given(making.contents, making.templates):
        if document := texts.get(making.contents[part]):
            told[_HTML[part]] = document.content.decode()
    for part, name in _PDF.items():
        if part in making.contents:
            told[name] = files.link(context, scope, row.send_id, part)
    if "attached_pdf" in making.contents:
        told["attachedPDF"] = {
            "file": files.link(context, scope, row.send_id, "attached_pdf"),
            "placement": making.attached_placement,
        }
    return told
