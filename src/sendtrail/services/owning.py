"""Whose a send is: the member's who makes it, or the one whom a program names, and a team's."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import NewSend
from sendtrail.services.context import Context
from sendtrail.store import members, teams
from sendtrail.store.database import Connection


class Owner(NamedTuple):
    """A member and a team; 0: nobody, none."""

    member_id: int
    team_id: int


async def owners(
    connection: Connection, context: Context, scope: Scope, sends: Sequence[NewSend]
) -> Callable[[NewSend], Owner]:
    """Who owns each of these sends. What is returned raises Invalid for a team that is none, or not the member's."""
    senders = {_address(send.sender) for send in sends} if not scope.member_id else set()
    known = await members.by_email(connection, scope, sorted(senders - {""})) if senders - {""} else {}
    named = await _teams(connection, context, scope, sorted({send.team for send in sends if send.team}))

    def owner(send: NewSend) -> Owner:
        if scope.member_id:
            member_id, first = scope.member_id, scope.teams[0] if scope.teams else 0
        else:
            member_id, first = known.get(_address(send.sender), (0, 0))
        if not send.team:
            return Owner(member_id, first)
        team_id = named.get(send.team)
        if team_id is None or not (team_id in scope.teams or scope.may(Permission.SENDS_WRITE, Reach.ORGANIZATION)):
            raise Invalid(f"team {send.team[:60]!a} must be the id or the name of a team of yours", "team")
        return Owner(member_id, team_id)

    return owner


def _address(sender: str) -> str:
    """The sender as an account has it; empty for a mere name."""
    text = sender.strip().lower()
    return text if "@" in text else ""


async def _teams(connection: Connection, context: Context, scope: Scope, texts: Sequence[str]) -> dict[str, int]:
    """Numbers of teams given by id or name, by the text given."""
    if not texts:
        return {}
    ids: dict[int, str] = {}
    for text in texts:
        try:
            prefix, number = context.ids.decode(text)
        except ValueError:
            continue
        if prefix == "team":
            ids[number] = text
    found = await teams.named(connection, scope, texts, list(ids))
    return {name: number for name, number in found.items() if name in texts} | {
        ids[number]: number for number in found.values() if number in ids
    }
