"""Public ids of sends, and the numbers behind them."""

from sendtrail.domain.events import Kind
from sendtrail.domain.problems import NotFound
from sendtrail.services.context import Context


def send_named(context: Context, public_id: str) -> tuple[Kind, int]:
    """The kind and the number that a send's public id names; NotFound for anything that is not one.

    Whether the send of that number is of that kind is not known here.
    """
    try:
        prefix, number = context.ids.decode(public_id)
        return Kind[prefix.upper()], number
    except (ValueError, KeyError):
        raise no_send(public_id) from None


def send_number(context: Context, public_id: str) -> int:
    """The number behind a send's public id; NotFound for anything that is not one."""
    return send_named(context, public_id)[1]


def no_send(public_id: str) -> NotFound:
    """The refusal for a send that is not there, or not for who asks."""
    return NotFound(f"no send {public_id[:60]!a}", "id")
