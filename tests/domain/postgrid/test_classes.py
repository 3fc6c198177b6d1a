"""PostGrid's mailing classes and ours."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.postgrid.classes import MailingClass, carried, is_tracked, told
from sendtrail.domain.problems import Invalid, NotSupported, SendtrailError
from sendtrail.domain.send import Address, ExtraService, KindWord, NewSend, settle

CLASSES = get_args(MailingClass)
EXTRAS = get_args(ExtraService)
KINDS: list[KindWord] = ["letter", "postcard", "cheque", "self_mailer"]


@given(
    st.sampled_from(CLASSES),
    st.sampled_from(EXTRAS),
    st.sampled_from(KINDS),
    st.sampled_from(["US", "PR", "CA", "GB"]),
)
def test_whatever_can_be_asked_for_is_refused_by_its_field_or_sent_and_told_as_asked(
    asked: str, extra: ExtraService, kind: KindWord, country: str
) -> None:
    try:
        way = carried(asked, extra, kind, country)
    except SendtrailError as problem:
        way, param = None, problem.param
    if way is None:
        assert param in ("mailingClass", "extraService")
        return
    send = settle(
        NewSend(
            kind=kind,
            to=Address(name="Ann", country=country),
            mailing_class=way.mailing_class,
            extra_service=way.extra_service,
            post=way.post,
        )
    )
    assert told(asked, send.mailing_class, send.extra_service) == asked
    assert told("", send.mailing_class, send.extra_service) in CLASSES
    assert not extra or send.extra_service == extra


@pytest.mark.parametrize(
    ("asked", "extra", "country", "wanted"),
    [
        ("", "", "US", ("first_class", "", None)),
        ("", "", "CA", ("lettermail", "", None)),
        ("standard_class", "", "US", ("marketing", "", None)),
        ("standard_class", "", "CA", ("personalized", "", None)),
        ("usps_first_class", "", "CA", ("first_class", "", "usps")),
        ("certified", "", "US", ("first_class", "certified", None)),
        ("first_class", "registered", "PR", ("first_class", "registered", None)),
        ("usps_express_3_day_certified", "certified", "US", ("usps_express_3_day", "certified", "usps")),
        ("ca_post_neighbourhood_mail", "", "CA", ("neighbourhood_mail", "", "canada_post")),
    ],
)
def test_a_class_says_how_a_letter_goes(asked: str, extra: ExtraService, country: str, wanted: object) -> None:
    assert carried(asked, extra, "letter", country) == wanted


@pytest.mark.parametrize("asked", ["ups_express_2_day", "royal_mail_first_class", "au_post_second_class"])
def test_other_posts_are_not_supported(asked: str) -> None:
    with pytest.raises(NotSupported, match="USPS and Canada Post"):
        carried(asked, "", "letter", "GB")


@pytest.mark.parametrize("asked", ["standard_class", "usps_standard_class", "usps_eddm"])
def test_what_goes_in_bulk_is_neither_registered_nor_certified(asked: str) -> None:
    with pytest.raises(Invalid, match="not with mailingClass") as refusal:
        carried(asked, "registered", "letter", "US")
    assert refusal.value.param == "extraService"


def test_only_what_goes_by_its_own_number_is_tracked() -> None:
    assert [is_tracked(*way) for way in (("express", ""), ("first_class", "certified"), ("first_class", ""))] == [
        True,
        True,
        False,
    ]
