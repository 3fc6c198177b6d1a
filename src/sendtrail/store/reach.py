"""How far a scope reaches, as conditions of SQL: the one place that turns the one into the other.

Organization: all rows of the organization and mode. Teams: those of the teams, and one's own. Own: those that belong to
the member. A permission that was not given reaches nothing.
"""

from typing import LiteralString

from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.store.database import statements

_SQL = statements("reach.sql")
_WORDS: dict[Reach | None, LiteralString] = {
    None: "none",
    Reach.OWN: "own",
    Reach.TEAMS: "teams",
    Reach.ORGANIZATION: "organization",
}
_ROWS: tuple[LiteralString, ...] = ("send", "state", "event", "fund", "attention", "engagement")
_MONEY: tuple[LiteralString, ...] = ("ledger", "budget")
_TOTALS: tuple[LiteralString, ...] = ("counts", "history", "booked")


def within(scope: Scope) -> dict[str, object]:
    """The parameters of all conditions: organization, mode, member and teams."""
    return {
        "organization_id": scope.organization_id,
        "live": scope.live,
        "member_id": scope.member_id,
        "teams": list(scope.teams),
    }


def reaching(query: LiteralString, scope: Scope, permission: Permission) -> LiteralString:
    """A query in which reach takes the place of comments.

    `/* send reach */`, and so for `state`, `event`, `attention`, `engagement`, `fund`, `ledger`, `budget` and
    `campaign`, becomes a condition on that table; a campaign in which somebody has a send is within their reach, but
    `/* own campaign reach */` is only for those that are theirs. Of the ledger is within reach what was booked for
    one's sends, and all that was in one's funds. `counts /* reach */`, `history /* reach */` and `booked /* reach */`
    become what these tables would be if there were nothing but what is within reach.
    """
    word = _WORDS[scope.reach(permission)]
    for row in _ROWS:
        query = query.replace("/* " + row + " reach */", _SQL["row_" + word].replace("row.", row + "."))
    query = query.replace("/* campaign reach */", _SQL["campaign_" + word])
    query = query.replace("/* own campaign reach */", _SQL["row_" + word].replace("row.", "campaign."))
    for row in _MONEY:
        query = query.replace("/* " + row + " reach */", _SQL[row + "_" + word])
    for table in _TOTALS:
        query = query.replace(table + " /* reach */", _SQL[table + "_" + word])
    return query
