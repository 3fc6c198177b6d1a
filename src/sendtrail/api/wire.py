"""Reading what clients send: strict JSON into typed values, with one-line refusals that name the field.

JSON parsers commonly keep the last of two equal keys and let through characters that a database cannot hold; here
both are refused, since a client that sends them means something else than what would be stored.
"""

import json
import math
import re
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from sendtrail.domain.problems import Invalid

T = TypeVar("T")
MAX_DEPTH = 32
"""Objects and lists inside each other: far more than any body needs, far less than any parser's limit."""

_MAX_PARAM = 200
_TYPES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
    "object": "an object",
    "array": "a list",
    "date": "a day such as 2026-03-02",
    "datetime": "a time such as 2026-03-02T22:56:10-05:00",
}
_LOCATED = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_BOUND = re.compile(r"Expected `[^`]+` ([<>]=?) (-?\d+)")
_LENGTH = re.compile(r"Expected `[^`]+` of length ([<>]=) (\d+)")
_FIELD = re.compile(r"Object (missing required|contains unknown) field `([^`]*)`")
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


class _Twice:
    """An object that names a key twice."""

    def __init__(self, key: str) -> None:
        self.key = key


def parse(body: bytes) -> object:
    """The JSON value of a body, in which an object with a repeated key is marked: `read` refuses it. Raises Invalid."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"the body is not UTF-8: byte {error.start + 1} cannot be read") from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=_float, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise Invalid(f"the body is not JSON: {error.msg[:1].lower()}{error.msg[1:]}, {where}") from None
    except RecursionError:
        raise Invalid(f"the body may hold objects and lists {MAX_DEPTH} deep at most") from None
    except ValueError:  # a whole number of more digits than Python reads
        raise Invalid("the body holds a number that is too large") from None


def read(value: object, type_: type[T], *, strict: bool = True) -> T:
    """A parsed JSON value as `type_`; Invalid names the field by its dotted path.

    Not `strict`: texts stand for numbers and truth too, as in a form.
    """
    if fault := _fault(value, MAX_DEPTH):
        path, reason = fault
        param = ".".join(reversed(path))[:_MAX_PARAM] or None
        raise Invalid(f"{param or 'the body'} {reason}", param)
    try:
        return msgspec.convert(value, type_, strict=strict)
    except msgspec.ValidationError as error:
        message, param = explain(str(error), type_)
        raise Invalid(message, param) from None


def explain(complaint: str, type_: Any, inside: str = "") -> tuple[str, str | None]:
    """msgspec's complaint about a value of `type_` in our words, and the dotted path of the field.

    `inside` is the path of the value itself.
    """
    located = _LOCATED.search(complaint)
    path = [step for step in re.split(r"[.\[\]]+", located[1].replace("[...]", ".*")) if step] if located else []
    complaint = complaint[: located.start()] if located else complaint
    if field := _FIELD.match(complaint):
        path.append(field[2])
        reason = "is missing" if field[1] == "missing required" else "is not a field here"
    elif expected := _EXPECTED.match(complaint):
        wanted = [_TYPES.get(each.strip(), each.strip()) for each in expected[1].split("|")]
        reason = f"must be {' or '.join(wanted)}, not {_TYPES.get(expected[2], expected[2])}"
    elif length := _LENGTH.match(complaint):
        reason = f"must have {_BOUNDS[length[1]]} {length[2]} characters or items"
    elif bound := _BOUND.match(complaint):
        reason = f"must be {_BOUNDS[bound[1]]} {bound[2]}"
    elif complaint.startswith("Invalid enum value"):
        reason = f"must be one of {', '.join(map(str, _choices(type_, path)))}"
    elif complaint.startswith("Invalid RFC3339 encoded "):
        reason = f"must be {_TYPES[complaint.rpartition(' ')[2]]}"
    else:
        reason = f"cannot be taken: {complaint[:1].lower()}{complaint[1:]}"
    param = ".".join([inside, *path] if inside else path)[:_MAX_PARAM] or None
    return f"{param or 'the body'} {reason}", param


def _object(pairs: list[tuple[str, object]]) -> object:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        return _Twice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return value


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise Invalid(f"the body holds {text[:30]}, which is too large a number")
    return value


def _refuse_constant(text: str) -> object:
    raise Invalid(f"the body is not JSON: {text} is not a JSON number")


def _fault(value: object, room: int) -> tuple[list[str], str] | None:
    """What no field may hold: where (the path, innermost first) and what."""
    if isinstance(value, str):
        return ([], reason) if (reason := _unfit(value)) else None
    if isinstance(value, _Twice):
        return [value.key], "is given twice"
    if isinstance(value, dict | list):
        if not room:
            return [], f"lies deeper than {MAX_DEPTH} objects and lists"
        for step, each in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(step, str) and (reason := _unfit(step)):
                return [], f"has a key that {reason}"
            if fault := _fault(each, room - 1):
                fault[0].append(str(step))
                return fault
    return None


def _unfit(text: str) -> str:
    if "\0" in text:
        return "must not hold a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "must not hold half of a surrogate pair"
    return ""


def _choices(type_: Any, path: list[str]) -> tuple[Any, ...]:
    """The words that a field may hold: those of the Literal at the end of `path` in `type_`."""
    members = options(type_)
    for step in path:
        members = tuple(each for member in members for each in options(_inside(member, step)))
    return tuple(word for option in members if get_origin(option) is Literal for word in get_args(option))


def _inside(option: Any, step: str) -> Any:
    """The type of a field, or of what a list or mapping holds; Any where there is none."""
    if step.isdigit() or step == "*":
        return (get_args(option) or (Any,))[-1]
    if isinstance(option, type) and issubclass(option, msgspec.Struct):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(option)}
        return fields.get(step, Any)
    return Any


def options(type_: Any) -> tuple[Any, ...]:
    """The members of a union, without annotations."""
    if get_origin(type_) is Annotated:
        return options(get_args(type_)[0])
    if get_origin(type_) in (Union, UnionType):
        return tuple(option for member in get_args(type_) for option in options(member))
    return (type_,)
