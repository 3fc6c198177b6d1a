"""A file of people to send to: which column holds what, and what a row becomes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from sendtrail.domain.new_contact import NewContact, settle_contact
from sendtrail.domain.plurals import counted
from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import MAX_JSON

FIELDS = (
    "first_name",
    "last_name",
    "company",
    "job_title",
    "email",
    "phone",
    "address_line1",
    "address_line2",
    "city",
    "state",
    "postal_code",
    "country",
    "description",
)
"""Of a contact, those that a column can hold."""
USUAL_COUNTRY = "US"
"""Where no column tells the country, as of sends that do not say it."""


class Columns(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which column of a file holds what, by the names in its header.

    `receivers`, `senders`: by field of a contact (FIELDS); without `senders` rows have none. `receiver_variables`,
    `sender_variables`: by the name under which it is merged.
    """

    receivers: dict[str, str]
    senders: dict[str, str] = {}
    receiver_variables: dict[str, str] = {}
    sender_variables: dict[str, str] = {}


class Person(NamedTuple):
    """What a row tells. `variables`: what is merged; of one name the receiver's counts, not the sender's."""

    receiver: NewContact
    sender: NewContact | None
    variables: dict[str, Any] | None


def reader(header: Sequence[str], columns: Columns) -> Callable[[Sequence[str]], Person]:
    """What makes a person of a row's cells; it raises Invalid for a row that cannot be taken.

    Invalid names a column that the file does not have, or has twice.
    """
    names = [name.strip().removeprefix("\ufeff") for name in header]

    def places(named: dict[str, str]) -> list[tuple[str, int]]:
        return [(field, names.index(column.strip())) for field, column in named.items()]

    _check(names, columns)
    receivers, senders = places(columns.receivers), places(columns.senders)
    variables = places(columns.sender_variables) + places(columns.receiver_variables)

    called_receivers, called_senders = _on_one_line(columns.receivers), _on_one_line(columns.senders)

    def read(cells: Sequence[str]) -> Person:
        if len(cells) != len(names):
            raise Invalid(f"the row has {counted(len(cells), 'column')}, the header {len(names)}")
        merged = {name: cells[place] for name, place in variables}
        if merged and len(msgspec.json.encode(merged)) > MAX_JSON:
            raise Invalid(f"the row's variables may be {MAX_JSON:,} bytes of JSON at most")
        if any("\0" in value for value in merged.values()):
            raise Invalid("the row's variables may not hold a NUL character")
        return Person(
            _contact(receivers, cells, called_receivers),
            _contact(senders, cells, called_senders) if senders else None,
            merged or None,
        )

    return read


def _check(names: Sequence[str], columns: Columns) -> None:
    wanted = {name.strip() for named in msgspec.structs.astuple(columns) for name in named.values()}
    for many, wrong in (
        ("no", sorted(wanted - set(names))),
        ("more than one", sorted(name for name in wanted if names.count(name) > 1)),
    ):
        if wrong:
            raise Invalid(f"the file has {many} column {', '.join(f'{name[:60]!a}' for name in wrong[:10])}")


def _on_one_line(named: Mapping[str, str]) -> dict[str, str]:
    return {field: " ".join(column.split())[:60] for field, column in named.items()}


def _contact(places: Sequence[tuple[str, int]], cells: Sequence[str], called: Mapping[str, str]) -> NewContact:
    """Invalid names a field by its column."""
    told = {"address_line1": "", "country": USUAL_COUNTRY, **{field: cells[place] for field, place in places}}
    return settle_contact(msgspec.convert(told, NewContact), called)
