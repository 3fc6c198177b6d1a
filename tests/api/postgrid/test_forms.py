"""Forms, as PostGrid's own client nests them and as others do."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgrid import PostGrid

from sendtrail.api.postgrid.forms import nested, urlencoded
from sendtrail.domain.problems import Invalid

CLIENT = PostGrid(base_url="http://sendtrail.test", print_mail_api_key="st_test_none")
NAMES = st.text("abcdefXYZ_", min_size=1, max_size=4)
TEXTS = st.text(min_size=1, max_size=6)
LEAVES = st.one_of(
    TEXTS, st.lists(TEXTS, min_size=1, max_size=3), st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3)
)


@st.composite
def listed(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Objects with the same fields, one of which is an object."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    of: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {**dict.fromkeys(names, TEXTS), "inner": st.fixed_dictionaries({"a": TEXTS, "b": TEXTS})}
    )
    return draw(st.lists(of, min_size=1, max_size=4))


def as_sent(value: Any) -> list[tuple[str, str]]:
    """The parts of a form, in the order in which the client sends them."""
    form = cast(dict[str, Any], CLIENT._serialize_multipartform(value))
    return [(name, each) for name, of in form.items() for each in (of if isinstance(of, list) else [of])]


@given(st.dictionaries(NAMES, st.one_of(LEAVES, listed(), st.dictionaries(NAMES, listed(), min_size=1, max_size=2))))
def test_what_the_client_nests_is_read_as_it_was(value: dict[str, Any]) -> None:
    assert nested(as_sent(value)) == value


def test_objects_of_a_list_are_told_apart_by_index_by_turns_or_in_a_row() -> None:
    wanted = {"items": [{"name": "A", "price": "1"}, {"name": "B", "price": "2"}]}
    for names in (
        "items[][name] items[][price] items[][name] items[][price]",
        "items[0][name] items[0][price] items[1][name] items[1][price]",
    ):
        assert nested(zip(names.split(), "A1B2", strict=True)) == wanted
    assert nested(
        zip(["items[1][name]", "items[0][name]", "items[0][price]", "items[1][price]"], "BA12", strict=True)
    ) == (wanted)
    assert nested(as_sent(wanted)) == wanted
    tenfold = {"n": [str(n) for n in range(11)]}
    assert nested((f"n[{n}]", str(n)) for n in reversed(range(11))) == tenfold


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("items[][name] items[][price] items[][name]", r"'items\[\]\[name\]'.*the same fields.*items\[0\]\[name\]"),
        ("i[][a] i[][a] i[][b] i[][a] i[][b] i[][b]", "cannot be told"),
        ("items[][tags][]", "cannot be told: number them"),
        ("items[][]", "cannot be told"),
        ("items[] items[][name]", "cannot be told"),
        ("items[] items[0]", "some have none"),
        ("items[1]", "must be 0, 1, 2"),
        ("items[00]", "must be 0, 1, 2"),
        ("to to[firstName]", "as a text and as an object"),
        ("color color", "'color' is given twice"),
        ("items[0] items[0]", "is given twice"),
        ("to[firstName", r"'to\[firstName' is no name of a form's field: it must be like to\[firstName\]"),
        ("to[a]b", "no name"),
        ("[a]", "no name"),
        ("a" + "[b]" * 40, "lies deeper than 32"),
    ],
)
def test_what_cannot_be_told_apart_is_refused_by_name(names: str, told: str) -> None:
    with pytest.raises(Invalid, match=told) as refused:
        nested((name, "x") for name in names.split())
    assert refused.value.param


def test_a_form_in_the_manner_of_addresses_is_text_of_a_bounded_length() -> None:
    assert urlencoded(b"to%5BfirstName%5D=Zo%C3%AB+B&color=") == [("to[firstName]", "Zoë B"), ("color", "")]
    for content in (b"a=%FF", b"a=\xff", b"&".join([b"a=1"] * 1001)):
        with pytest.raises(Invalid, match="form"):
            urlencoded(content)
