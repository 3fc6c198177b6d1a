"""Where the links of sends are, as they are printed. Code and path are read in any case."""

from sendtrail.domain.ids import TAIL_SIGNS
from sendtrail.services.context import Context

_PREFIX = "link"
_LANDING = "landing"
_MISREAD = str.maketrans({"i": "1", "l": "1", "o": "0"})
"""Signs that no code has, and for which of them they are taken when it is typed."""


def code(context: Context, link_id: int) -> str:
    """The 13 signs by which a link is called: the tail of its public id."""
    return context.ids.encode(_PREFIX, link_id).removeprefix(f"{_PREFIX}_")


def link_of(context: Context, code: str) -> int | None:
    """The number of the link that a code may be of, in any case or with an l typed for a 1; None for what is no code of
    ours."""
    if len(code) != TAIL_SIGNS or not code.isascii():
        return None
    try:
        return context.ids.decode(f"{_PREFIX}_{code.lower().translate(_MISREAD)}")[1]
    except ValueError:
        return None


def link_url(context: Context, link_id: int) -> str:
    """The personal URL of a send, to be printed or written."""
    return f"{base(context)}/r/{code(context, link_id)}"


def qr_text(context: Context, link_id: int) -> str:
    """The same as a QR code carries it: in capitals, which take half the room there."""
    return link_url(context, link_id).upper()


def goal_script(context: Context, landing_id: int) -> str:
    """The script by which the site of a landing tells goals, for all who come by its links."""
    return f"{base(context)}/goal/{context.ids.encode(_LANDING, landing_id).removeprefix(f'{_LANDING}_')}.js"


def landing_of(context: Context, code: str) -> int:
    """The number of the landing that a script's code may be of; 0 for what is none."""
    try:
        return context.ids.decode(f"{_LANDING}_{code}")[1]
    except ValueError:
        return 0


def base(context: Context) -> str:
    """What all links begin with, without a slash at the end."""
    return context.config.link_address or context.config.links_address
