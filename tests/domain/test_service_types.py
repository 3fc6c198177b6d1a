"""The table of service type identifiers."""

import re

import pytest

from sendtrail.domain.service_types import (
    RETURN_STIDS,
    SERVICE_TYPES,
    ServiceType,
    describe,
    lookup,
    mail_class_of,
    stid_for,
)

# Every value of PostGrid's mailingClass.
POSTGRID_CLASSES = [
    "first_class",
    "standard_class",
    "express",
    "certified",
    "certified_return_receipt",
    "registered",
    "usps_first_class",
    "usps_standard_class",
    "usps_eddm",
    "usps_express_2_day",
    "usps_express_3_day",
    "usps_first_class_certified",
    "usps_first_class_certified_return_receipt",
    "usps_first_class_registered",
    "usps_express_3_day_signature_confirmation",
    "usps_express_3_day_certified",
    "usps_express_3_day_certified_return_receipt",
    "ca_post_lettermail",
    "ca_post_personalized",
    "ca_post_neighbourhood_mail",
    "ups_express_overnight",
    "ups_express_2_day",
    "ups_express_3_day",
    "royal_mail_first_class",
    "royal_mail_second_class",
    "au_post_second_class",
]


def test_every_code_is_three_digits_and_means_one_thing() -> None:
    assert len(SERVICE_TYPES) == 231
    assert all(re.fullmatch(r"\d{3}", service.stid) for service in SERVICE_TYPES)
    assert len({service.stid for service in SERVICE_TYPES}) == len(SERVICE_TYPES)
    assert len({service[1:] for service in SERVICE_TYPES}) == len(SERVICE_TYPES)


@pytest.mark.parametrize("service", SERVICE_TYPES, ids=lambda service: service.stid)
def test_look_up_and_description_are_each_others_reverse(service: ServiceType) -> None:
    assert describe(service.stid) == service
    found = lookup(
        service.mail_class,
        service.option,
        full_service=service.full_service,
        informed_visibility=service.informed_visibility,
    )
    assert found == service.stid


@pytest.mark.parametrize(
    ("stid", "mail_class", "option", "full_service", "informed_visibility"),
    [
        ("310", "first_class", "none", False, True),
        ("260", "first_class", "none", True, False),
        ("040", "first_class", "manual", False, True),
        ("271", "marketing", "none", True, True),
        ("231", "marketing", "CSR 2", True, True),
        ("265", "bound_printed_matter", "none", True, False),
        ("038", "periodicals", "ASR", True, False),
        ("766", "political_first_class", "RSR 2", True, True),
        ("725", "ballot_first_class", "return", True, True),
        ("052", "reply", "business by ZIP", False, True),
        ("703", "reply", "courtesy by ZIP", False, False),
    ],
)
def test_a_code_stands_in_its_class_and_column(
    stid: str, mail_class: str, option: str, full_service: bool, informed_visibility: bool
) -> None:
    assert describe(stid) == (stid, mail_class, option, full_service, informed_visibility)


def test_a_code_or_service_that_is_not_in_the_table_has_no_meaning() -> None:
    assert describe("999") is None
    assert describe("") is None
    assert lookup("first_class", "manual", full_service=True) is None
    assert lookup("first_class", "RSR 1") is None


def test_return_service_and_reply_mail_are_told_apart() -> None:
    assert {"340", "342", "262", "344", "534", "766", "713", "726"} <= RETURN_STIDS
    assert RETURN_STIDS.isdisjoint({"310", "270", "311", "040", "220", "502", "050", "777"})
    replies = {service.stid for service in SERVICE_TYPES if service.replies}
    assert {"050", "052", "031", "703", "777", "780"} <= replies
    assert replies.isdisjoint(RETURN_STIDS)


@pytest.mark.parametrize(
    ("mailing_class", "basic", "full_service"),
    [
        ("first_class", "310", "270"),
        ("usps_first_class", "310", "270"),
        ("certified", "310", "270"),
        ("certified_return_receipt", "310", "270"),
        ("registered", "310", "270"),
        ("usps_first_class_certified_return_receipt", "310", "270"),
        ("standard_class", "311", "271"),
        ("usps_standard_class", "311", "271"),
        ("marketing", "311", "271"),
        ("ca_post_lettermail", None, None),
        ("usps_express_2_day", None, None),
        ("ups_express_overnight", None, None),
        ("pigeon", None, None),
    ],
)
def test_a_send_gets_the_code_of_its_mailing_class(
    mailing_class: str, basic: str | None, full_service: str | None
) -> None:
    assert stid_for(mailing_class) == basic
    assert stid_for(mailing_class, full_service=True) == full_service


@pytest.mark.parametrize("mailing_class", POSTGRID_CLASSES)
def test_only_us_letter_classes_have_a_mail_class(mailing_class: str) -> None:
    foreign = mailing_class.startswith(("ca_", "ups_", "royal_", "au_")) or "express" in mailing_class
    assert (mail_class_of(mailing_class) is None) == foreign
