"""Amounts of money as people type them."""

import re

from sendtrail.domain.problems import Invalid

_SYMBOL = re.compile(r"^(?:[A-Z]{2,3}(?=[\s$])|CA(?=\$)|A(?=\$))?\s*[$£€]?\s*")
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d{1,2}))?")
_MOST_DIGITS = 15


def cents_of(text: str, param: str = "amount") -> int:
    """Whole cents of an amount such as 0.78, $1,234.50 or -12; Invalid names `param`.

    The point parts cents, as in the countries whose post we know; a comma is only taken where it parts thousands, for
    "0,78" could mean two things.
    """
    written = text.strip().replace("−", "-")
    negative = written.startswith("-")
    written = _SYMBOL.sub("", written.removeprefix("-").strip())
    found = _AMOUNT.fullmatch(written)
    if not found or not any(found.groups()) or len(found[1] or "") > _MOST_DIGITS or not written.isascii():
        raise Invalid(f"{param} must be an amount such as 0.78 or 1,250.00", param)
    cents = int((found[1] or "0").replace(",", "")) * 100 + int((found[2] or "0").ljust(2, "0"))
    return -cents if negative else cents
