"""Forms as clients nest them: `to[firstName]`, `events[]` or `events[0]`, `items[0][name]`.

PostGrid's client leaves the index of a list's objects out, and writes `items[][name]` of all of them before
`items[][price]` of all. Where every object has the same fields that says which belong together. Where one field comes
more often than another it does not, and is refused.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import parse_qsl

from sendtrail.api.wire import MAX_DEPTH
from sendtrail.domain.problems import Invalid

MAX_FIELDS = 1000
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_STEP = re.compile(r"\[([^\[\]]*)\]")
_INDEXED = "number them, as in items[0][name], or send JSON"


class _Field(NamedTuple):
    """A field's name as it was sent, the steps that are left of it, and its text."""

    name: str
    steps: tuple[str, ...]
    text: str

    @property
    def inner(self) -> "_Field":
        return self._replace(steps=self.steps[1:])


def nested(fields: Iterable[tuple[str, str]]) -> dict[str, object]:
    """The object that a form's fields stand for, all of whose values are texts; Invalid names the field."""
    return _object([_Field(name, steps_of(name), text) for name, text in fields])


def urlencoded(content: bytes) -> list[tuple[str, str]]:
    """The fields of a form in `application/x-www-form-urlencoded`; Invalid."""
    try:
        return parse_qsl(content.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise Invalid("the form is not UTF-8") from None
    except ValueError:
        raise Invalid(f"the form may have {MAX_FIELDS:,} fields at most") from None


def steps_of(name: str) -> tuple[str, ...]:
    """What a field's name leads through; Invalid for one that is none."""
    found = _NAME.fullmatch(name)
    if not found:
        raise Invalid(f"{name[:60]!a} is no name of a form's field: it must be like to[firstName]", name[:60])
    steps = (found[1], *_STEP.findall(found[2]))
    if len(steps) > MAX_DEPTH:
        raise Invalid(f"{name[:60]!a} lies deeper than {MAX_DEPTH} objects and lists", name[:60])
    return steps


def _object(fields: Sequence[_Field]) -> dict[str, object]:
    inside: dict[str, list[_Field]] = {}
    for field in fields:
        inside.setdefault(field.steps[0], []).append(field.inner)
    return {step: _value(some) for step, some in inside.items()}


def _value(fields: Sequence[_Field]) -> object:
    """What stands at one place: a text, a list or an object."""
    first, shown = fields[0], f"{fields[0].name[:60]!a}"
    if not all(field.steps for field in fields):
        if any(field.steps for field in fields):
            raise Invalid(f"{shown} is given as a text and as an object", first.name[:60])
        if len(fields) > 1:
            raise Invalid(f"{shown} is given twice", first.name[:60])
        return first.text
    steps = {field.steps[0] for field in fields}
    if "" in steps:
        if len(steps) > 1:
            raise Invalid(f"{shown}: some of this list have an index and some have none: {_INDEXED}", first.name[:60])
        return _list([field.inner for field in fields])
    if all(step.isascii() and step.isdigit() for step in steps):
        if steps != {str(n) for n in range(len(steps))}:
            raise Invalid(f"{shown}: the indexes of a list must be 0, 1, 2 and so on", first.name[:60])
        found = _object(fields)
        return [found[str(n)] for n in range(len(steps))]
    return _object(fields)


def _list(fields: Sequence[_Field]) -> list[object]:
    """The texts or objects of a list without indexes."""
    first, shown = fields[0], f"{fields[0].name[:60]!a}"
    if not any(field.steps for field in fields):
        return [field.text for field in fields]
    if any(not field.steps or "" in field.steps for field in fields):
        raise Invalid(f"{shown}: which of this list belong together cannot be told: {_INDEXED}", first.name[:60])
    counts = Counter(field.steps for field in fields)
    kinds, size = len(counts), max(counts.values())
    in_turns = all(
        len({field.steps for field in fields[start : start + kinds]}) == kinds for start in range(0, len(fields), kinds)
    )
    in_a_row = sum(1 for _ in groupby(fields, key=lambda field: field.steps)) == kinds
    if min(counts.values()) < size or not (in_turns or in_a_row):
        raise Invalid(
            f"{shown}: which of this list belong together cannot be told unless each has the same fields: {_INDEXED}",
            first.name[:60],
        )
    turns: Counter[tuple[str, ...]] = Counter()
    objects: list[list[_Field]] = [[] for _ in range(size)]
    for field in fields:
        objects[turns[field.steps]].append(field)
        turns[field.steps] += 1
    return [_object(each) for each in objects]
