"""Whom to ask, and where a link to them leads."""

import pytest

from sendtrail.domain.contacts import checked_contact, contact_link
from sendtrail.domain.problems import Invalid


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("mail@example.com", "mailto:mail@example.com"),
        ("post+mail@example.co.uk", "mailto:post+mail@example.co.uk"),
        ("a&b?c@example.com", "mailto:a%26b%3Fc@example.com"),
        ("+1 (617) 555-0142", "tel:+16175550142"),
        ("617.555.0142", "tel:6175550142"),
        ("https://example.com/help?topic=mail", "https://example.com/help?topic=mail"),
        ("HTTPS://example.com", "HTTPS://example.com"),
    ],
)
def test_an_address_a_number_and_a_page_can_be_followed(contact: str, link: str) -> None:
    assert contact_link(contact) == link
    assert checked_contact(f"  {contact} ") == contact


@pytest.mark.parametrize(
    "contact",
    [
        "the front desk", "mail@example", "http://example.com", "javascript:alert(1)", "data:,x", "https://",
        "https:// example.com", "https://[::1", "1234", "1" * 16, "a@b.c\0", "@example.com", "x" * 300 + "@example.com",
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_refused(contact: str) -> None:
    assert contact_link(contact) == ""
    with pytest.raises(Invalid) as refusal:
        checked_contact(contact)
    assert refusal.value.param == "support_contact"


def test_none_is_fine() -> None:
    assert checked_contact("  ") == ""
