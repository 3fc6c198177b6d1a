"""One try to tell a hook something: what its target is given, and what it says of how that went.

A target is a function in `hook_targets`; it may try the same thing more than once, as tries are repeated until one
succeeds, and a worker that dies does not know whether its last one did.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sendtrail.clients.http import Answer, Outside
from sendtrail.domain.retrying import retry_after
from sendtrail.services.context import Context
from sendtrail.store.system.deliveries import HookRow

_GONE = 410
_SLOW_DOWN = (429, 503)
_MOST_KEPT = 1000
"""Characters of an answer that are kept for people."""


class Letter(NamedTuple):
    """An e-mail that is written in the transaction that records the try: so it is written once."""

    to: str
    subject: str
    text: str


class Notice(NamedTuple):
    """What is told: `event_id` is the same in every try; `text` is the body of the notification, JSON."""

    event_id: str
    type: str
    text: str
    send_id: int

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.text)
        return body


@dataclass(frozen=True, slots=True)
class Told:
    """How a try went. `error`: why it failed, in one line; empty: it succeeded. `asked`: by how much later the receiver
    wants to hear of us; `gone`: it wants to hear nothing any more."""

    status: int | None = None
    took_ms: int = 0
    error: str = ""
    answer: str = ""
    asked: timedelta | None = None
    gone: bool = False
    letters: tuple[Letter, ...] = field(default=())


Target = Callable[[Context, Outside, HookRow, Notice], Awaitable[Told]]
"""Tells a hook something; Unreachable where there was no answer."""


def told_by(answer: Answer) -> Told:
    """What an HTTP answer means: any 2xx is a success, everything else is none, redirects too."""
    told = Told(answer.status, answer.took_ms, answer=_kept(answer.body))
    if answer.ok:
        return told
    return Told(
        told.status,
        told.took_ms,
        f"it answered {answer.status}",
        told.answer,
        _asked(answer.status, answer.headers),
        answer.status == _GONE,
    )


def page_of(context: Context, body: Mapping[str, Any]) -> str:
    """Where people find the send or the campaign that a notification's body tells of; empty for none, as of one that is
    made up."""
    data = body.get("data")
    if body.get("sample") or not isinstance(data, dict):
        return ""
    match str(body.get("type", "")).partition(".")[0]:
        case "return_envelope_order":
            return ""
        case "campaign":
            path, number = "campaigns", data.get("id")
        case "tracker":
            path, number = "sends", data.get("orderID")
        case _:
            send = data.get("send", data)
            path, number = "sends", send.get("id") if isinstance(send, dict) else None
    return f"{context.config.links_address}/{path}/{number}" if number else ""


def _asked(status: int, headers: Mapping[str, str]) -> timedelta | None:
    if status in _SLOW_DOWN and "retry-after" in headers:
        return retry_after(headers["retry-after"].strip(), datetime.now(UTC))
    return None


def _kept(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\0", "�")[:_MOST_KEPT]
