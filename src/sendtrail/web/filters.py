"""What the address of a list of sends asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sendtrail.domain.problems import Invalid
from sendtrail.domain.standings import CALLED, group_called, groups
from sendtrail.services.tracker import Wanted
from sendtrail.web.queries import day_in
from sendtrail.web.wording import READERS

MODES: Mapping[str, tuple[bool, ...]] = {"live": (True,), "test": (False,), "both": (True, False)}
NARROWING = (
    "q",
    "status",
    "category",
    "kind",
    "campaign",
    "recipient",
    "sender",
    "team",
    "supplier",
    "tag",
    "mailing_class",
    "start",
    "end",
)
"""The parameters that make a list shorter, besides `sector` and `mode`."""
FILTERS = (*NARROWING, "only", "sector", "mode", "sort", "after", "words")
"""All parameters of a list of sends."""
_FURTHER = ("campaign", "kind", "mailing_class", "sender", "team", "mode", "words", "tag", "supplier", "recipient")
_PILLS = {
    "status": "",
    "category": "",
    "campaign": "",
    "kind": "",
    "mailing_class": "",
    "sender": "Sent by ",
    "team": "",
    "tag": "Tag ",
    "supplier": "From ",
    "recipient": "To ",
    "mode": "",
    "words": "Words of ",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """A list's address: what it is narrowed to, sorted by and told in."""

    query: Mapping[str, str]
    path: str = "/sends"

    @property
    def any(self) -> bool:
        return any(name in self.query for name in (*NARROWING, "only", "sector", "mode"))

    @property
    def kept(self) -> dict[str, str]:
        """All of it but the page, for forms that come back here."""
        return {name: value for name, value in self.query.items() if name != "after"}

    @property
    def address(self) -> str:
        """The same as an address has it, after its question mark."""
        return urlencode(self.kept)

    @property
    def more(self) -> int:
        """How many are in use of those that stand in the sheet of further filters."""
        return sum(name in self.query for name in _FURTHER)

    def pills(self, names: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
        """What the list is narrowed to and by nothing that shows it elsewhere: words, and the list without it.

        `names`: for a parameter, what its values are called.
        """
        return [
            (f"{label}{names.get(name, {}).get(self.query[name], self.query[name])}", self.link(**{name: ""}))
            for name, label in _PILLS.items()
            if name in self.query
        ]

    def link(self, path: str = "", **changed: str) -> str:
        """The list with some parameters changed, an empty one left out; always its first page."""
        path = path or self.path
        kept = {**self.kept, **changed}
        query = urlencode({name: value for name, value in kept.items() if value and (name, value) != ("sector", "all")})
        return f"{path}?{query}" if query else path


def wanted_in(query: Mapping[str, str]) -> Wanted:
    """The list that an address asks for; Invalid names the parameter."""
    if unknown := sorted(query.keys() - set(FILTERS)):
        raise Invalid(f"{unknown[0][:40]!a} is no filter of sends: there are {', '.join(sorted(FILTERS))}", unknown[0])
    status = query.get("status")
    standings = _standings(status) if status and ":" in status else None
    return Wanted(
        after=query.get("after"),
        q=query.get("q", ""),
        status=status if standings is None else None,
        standings=standings,
        category=query.get("category"),
        kind=query.get("kind"),
        campaign=query.get("campaign"),
        sector=query.get("sector", "all"),
        recipient=query.get("recipient"),
        sender=query.get("sender"),
        team=query.get("team"),
        supplier=query.get("supplier"),
        tag=query.get("tag"),
        mailing_class=query.get("mailing_class"),
        start=day_in(query, "start"),
        end=day_in(query, "end"),
        sort=query.get("sort", "-day"),
        only=tuple(query["only"].split(",")) if "only" in query else (),
    )


def _standings(status: str) -> frozenset[int]:
    """Those of a `status` in another reader's words, such as `sendoso:Shipped`."""
    group = group_called(status)
    if group is None:
        reader = status.partition(":")[0]
        some = (
            f"one of {', '.join(each.key for each in groups(reader))} after {reader}:" if reader in CALLED else "ours"
        )
        raise Invalid(f"status must be {some}, or in the words of {', '.join(CALLED)}", "status")
    return group.standings


def modes_in(query: Mapping[str, str]) -> tuple[bool, ...] | None:
    """Live, test or both, where the address says so, and both where it names sends; Invalid names `mode`."""
    mode = query.get("mode", "both" if "only" in query else None)
    if mode is not None and mode not in MODES:
        raise Invalid(f"mode must be one of {', '.join(MODES)}", "mode")
    return MODES[mode] if mode else None


def words_in(query: Mapping[str, str]) -> str:
    """In whose words statuses are told; empty: ours. Invalid names `words`."""
    words = query.get("words", "")
    if words and words not in READERS:
        raise Invalid(f"words must be one of {', '.join(READERS)}", "words")
    return words
