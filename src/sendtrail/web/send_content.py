"""What a send is made from, as its page shows it: how it is printed, and links to what was given."""

from typing import NamedTuple

from litestar import get
from litestar.params import FromPath
from litestar.response import Redirect

from sendtrail.domain.problems import NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services import files, pieces
from sendtrail.services.context import Context
from sendtrail.services.pieces import Details
from sendtrail.services.send_ids import send_number
from sendtrail.web.other_mode import send_in_either
from sendtrail.web.rendering import HEADERS, money
from sendtrail.web.visitors import Here, WebRequest, context_of
from sendtrail.web.wording import spelled

_SIZES = {"us_letter": "US letter", "us_legal": "US legal", "a4": "A4"}


class Content(NamedTuple):
    """`facts`: names and values; `parts`: each part that was given, and what it is called."""

    facts: list[tuple[str, str]]
    parts: list[tuple[str, str]]


@get("/sends/{send_id:str}/content/{part:str}", needs=Permission.SENDS_READ)
async def show_content(request: WebRequest, visitor: Here, send_id: FromPath[str], part: FromPath[str]) -> Redirect:
    """Lead to a part of a send's content, by a link that is open for a quarter of an hour from now on."""
    send, scope = await send_in_either(request, visitor, send_id)
    context, number = context_of(request), send_number(context_of(request), send["id"])
    making = await pieces.making_of(context, scope, number)
    if making is None or part not in making.contents:
        raise NotFound("this send has no such content", "part")
    return Redirect(files.path(context, scope, number, part), headers=HEADERS)


async def content_of(context: Context, scope: Scope, public_id: str) -> Content | None:
    """What to show of a send's content; None for one that is produced elsewhere."""
    details = await pieces.details_of(context, scope, send_number(context, public_id))
    if details is None:
        return None
    making = details.making
    parts = [(part, _called(part, name)) for part, name in files.PARTS.items() if part in making.contents]
    return Content([(name, value) for name, value in _facts(details) if value], parts)


def _facts(details: Details) -> list[tuple[str, str]]:
    making, envelope = details.making, details.envelope
    addressee = [each for each in (envelope.name, envelope.company, envelope.city) if each] if envelope else []
    size = _SIZES.get(making.size) or spelled(making.size).replace("x", " × ") if making.size else ""
    facts = [
        ("Description", details.description),
        ("Size", size),
        ("Colour", "In colour" if making.color else ""),
        ("Sides", "Both" if making.double_sided else ""),
        ("Paper", spelled(making.paper) if making.paper not in ("", "standard") else ""),
        ("Perforated", "First page" if making.perforated_page else ""),
        ("Return envelope", f"To {', '.join(addressee)}" if addressee else ""),
    ]
    if cheque := making.cheque:
        facts += [
            ("Amount", money(cheque.amount, cheque.currency)),
            ("Account", details.account),
            ("Number", str(cheque.number)),
            ("Memo", cheque.memo),
            ("Message", cheque.message),
            ("Printed", "No: digital only" if cheque.digital_only else ""),
        ]
    return facts


def _called(part: str, name: str) -> str:
    ending = "PDF" if part.endswith("pdf") else "HTML"
    return name if ending in name else f"{name} ({ending})"
