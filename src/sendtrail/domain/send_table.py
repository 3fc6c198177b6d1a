"""Sends as rows of a table: which column is which field, and what a cell becomes.

Names are those of the API (`to.name`, `send_date`), with points, underscores or capitals as people write them; the
recipient's fields do without `to`. A column that is no field is refused: a misspelt one would otherwise lose data.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_args

import msgspec

from sendtrail.domain.plurals import counted
from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import Address, ExtraService, KindWord, NewSend, Post

_TOP = {field.encode_name for field in msgspec.structs.fields(NewSend)} - {"to", "from", "gift", "metadata"}
_ADDRESS = {field.encode_name for field in msgspec.structs.fields(Address)} | {"first_name", "last_name"}
_OPEN = ("gift", "metadata")
"""Objects of any fields: a column `metadata` holds a JSON object, one named `metadata.order` a text for its field."""
_OPEN_FIELD = re.compile(r"(gift|metadata)(?:\[(.+)\]|[.\s_-]+(.+))", re.IGNORECASE)
_PASSED_OVER = {"line", "reason"}
"""What a rejects file adds: corrected, it can be imported as it is."""
_ALSO = {
    "type": "kind",
    "class": "mailing_class",
    "barcode": "imb",
    "tracking": "tracking_number",
    "reference": "external_id",
    "date": "send_date",
    "tag": "tags",
}
_ALSO_ADDRESS = {
    "address": "address_line1",
    "address1": "address_line1",
    "address_1": "address_line1",
    "address_line_1": "address_line1",
    "street": "address_line1",
    "address2": "address_line2",
    "address_2": "address_line2",
    "address_line_2": "address_line2",
    "zip": "postal_code",
    "zip_code": "postal_code",
    "postcode": "postal_code",
    "postal": "postal_code",
    "postal_or_zip": "postal_code",
    "province": "state",
    "province_or_state": "state",
    "country_code": "country",
    "company_name": "company",
    "phone_number": "phone",
    "full_name": "name",
}

Path = tuple[str, ...]


def columns(header: Sequence[str], given: Collection[str] = ()) -> list[Path]:
    """For each column the path of its field, empty for one that is passed over. `given`: fields that need no column.

    Invalid names a column that is no field or stands twice, and a `kind` that is missing.
    """
    if any("\0" in name for name in header):
        raise Invalid("the file is UTF-16 text: save it as UTF-8")
    paths: list[Path] = []
    for name in header:
        path = _path(name)
        if path is None:
            raise Invalid(f"column {name[:60]!a} is no field of a send, such as kind, to.name, to.postal_code, imb")
        if path and path in paths:
            raise Invalid(f"column {name[:60]!a} stands twice: both mean {'.'.join(path)}")
        paths.append(path)
    if given and not any(paths):
        raise Invalid("the file has no header that names a field of a send, such as name, city, postal_code")
    if ("kind",) not in paths and "kind" not in given:
        raise Invalid("the column kind is missing")
    return paths


def send(paths: Sequence[Path], cells: Sequence[str], given: Mapping[str, str] | None = None) -> NewSend:
    """The send of one row; an empty cell is a field that is not given, or as it is `given`. Invalid names the field.

    What a column of its own says counts more than an object that names the same.
    """
    if len(cells) != len(paths):
        raise Invalid(f"the row has {counted(len(cells), 'column')}, the header {len(paths)}")
    value: dict[str, Any] = {"to": {}, **(given or {})}
    for path, cell in zip(paths, cells, strict=True):
        if path and (text := cell.strip()):
            if path[0] in _OPEN and len(path) == 1:
                value[path[0]] = _object(path[0], text) | value.get(path[0], {})
                continue
            place = value
            for step in path[:-1]:
                place = place.setdefault(step, {})
            place[path[-1]] = [tag.strip() for tag in re.split("[;,]", text)] if path == ("tags",) else text
    for address in (value["to"], value.get("from")):
        if address and (names := [address.pop(part) for part in ("first_name", "last_name") if part in address]):
            address.setdefault("name", " ".join(names))
    try:
        return msgspec.convert(value, NewSend, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(_explained(str(error))) from None


def _object(field: str, text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise Invalid(f'{field} must be a JSON object such as {{"order": "A-1"}}') from None


def _path(name: str) -> Path | None:
    if inside := _OPEN_FIELD.fullmatch(name.strip()):
        return inside[1].lower(), inside[2] or inside[3]
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name.strip().removeprefix("\ufeff")).lower()
    words = re.sub(r"[\s.\[\]_-]+", "_", words).strip("_")
    if words in _PASSED_OVER:
        return ()
    words = _ALSO.get(words, words)
    if words in _TOP or words in _OPEN:
        return (words,)
    prefix, _, rest = words.partition("_")
    if prefix in _OPEN:
        return (prefix, rest)
    if prefix in ("to", "recipient", "from", "return") and (field := _ALSO_ADDRESS.get(rest, rest)) in _ADDRESS:
        return ("to" if prefix in ("to", "recipient") else "from", field)
    field = _ALSO_ADDRESS.get(words, words)
    return ("to", field) if field in _ADDRESS else None


_CHOICES = {"kind": KindWord, "extra_service": ExtraService, "post": Post}
_WORDS = {"int": "a whole number", "date": "a day such as 2026-03-02", "str": "text"}


def _explained(complaint: str) -> str:
    """msgspec's complaint about a cell, with the field first."""
    reason, _, place = complaint.partition(" - at `$.")
    field = place.rstrip("`")
    if match := re.search(r"field `([^`]+)`", reason):
        return f"{match[1]} is missing"
    if reason.startswith("Invalid enum value"):
        return f"{field} must be one of {', '.join(filter(None, get_args(_CHOICES[field])))}"
    if reason.startswith("Invalid RFC3339"):
        return f"{field} must be {_WORDS['date']}"
    if match := re.search(r"Expected `([a-z]+)", reason):
        return f"{field} must be {_WORDS.get(match[1], match[1])}"
    return f"{field}: {reason[:1].lower()}{reason[1:]}"
