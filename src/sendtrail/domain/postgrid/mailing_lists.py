"""Mailing lists and their imports in the words of PostGrid's client."""

from collections.abc import Mapping
from typing import Any, Protocol

from sendtrail.domain.ids import Ids
from sendtrail.domain.list_rows import Columns
from sendtrail.domain.postgrid.common import Described, common
from sendtrail.domain.postgrid.contacts import NAMES
from sendtrail.domain.problems import Invalid

_MOST_VARIABLES = 500
_LONGEST_NAME = 200
_CALLED = {**NAMES, "country": "countryCode", "description": "description"}
_OURS = {theirs: ours for ours, theirs in _CALLED.items()}
_PARAMS = {
    "receivers": "receiverAddressMapping",
    "senders": "senderAddressMapping",
    "receiver_variables": "receiverMergeVariableMapping",
    "sender_variables": "senderMergeVariableMapping",
}
Shown = dict[str, Any]


class MailingList(Described, Protocol):
    """A row of a mailing list."""

    @property
    def id(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def errors(self) -> list[dict[str, str]]: ...


class Import(Described, Protocol):
    """A row of an import."""

    @property
    def id(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def mappings(self) -> Mapping[str, Mapping[str, str]]: ...
    @property
    def status(self) -> str: ...
    @property
    def valid_rows(self) -> int: ...
    @property
    def invalid_rows(self) -> int: ...
    @property
    def verified(self) -> int: ...
    @property
    def corrected(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def sender_verified(self) -> int: ...
    @property
    def sender_corrected(self) -> int: ...
    @property
    def sender_failed(self) -> int: ...
    @property
    def errors(self) -> list[dict[str, str]]: ...
    @property
    def notes(self) -> list[dict[str, str]]: ...


def mailing_list(ids: Ids, row: MailingList, live: bool) -> Shown:
    """A mailing list as the client knows it."""
    return {
        **common(ids, "mailing_list", row.id, row, live),
        "status": row.status,
        **({"errors": row.errors} if row.errors else {}),
    }


def import_(ids: Ids, row: Import, organization_id: int, live: bool) -> Shown:
    """An import as the client knows it; `url` of its file is the one that it was given."""
    senders = {"senderStatusCount": _count(row.sender_verified, row.sender_corrected, row.sender_failed)}
    return {
        **common(ids, "mailing_list_import", row.id, row, live),
        "organization": ids.encode("organization", organization_id),
        "status": row.status,
        "file": {"url": row.url, "fileType": "csv", **_mappings(row.mappings)},
        "validRowCount": row.valid_rows,
        "invalidRowCount": row.invalid_rows,
        "receiverStatusCount": _count(row.verified, row.corrected, row.failed),
        **(senders if row.mappings.get("senders") else {}),
        "errors": row.errors,
        "notes": row.notes,
    }


def columns(
    receivers: Mapping[str, str],
    senders: Mapping[str, str] | None,
    receiver_variables: Mapping[str, str] | None,
    sender_variables: Mapping[str, str] | None,
) -> Columns:
    """Which column holds what, of the client's four mappings; Invalid names one, and its field."""
    return Columns(
        _fields(receivers, _PARAMS["receivers"]),
        _fields(senders, _PARAMS["senders"]) if senders else {},
        _variables(receiver_variables or {}, _PARAMS["receiver_variables"]),
        _variables(sender_variables or {}, _PARAMS["sender_variables"]),
    )


def _fields(mapping: Mapping[str, str], param: str) -> dict[str, str]:
    named = {}
    for theirs, column in mapping.items():
        if theirs not in _OURS:
            message = f"{param}.{theirs[:60]} is no field of a contact that a column can hold: {', '.join(_OURS)}"
            raise Invalid(message, f"{param}.{theirs[:60]}")
        if column:
            named[_OURS[theirs]] = column
    if "address_line1" not in named:
        raise Invalid(f"{param}.addressLine1 is missing: the column that holds it", f"{param}.addressLine1")
    if not named.keys() & {"first_name", "company"}:
        raise Invalid(f"{param}.firstName or .companyName is missing: the column that holds it", f"{param}.firstName")
    return named


def _variables(mapping: Mapping[str, str], param: str) -> dict[str, str]:
    if len(mapping) > _MOST_VARIABLES or any(len(name) > _LONGEST_NAME for name in mapping):
        message = f"{param} may name {_MOST_VARIABLES} variables at most, of {_LONGEST_NAME} characters each"
        raise Invalid(message, param)
    return dict(mapping)


def _mappings(mappings: Mapping[str, Mapping[str, str]]) -> Shown:
    shown: Shown = {}
    for ours, theirs in _PARAMS.items():
        if named := mappings.get(ours):
            fields = ours in ("receivers", "senders")
            shown[theirs] = {_CALLED[name] if fields else name: column for name, column in named.items()}
    return shown


def _count(verified: int, corrected: int, failed: int) -> dict[str, int]:
    return {"verifiedCount": verified, "correctedCount": corrected, "failedCount": failed}
