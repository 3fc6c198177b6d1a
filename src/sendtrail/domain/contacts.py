"""Whom to ask when a piece goes astray: an e-mail address, a telephone number or a page."""

import re
from urllib.parse import quote, urlsplit

from sendtrail.domain.problems import Invalid

MAX_CONTACT = 200
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]+")
_PHONE = re.compile(r"\+?[\d ()./-]+")
_DIGITS = range(5, 16)
"""E.164 allows 15; the shortest service numbers have five."""


def checked_contact(text: str) -> str:
    """The contact without outer blanks, empty for none; Invalid for what cannot be followed by a link."""
    contact = text.strip()
    if contact and not contact_link(contact):
        raise Invalid(
            "support_contact must be an e-mail address, a telephone number or an address that begins with https://",
            "support_contact",
        )
    return contact


def contact_link(contact: str) -> str:
    """Where a link to the contact leads: `mailto:`, `tel:` or the page; empty where it is none of them."""
    if len(contact) > MAX_CONTACT or not contact.isprintable():
        return ""
    if contact.lower().startswith("https://"):
        return contact if _is_page(contact) else ""
    if _EMAIL.fullmatch(contact):
        return f"mailto:{quote(contact, safe='@+')}"
    digits = re.sub(r"\D", "", contact)
    if _PHONE.fullmatch(contact) and len(digits) in _DIGITS:
        return f"tel:{'+' if contact.startswith('+') else ''}{digits}"
    return ""


def _is_page(address: str) -> bool:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return False
    return bool(host) and not re.search(r"\s", address)
