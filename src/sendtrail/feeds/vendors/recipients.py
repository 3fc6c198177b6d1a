"""Addresses and kinds as vendors write them. Each spells the same few fields another way."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from sendtrail.domain.send import Address, ExtraService, KindWord
from sendtrail.domain.service_types import mailing_class_named

_SPELLINGS = {
    "name": ("name", "fullname", "recipient", "recipientname", "contactname"),
    "first_name": ("firstname", "first"),
    "last_name": ("lastname", "last"),
    "company": ("company", "companyname", "organization", "organisation", "business"),
    "email": ("email", "emailaddress"),
    "phone": ("phone", "phonenumber", "telephone"),
    "address_line1": ("addressline1", "address1", "address", "street", "streetaddress", "line1"),
    "address_line2": ("addressline2", "address2", "line2", "apartment", "unit"),
    "city": ("city", "addresscity", "town"),
    "state": ("state", "addressstate", "province", "provinceorstate", "county", "region", "stateprovince"),
    "postal_code": ("zip", "zipcode", "postcode", "postalcode", "postal", "addresszip", "postalorzip", "zippostalcode"),
    "country": ("country", "countrycode", "addresscountry"),
}
_FIELDS = {spelling: field for field, spellings in _SPELLINGS.items() for spelling in spellings}
_PREFIXES = ("recipient", "to", "mailing", "contact")
_COUNTRIES = {
    "usa": "US",
    "unitedstates": "US",
    "unitedstatesofamerica": "US",
    "can": "CA",
    "canada": "CA",
    "gbr": "GB",
    "uk": "GB",
    "unitedkingdom": "GB",
    "aus": "AU",
    "australia": "AU",
    "deu": "DE",
    "germany": "DE",
    "fra": "FR",
    "france": "FR",
    "irl": "IE",
    "ireland": "IE",
    "mex": "MX",
    "mexico": "MX",
    "nzl": "NZ",
    "newzealand": "NZ",
}
"""Names of those that these vendors print for, besides the two letters."""
_KINDS: dict[str, KindWord] = {
    **{word.replace("_", ""): word for word in get_args(KindWord)},
    "check": "cheque",
    "snappack": "self_mailer",
}


def folded(name: str) -> str:
    """A name in lower case, of letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def field_of(name: str) -> str:
    """Which field of a recipient a name means, first and last names apart; '' where it means none."""
    word = folded(name)
    if found := _FIELDS.get(word):
        return found
    return next(
        (_FIELDS[word[len(each) :]] for each in _PREFIXES if word.startswith(each) and word[len(each) :] in _FIELDS), ""
    )


def address(fields: Mapping[str, Any]) -> Address | None:
    """The recipient that these fields tell, whatever they are called; None where nobody could be found by it."""
    told: dict[str, str] = {}
    for name, value in fields.items():
        field = field_of(name)
        if field and isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            told.setdefault(field, str(value).strip())
    names = [told.pop(field) for field in ("first_name", "last_name") if field in told]
    told.setdefault("name", " ".join(names))
    told["country"] = country(told.get("country", ""))
    found = Address(**told)
    return found if found.name or found.company or found.email or found.address_line1 else None


def country(text: str) -> str:
    """The two letters of a country, of the United States where it is not told; a name that we do not know stays."""
    return _COUNTRIES.get(folded(text), text.strip().upper()) or "US"


def kind_of(text: str) -> KindWord | None:
    """The kind of send that a word means, in the singular or plural."""
    word = folded(text)
    return _KINDS.get(word) or _KINDS.get(word.removesuffix("s"))


def mailing_class(text: str) -> str:
    """One of our classes of the United States post, '' for a word that is none of them: the usual class then."""
    word = folded(text)
    if "standard" in word or "marketing" in word:
        return "marketing"
    found = mailing_class_named(re.sub(r"[\s-]+", "_", text.strip().lower().removeprefix("usps_")))
    return found or ""


def extra_service(text: str) -> ExtraService:
    """The extra service that a class or a service names."""
    word = folded(text)
    if "certifiedreturnreceipt" in word:
        return "certified_return_receipt"
    return "certified" if "certified" in word else "registered" if "registered" in word else ""
