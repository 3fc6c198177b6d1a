"""What a send is found by: the words of its recipient, and marks for what it is exactly.

A mark begins with a character that no word has. Both sides of a search are spelled alike: capitals, accents and
punctuation do not count.
"""

import re
import unicodedata
from collections.abc import Iterable

from sendtrail.domain.send import Address, NewSend

MAX_LENGTH = 60
"""Characters of a term; what is longer is cut, in sends and searches alike."""
MAX_WORDS = 20
"""Words of a recipient or a search that count."""
NONE = "\t"
"""What no term has in it."""
_WORD = re.compile(r"[^\s@]+@[^\s@]+|\w+")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that are no other letter with a mark, and are typed as another all the same."""
_PERSON, _COMPANY, _TAG, _SENDER, _SUPPLIER, _CLASS = "=&#@$%"


def terms_of(send: NewSend) -> list[str]:
    """All terms of a send, each once. Who looks for Brien finds O'Brien too."""
    named = " ".join((send.to.name, send.to.company, send.to.email))
    found = [
        *words(named),
        *words(_APOSTROPHE.sub(" ", named)),
        person(send.to),
        company(send.to),
        *map(tag, send.tags),
        sender(send.sender),
        supplier(send.supplier),
        mailing_class(send.mailing_class),
    ]
    return list(dict.fromkeys(filter(None, found)))


def words(text: str) -> list[str]:
    """The words of a recipient, or those that a search is for; an e-mail address is one word, O'Brien too."""
    return _cut(dict.fromkeys(_WORD.findall(_plain(_APOSTROPHE.sub("", text)))))[:MAX_WORDS]


def person(to: Address) -> str:
    """The mark of a person: by e-mail address, or by name and where they live. Empty for nobody in particular."""
    return _mark(_PERSON, to.email) if to.email else namesake(to)


def namesake(to: Address) -> str:
    """The mark that a person has where no e-mail address is told: their name and where they live, if they have one."""
    return _mark(_PERSON, " ".join((to.name, to.postal_code, to.address_line1))) if to.name else ""


def company(to: Address) -> str:
    """The mark of a company, by its name."""
    return _mark(_COMPANY, to.company)


def tag(text: str) -> str:
    return _mark(_TAG, text)


def sender(text: str) -> str:
    return _mark(_SENDER, text)


def supplier(text: str) -> str:
    return _mark(_SUPPLIER, text)


def mailing_class(text: str) -> str:
    return _mark(_CLASS, text)


def _mark(kind: str, text: str) -> str:
    spelled = " ".join(_plain(text).split())
    return (kind + spelled)[:MAX_LENGTH] if spelled else ""


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each)).translate(_LETTERS)


def _cut(texts: Iterable[str]) -> list[str]:
    return [text[:MAX_LENGTH] for text in texts]
