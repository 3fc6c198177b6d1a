"""What people did with a send: visits of its link and goals, told like events and kept beside the trail.

They never change a status. A vocabulary that tells of visits knows the last one by a person and the last goal, which
decide its word for where the send stands, however many there were before.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sendtrail.domain.events import CODE_BY_ID, Evidence, Source, event_type
from sendtrail.domain.ids import Ids
from sendtrail.domain.packing import from_ms, to_ms
from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import Event
from sendtrail.store import responses as store
from sendtrail.store.database import Connection
from sendtrail.store.responses import NO_TOTALS, ResponseRow, Totals

View = dict[str, Any]
SHOWN = 100
"""Of a send that is shown by itself: its last ones."""
LISTED = 10
"""Of each send of a list."""
KINDS = {"link_opened": "visit", "goal_reached": "goal"}
"""What the ids of responses begin with, by code."""


class Responses(NamedTuple):
    """The last responses of one send, in order of arrival, and what all of them come to."""

    rows: Sequence[ResponseRow] = ()
    totals: Totals = NO_TOTALS

    @property
    def more(self) -> int:
        """How many there are besides those that are shown; trials are not counted."""
        every = self.totals.visits + self.totals.bots + self.totals.goals
        return max(0, every - sum(not row.test for row in self.rows))


NONE = Responses()


async def of_sends(connection: Connection, scope: Scope, send_ids: Sequence[int], most: int) -> dict[int, Responses]:
    """The responses of those sends that have any, at most `most` of each."""
    totals = await store.totals(connection, scope, send_ids)
    if not totals:
        return {}
    rows = await store.newest(connection, scope, list(totals), most)
    return {send_id: Responses(rows.get(send_id, ()), figures) for send_id, figures in totals.items()}


def told(totals: Totals) -> list[Event]:
    """What vocabularies are told of responses, as events behind a trail: the last visit and the last goal."""
    last = (("link_opened", totals.last_visit_at), ("goal_reached", totals.last_goal_at))
    return [
        Event(
            seq=0,
            code=code,
            occurred_at=from_ms(to_ms(at)),
            recorded_at=at,
            source=Source.RECIPIENT,
            evidence=Evidence.REPORTED,
        )
        for code, at in last
        if at
    ]


def totals_view(responses: Responses, money: bool) -> View:
    """What a send's responses come to, ready for JSON; what they are worth where `money` may be seen."""
    return {
        **{name: value for name, value in responses.totals._asdict().items() if name != "unlisted"},
        "value_cents": responses.totals.value_cents if money else None,
        "more": responses.more,
    }


def response_view(row: ResponseRow, ids: Ids, currency: str, money: bool) -> View:
    """One response in the form of an event: it has an id, and no place in the trail. What it is worth is None where
    `money` may not be seen."""
    code, evidence = CODE_BY_ID[row.code], Evidence(row.evidence)
    return {
        "seq": None,
        "code": code,
        "label": event_type(code, evidence).label,
        "occurred_at": row.occurred_at,
        "local_time": None,
        "zone_known": True,
        "recorded_at": row.recorded_at,
        "source": Source(row.source).word,
        "evidence": evidence.word,
        "place": None,
        "phase": None,
        "operation": None,
        "detail": None,
        "id": ids.encode(KINDS[code], row.id),
        "response": {
            "link": ids.encode("link", row.link_id) if row.link_id else None,
            "device": row.device,
            "country": row.country,
            "region": row.region,
            "referrer": row.referrer,
            "value_cents": row.value_cents if money else None,
            "currency": currency,
            "reference": row.reference,
            "bot": row.bot,
            "test": row.test,
        },
    }
