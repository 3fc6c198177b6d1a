"""Accounts that cheques draw on: what their numbers must be like, and how they are shown."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from sendtrail.domain.described import check_described
from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import MAX_TEXT

MAX_SIGNATURE = 60
"""Characters: a name fits on the line of a cheque."""
_WEIGHTS = (3, 7, 1) * 3
_DISTRICTS = frozenset({*range(13), *range(21, 33), *range(61, 73), 80})
"""What a routing number may begin with: the Federal Reserve's districts, thrift institutions, electronic
transactions, traveller's cheques (ABA, Routing Number Policy)."""
_LENGTHS = {"US": (4, 17), "CA": (5, 12)}
"""Digits of an account number: Nacha's field for it has 17 places; Payments Canada, Standard 006: up to 12."""


class NewBankAccount(msgspec.Struct, frozen=True):
    """An account as somebody gives it. In the US `routing_number`: nine digits; in Canada `route_number`: three digits
    of the institution, `transit_number`: five of the branch, `designation_number`: what follows on a cheque, if any.
    `signature_text` or an image signs."""

    bank_name: str
    country: Literal["US", "CA"]
    account_number: str
    primary_line: str = ""
    secondary_line: str = ""
    routing_number: str = ""
    route_number: str = ""
    transit_number: str = ""
    designation_number: str = ""
    signature_text: str = ""
    description: str = ""
    metadata: dict[str, Any] | None = None


_NUMBERS = ("account_number", "routing_number", "route_number", "transit_number", "designation_number")
_OF_COUNTRY = {"US": _NUMBERS[1:2], "CA": _NUMBERS[2:]}


def settle_account(account: NewBankAccount, name_of: Callable[[str], str] = str) -> NewBankAccount:
    """The account without outer blanks, its numbers as digits; Invalid names the field as `name_of` has it. What is
    said of an account number does not repeat it."""
    texts = _texts(account, name_of)
    for country, fields in _OF_COUNTRY.items():
        for field in fields if country != account.country else ():
            if texts[field]:
                raise Invalid(f"{name_of(field)} goes with accounts in {country} only", name_of(field))
    for field, digits, needed in (
        ("routing_number", "9", account.country == "US"),
        ("route_number", "3", account.country == "CA"),
        ("transit_number", "5", account.country == "CA"),
        ("designation_number", "1,6", bool(texts["designation_number"])),
    ):
        if needed and not re.fullmatch(rf"[0-9]{{{digits}}}", texts[field]):
            how = f"{digits} digits" if "," not in digits else "6 digits at most"
            raise Invalid(f"{name_of(field)} must be {how}", name_of(field))
    if account.country == "US" and not is_routing_number(texts["routing_number"]):
        param = name_of("routing_number")
        raise Invalid(f"{param} {texts['routing_number']} is no routing number: its check digit is wrong", param)
    least, most = _LENGTHS[account.country]
    if not re.fullmatch(rf"[0-9]{{{least},{most}}}", texts["account_number"]):
        raise Invalid(f"{name_of('account_number')} must be {least} to {most} digits", name_of("account_number"))
    check_described(account.description, account.metadata)
    return msgspec.structs.replace(account, **texts)


def is_routing_number(digits: str) -> bool:
    """Whether nine digits can be a routing number: its weighted sum is a multiple of ten (ABA)."""
    fits = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 10 == 0
    return fits and int(digits[:2]) in _DISTRICTS and int(digits) > 0


def last_digits(number: str) -> str:
    """As much of an account number as may be shown: its last four digits, of a short one the last half."""
    return number[-min(4, len(number) // 2) :]


def masked(last: str) -> str:
    """How an account number is shown."""
    return f"********{last}"


def _texts(account: NewBankAccount, name_of: Callable[[str], str]) -> Mapping[str, str]:
    texts = {
        name: value.strip()
        for name in NewBankAccount.__struct_fields__
        if name not in ("country", "description") and isinstance(value := getattr(account, name), str)
    }
    for name, text in texts.items():
        limit = MAX_SIGNATURE if name == "signature_text" else MAX_TEXT
        if len(text) > limit:
            raise Invalid(f"{name_of(name)} may be {limit} characters at most", name_of(name))
        if not text.isprintable():
            raise Invalid(f"{name_of(name)} must be one line of text", name_of(name))
    if not texts["bank_name"]:
        raise Invalid(f"{name_of('bank_name')} is missing", name_of("bank_name"))
    return texts | {name: re.sub(r"[ -]", "", texts[name]) for name in _NUMBERS}
