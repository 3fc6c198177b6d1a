"""PostGrid's mailing classes and ours: which post carries an order, in which class, with which extra service.

PostGrid's class often says all three at once (`usps_first_class_certified`); its older `extraService` stands beside it.
"""

from typing import Literal, NamedTuple, get_args

from sendtrail.domain.problems import Invalid, NotSupported
from sendtrail.domain.send import US_MAIL, ExtraService, Post

MailingClass = Literal[
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
"""All of PostGrid's, as PyPI `postgrid-python` 2.3.0 has them."""
_ALL = frozenset(get_args(MailingClass))
_USUAL: MailingClass = "first_class"
_TRACKED = ("express", "priority")

_EXTRA: dict[str, tuple[str, ExtraService]] = {
    "certified": ("first_class", "certified"),
    "certified_return_receipt": ("first_class", "certified_return_receipt"),
    "registered": ("first_class", "registered"),
    "usps_first_class_certified": ("first_class", "certified"),
    "usps_first_class_certified_return_receipt": ("first_class", "certified_return_receipt"),
    "usps_first_class_registered": ("first_class", "registered"),
    "usps_express_3_day_certified": ("usps_express_3_day", "certified"),
    "usps_express_3_day_certified_return_receipt": ("usps_express_3_day", "certified_return_receipt"),
}
"""Classes that bring an extra service: ours, and the service."""
_OURS = {
    "usps_first_class": "first_class",
    "standard_class": "marketing",
    "usps_standard_class": "marketing",
    "ca_post_lettermail": "lettermail",
    "ca_post_personalized": "personalized",
    "ca_post_neighbourhood_mail": "neighbourhood_mail",
}
"""Those that we call otherwise."""
_BULK = ("marketing", "usps_eddm")
"""Classes with which the post sells no extra service: those go with First-Class and Priority Mail."""
_IN_CANADA = {"first_class": "lettermail", "marketing": "personalized"}
"""What Canada Post calls the classes that PostGrid has for every country."""
_THEIRS = {
    "marketing": "standard_class",
    "priority": "express",
    "lettermail": "ca_post_lettermail",
    "personalized": "ca_post_personalized",
    "neighbourhood_mail": "ca_post_neighbourhood_mail",
}


class Carried(NamedTuple):
    """How a send goes, as `NewSend` has it. `post`: None where its country says it."""

    mailing_class: str
    extra_service: ExtraService
    post: Post | None


def carried(asked: str, extra_service: ExtraService, kind: str, country: str) -> Carried:
    """How an order goes that was asked for with these; `country`: its recipient's, two letters; `asked` may be empty.

    Invalid and NotSupported name `mailingClass` or `extraService`.
    """
    word = asked or _USUAL
    post: Post | None = None
    if word.startswith(("ups_", "royal_mail_", "au_post_")):
        raise NotSupported(f"mailingClass {word}: Sendtrail sends by USPS and Canada Post only", "mailingClass")
    if word.startswith("ca_post_"):
        if country != "CA":
            raise Invalid(f"mailingClass {word} goes to Canada only; to.countryCode is {country}", "mailingClass")
        post = "canada_post"
    elif word.startswith("usps_"):
        post = "usps"
    ours, brought = _EXTRA.get(word, (_OURS.get(word, word), ""))
    if brought and extra_service and brought != extra_service:
        raise Invalid(f"extraService {extra_service} does not go with mailingClass {word}", "extraService")
    extra = extra_service or brought
    if extra:
        param, said = ("extraService", extra) if extra_service else ("mailingClass", word)
        if kind not in ("letter", "cheque"):
            raise Invalid(f"{param} {said} goes with letters and cheques only", param)
        if country not in US_MAIL:
            raise Invalid(f"{param} {said} goes to the United States only; to.countryCode is {country}", param)
        if ours in _BULK:
            raise Invalid(f"{param} {said} goes with first_class or express, not with mailingClass {word}", param)
    if country == "CA" and post is None:
        ours = _IN_CANADA.get(ours, ours)
    return Carried(ours, extra, post)


def told(asked: str, mailing_class: str, extra_service: str) -> str:
    """PostGrid's word for how a send goes: what was asked for where that is known, else what says as much. A class of
    another post that PostGrid has no word for is told as its usual one."""
    word = asked or extra_service or _THEIRS.get(mailing_class, mailing_class)
    return word if word in _ALL else _USUAL


def is_tracked(mailing_class: str, extra_service: str) -> bool:
    """Whether pieces that go so have a tracking number of their own."""
    return bool(extra_service) or any(word in mailing_class for word in _TRACKED)
