"""Words of programs as people write them: classes and kinds, other readers' vocabularies, the digits of a barcode."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sendtrail.domain.imb.barcode import parse
from sendtrail.domain.service_types import ServiceType, describe
from sendtrail.domain.vocabularies import MEANINGS

READERS: Mapping[str, str] = {
    "stannp": "Stannp",
    "postalytics": "Postalytics",
    "postgrid": "PostGrid",
    "sendoso": "Sendoso",
    "lob": "Lob",
}
"""The vocabularies by name, and what their readers are called."""

_SPELLED = {
    "usps": "USPS",
    "ups": "UPS",
    "eddm": "EDDM",
    "dhl": "DHL",
    "fedex": "FedEx",
    "egift": "eGift",
    "canada": "Canada",
    "post": "Post",
    "ca": "Canadian",
    "au": "Australian",
    "royal": "Royal",
}


class Words(NamedTuple):
    """What one reader calls something; `words` empty: that reader is told nothing of it."""

    reader: str
    words: str
    meaning: str


class Part(NamedTuple):
    """Some digits of a barcode."""

    digits: str
    name: str
    meaning: str


def spelled(word: str) -> str:
    """A word of the API as people write it: `first_class` → First class, `usps` → USPS, `canada_post` → Canada Post."""
    first, *others = (_SPELLED.get(each, each) for each in word.lower().split("_"))
    return " ".join([first if first in _SPELLED.values() else first.capitalize(), *others])


def in_vocabularies(told: Mapping[str, Any]) -> list[Words]:
    """A send's `vocabularies` for people."""
    return [_spoken(name, told[name]) for name in READERS]


def barcode_parts(imb: str) -> list[Part]:
    """The digits of an Intelligent Mail barcode by what they say."""
    code = parse(imb)
    parts = [
        Part(code.barcode_id, "Barcode identifier", "00 unless the mailing is sorted ahead"),
        Part(code.stid, "Service type", _service(describe(code.stid))),
        Part(code.mid, "Mailer ID", "Whose barcode it is"),
        Part(code.serial, "Serial number", "Which of the mailer's pieces it is"),
        Part(code.routing[:5], "ZIP Code", "Where it goes"),
        Part(code.routing[5:9], "ZIP+4", "The block or building there"),
        Part(code.routing[9:], "Delivery point", "The very mailbox"),
    ]
    return [part for part in parts if part.digits]


def _spoken(name: str, told: object) -> Words:
    if isinstance(told, Mapping):
        if name == "postalytics":
            return Words(READERS[name], f"{told['name']} ({told['code']})", MEANINGS[name][told["name"]])
        words = [word for word in (told["status"], told["imbStatus"]) if word]
        return Words(READERS[name], ", ".join(words), MEANINGS[name][words[-1]] if words else "")
    return Words(READERS[name], str(told), MEANINGS[name][str(told)]) if told else Words(READERS[name], "", "")


def _service(service: ServiceType | None) -> str:
    if service is None:
        return "One that we do not know"
    option = "" if service.option == "none" else f", {service.option}"
    scans = "with scans" if service.informed_visibility else "without scans"
    return f"{spelled(service.mail_class)}{option}, {scans}{', Full-Service' if service.full_service else ''}"
