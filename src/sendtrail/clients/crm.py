"""What the CRMs have in common: a person is found, their fields are set, and an activity tells what happened.

Each client does it by the requests of its vendor's documentation. Any of them may be done twice: fields then have the
values that they had, and `told` says whether the activity is there already.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from html import escape
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from sendtrail.clients.http import Answer, Outside

Value = str | int | float | bool | None
MOST = 1 << 20
"""Bytes of an answer: a list of a hundred activities, each with its note."""
_SAID = 300


class Activity(NamedTuple):
    """What happened. `event_id` stands at the end of its text, by which it is known again. `at`: aware."""

    event_id: str
    subject: str
    text: str
    at: datetime

    @property
    def plain(self) -> str:
        return f"{self.text}\n\nSendtrail {self.event_id}"

    @property
    def html(self) -> str:
        return escape(self.plain, quote=False).replace("\n", "<br>")


class CrmError(Exception):
    """The CRM did not do it: its words in one line, and its answer."""

    def __init__(self, said: str, answer: Answer) -> None:
        super().__init__(said)
        self.answer = answer


class Crm(Protocol):
    """An account with a CRM. Every method may raise CrmError or Unreachable."""

    async def find(self, external_id: str, email: str) -> str | None:
        """The CRM's id of a person, by our sender's own id for them or else by e-mail address."""

    async def set(self, person: str, fields: Mapping[str, Value]) -> Answer:
        """Give fields of a person these values."""

    async def told(self, person: str, activity: Activity) -> bool:
        """Whether the activity is there already."""

    async def tell(self, person: str, activity: Activity) -> Answer:
        """Put an activity on a person's timeline."""


async def ask(
    outside: Outside,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None = None,
    *,
    form: Mapping[str, str] | None = None,
    missing: bool = False,
) -> tuple[Answer, Any]:
    """An answer and its JSON, None for an empty one; CrmError for a refusal.

    `body` goes as JSON, `form` as a form does. `missing`: a 404 is an answer too.
    """
    content, media_type = None, None
    if body is not None:
        content, media_type = json.dumps(body).encode(), "application/json"
    elif form is not None:
        content, media_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
    given = {"Accept": "application/json", **headers, **({"Content-Type": media_type} if media_type else {})}
    answer = await outside.request(method, url, headers=given, body=content, most=MOST)
    try:
        told = json.loads(answer.body) if answer.body else None
    except ValueError:
        told = None
    if not (answer.ok or (missing and answer.status == 404)):
        raise CrmError(f"it answered {answer.status}: {_words(told) or 'it does not say why'}", answer)
    return answer, told


def _words(told: Any) -> str:
    """Why a CRM refused: HubSpot says `message`, Pipedrive `error`, Salesforce a list, or `error_description`."""
    first = told[0] if isinstance(told, list) and told else told
    if not isinstance(first, dict):
        return ""
    said = (first.get(name) for name in ("message", "error_description", "error"))
    return " ".join(next((each for each in said if isinstance(each, str) and each), "").split())[:_SAID]


@contextmanager
def read(answer: Answer) -> Iterator[None]:
    """What is read of an answer within has the shape that the vendor documents, or it is a CrmError."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        raise CrmError("what it answered is not of the shape that its documentation gives", answer) from None
