"""Trackers in PostGrid's words and in ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.ids import KEY_BYTES, Ids
from sendtrail.domain.landing import VARIABLES, variables
from sendtrail.domain.postgrid.trackers import named_in, ours, theirs
from sendtrail.domain.problems import Invalid

IDS = Ids(bytes(KEY_BYTES))
THEIRS = ("to.firstName", "to.companyName", "from.postalOrZip", "to.countryCode", "offer", "offer.code", "send_id")
NAMES = st.sampled_from(THEIRS) | st.text("abcXYZ_-", min_size=1).filter(lambda name: name not in ("to", "from"))


@given(st.lists(st.tuples(st.text("ab/?=&#%"), NAMES)))
def test_a_template_comes_back_as_it_was_given(parts: list[tuple[str, str]]) -> None:
    template = "https://shop.example.com/" + "".join(f"{text}{{{{{name}}}}}" for text, name in parts)

    assert theirs(ours(template)) == template
    assert all(name in VARIABLES or name.startswith("merge.") for name in variables(ours(template)))


def test_what_is_merged_cannot_be_taken_for_what_we_know() -> None:
    assert ours("https://a.example/?a={{ to.firstName }}&b={{code}}") == (
        "https://a.example/?a={{to.first_name}}&b={{merge.code}}"
    )


@pytest.mark.parametrize("name", ["to.jobTitle", "from.nobody", "to", ""])
def test_a_field_that_no_contact_has_is_refused_by_name(name: str) -> None:
    with pytest.raises(Invalid, match=r"is no variable; there are to\.firstName") as refusal:
        ours("https://a.example/{{" + name + "}}")
    assert refusal.value.param == "redirectURLTemplate"


def test_trackers_are_found_by_their_ids_once_each_whatever_else_stands_in_braces() -> None:
    one, two = IDS.encode("tracker", 1), IDS.encode("tracker", 2)
    html = (
        f"<a>{{{{{one}}}}}</a><img src='{{{{ {two.upper()}.qrcode }}}}'>{{{{{one}.qrcode}}}}{{{{to.firstName}}}}{one}"
    )

    assert named_in(html) == [one, two]
    assert named_in("{{ Tracker_ID.QRcode }} {{tracker_0.png}} {{ tracker }}") == ["tracker_id", "tracker_0.png"]
