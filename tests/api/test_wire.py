"""Strict JSON: what is refused, in which words, and that nothing else is."""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.api.wire import MAX_DEPTH, parse, read
from sendtrail.domain.problems import Invalid


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    word: Literal["a", "b"] | None = None
    size: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=3)] = "x"


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    must: str = ""
    inner: Inner | None = None
    many: list[Inner] = []
    named: dict[str, Inner] = {}
    day: date | None = None
    moment: datetime | None = None
    free: Any = None
    number: float = 0.0


class Needs(msgspec.Struct):
    to: Outer
    must: str


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        (b"", None, "the body is not JSON: expecting value, line 1 column 1"),
        (b'{"must":', None, "the body is not JSON: expecting value, line 1 column 9"),
        (b'{"must":"\n"}', None, "the body is not JSON: invalid control character at, line 1 column 10"),
        (b'{"must":"caf\xe9"}', None, "the body is not UTF-8: byte 13 cannot be read"),
        (b'{"free":NaN}', None, "the body is not JSON: NaN is not a JSON number"),
        (b'{"free":-Infinity}', None, "the body is not JSON: -Infinity is not a JSON number"),
        (b'{"free":1e999}', None, "the body holds 1e999, which is too large a number"),
        (b'{"free":' + b"9" * 5000 + b"}", None, "the body holds a number that is too large"),
        (b"[" * 100_000, None, "the body may hold objects and lists 32 deep at most"),
        (b"[]", None, "the body must be an object, not a list"),
        (b'{"must":"a","must":"a"}', "must", "must is given twice"),
        (b'{"inner":{"size":1,"word":"a","size":2}}', "inner.size", "inner.size is given twice"),
        (b'{"free":[{},{"x":{"a":1,"a":2}}]}', "free.1.x.a", "free.1.x.a is given twice"),
        (b'{"must":"a\\u0000b"}', "must", "must must not hold a NUL character"),
        (b'{"free":{"\\u0000":1}}', "free", "free has a key that must not hold a NUL character"),
        (b'{"must":"\\ud800"}', "must", "must must not hold half of a surrogate pair"),
        (b'{"must":5}', "must", "must must be text, not a whole number"),
        (b'{"number":"5"}', "number", "number must be a number, not text"),
        (b'{"inner":{"size":"5"}}', "inner.size", "inner.size must be a whole number, not text"),
        (b'{"inner":{"size":0}}', "inner.size", "inner.size must be at least 1"),
        (b'{"inner":{"size":10}}', "inner.size", "inner.size must be at most 9"),
        (b'{"inner":{"name":""}}', "inner.name", "inner.name must have at least 1 characters or items"),
        (b'{"inner":{"word":"c"}}', "inner.word", "inner.word must be one of a, b"),
        (b'{"many":[{},{"word":"c"}]}', "many.1.word", "many.1.word must be one of a, b"),
        (b'{"many":{}}', "many", "many must be a list, not an object"),
        (b'{"inner":{"other":1}}', "inner.other", "inner.other is not a field here"),
        (b'{"day":"2026-13-01"}', "day", "day must be a day such as 2026-03-02"),
        (b'{"moment":"now"}', "moment", "moment must be a time such as 2026-03-02T22:56:10-05:00"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_one_line(body: bytes, param: str | None, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(parse(body), Outer)

    assert (refusal.value.param, refusal.value.message) == (param, message)


def test_a_missing_field_is_named_by_its_path() -> None:
    with pytest.raises(Invalid, match="must is missing") as refusal:
        read(parse(b'{"to":{}}'), Needs)

    assert refusal.value.param == "must"


def test_a_choice_behind_any_name_is_listed_without_guessing() -> None:
    with pytest.raises(Invalid, match=r"^named\.\*\.word must be one of a, b$"):
        read(parse(b'{"named":{"some.thing":{"word":"c"}}}'), Outer)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_has_a_limit_that_is_no_parsers(opening: bytes, closing: bytes) -> None:
    def nested(depth: int) -> bytes:
        return b'{"free":' + opening * (depth - 1) + b"1" + closing * (depth - 1) + b"}"

    assert read(parse(nested(MAX_DEPTH)), Outer).free is not None
    for depth in (MAX_DEPTH + 1, 200, 900, 50_000):
        with pytest.raises(Invalid, match="deep"):
            read(parse(nested(depth)), Outer)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_any_other_json_is_taken_as_it_is(value: object) -> None:
    holds_nul = "\\u0000" in json.dumps(value)
    body = json.dumps({"free": value}).encode()
    if holds_nul:
        with pytest.raises(Invalid):
            read(parse(body), Outer)
    else:
        assert read(parse(body), Outer).free == value


@given(st.binary())
def test_no_bytes_do_anything_but_parse_or_be_refused(body: bytes) -> None:
    try:
        read(parse(body), Outer)
    except Invalid as refusal:
        assert "\n" not in refusal.message  # noqa: PT017 — most bytes are refused, some are JSON
