"""Public ids: `letter_` and thirteen signs that give away neither how many sends there are nor their order.

An id is the row's number, enciphered with the installation's key by a Feistel network over 64 bits whose round
function is keyed BLAKE2s. Each kind of id has its own round keys: the same number reads differently as a `letter` and
as a `campaign`. Of the 2**64 tails only those of numbers below 2**40 are taken, so one guess in 16 million deciphers
to any number at all.
"""

import re
from functools import lru_cache
from hashlib import blake2b, blake2s

MAX_NUMBER = (1 << 40) - 1
KEY_BYTES = 32
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""No i, l, o, u: they look like others, or spell words."""
TAIL_SIGNS = 13

_ROUNDS = 6
_HALF = 0xFFFF_FFFF
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_TAIL = re.compile(rf"[{ALPHABET[:16]}][{ALPHABET}]{{{TAIL_SIGNS - 1}}}")
_PREFIX = re.compile(r"[a-z]+(?:_[a-z]+)*")
_MAX_PREFIX = 40
_TO_DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # base 32 as int() reads it


class Ids:
    """Writes and reads the ids of one installation."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 random bytes, never changed while an id is remembered anywhere; ValueError for another length."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"key has {len(key)} bytes; it needs exactly {KEY_BYTES}")
        self.key = key
        self._rounds = lru_cache(maxsize=64)(self._derive)

    def encode(self, prefix: str, number: int) -> str:
        """`prefix`, an underscore and 13 signs.

        Raises ValueError for a number outside 0 to MAX_NUMBER and for a prefix that is not lower-case words joined by
        underscores.
        """
        if not 0 <= number <= MAX_NUMBER:
            raise ValueError(f"number {number} is outside 0 to {MAX_NUMBER}")
        left, right = number >> 32, number & _HALF
        for keyed in self._rounds(prefix):
            hashed = keyed.copy()
            hashed.update(right.to_bytes(4))
            left, right = right, left ^ int.from_bytes(hashed.digest())
        value = left << 32 | right
        tail = "".join([_PAIRS[value >> shift & 0x3FF] for shift in range(50, -1, -10)])
        return f"{prefix}_{ALPHABET[value >> 60]}{tail}"

    def decode(self, text: str) -> tuple[str, int]:
        """The prefix and the number of an id in any case; ValueError for whatever `encode` has not written."""
        prefix, _, tail = text.lower().rpartition("_")
        if _is_prefix(prefix) and _TAIL.fullmatch(tail):
            value = int(tail.translate(_TO_DIGITS), 32)
            left, right = value >> 32, value & _HALF
            for keyed in reversed(self._rounds(prefix)):
                hashed = keyed.copy()
                hashed.update(left.to_bytes(4))
                left, right = right ^ int.from_bytes(hashed.digest()), left
            if (number := left << 32 | right) <= MAX_NUMBER:
                return prefix, number
        raise ValueError(f"{text[:60]!a} is no id; it needs a kind, an underscore and {TAIL_SIGNS} letters and digits")

    def round_keys(self, prefix: str) -> list[bytes]:
        """The key of each round for one kind of id; ValueError as `encode`."""
        if not _is_prefix(prefix):
            raise ValueError(f"prefix {prefix[:50]!a} is not lower-case words joined by underscores")
        return [blake2b(f"{turn} {prefix}".encode(), key=self.key, digest_size=32).digest() for turn in range(_ROUNDS)]

    def _derive(self, prefix: str) -> "tuple[blake2s, ...]":
        """For each round a hash that has taken in its key and waits for half a block."""
        return tuple(blake2s(key=key, digest_size=4) for key in self.round_keys(prefix))


def _is_prefix(prefix: str) -> bool:
    return len(prefix) <= _MAX_PREFIX and _PREFIX.fullmatch(prefix) is not None
