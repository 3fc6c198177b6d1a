"""Which JSON objects of a block name one of our keys twice.

A JSON parser silently keeps the last of two values, which could turn one scan into another. Looking at each object by
itself would cost more than parsing it, so a block of many is checked as one array of bytes.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.intp]
_ALL = (1 << 64) - 1


@lru_cache(maxsize=256)
def _words(key: str) -> tuple[tuple[int, int], ...]:
    """The quoted key as 8-byte words from its end, each with the mask of the bytes that count."""
    quoted = f'"{key}"'.encode()
    words = []
    while quoted:
        tail, quoted = quoted[-8:], quoted[:-8]
        free = 8 * (8 - len(tail))
        words.append((int.from_bytes(tail, "little") << free, _ALL - (1 << free) + 1))
    return tuple(words)


def may_repeat(arrays: Sequence[bytes], objects: int, keys: Iterable[str]) -> bool:
    """Whether some object may name one of `keys` twice; False is certain.

    `arrays` hold `objects` JSON objects and begin with at least MARGIN blanks. True is a suspicion: objects inside
    objects, or text that looks like a key, raise it as well.
    """
    text = arrays[0] if len(arrays) == 1 else b"".join(arrays)
    octets = np.frombuffer(text, np.uint8)
    starts = np.flatnonzero(octets == ord("{"))
    if len(starts) != objects:
        return True
    words = np.ndarray((len(text) - 7,), dtype="<u8", buffer=text, strides=(1,))
    colons = np.flatnonzero(octets == ord(":"))
    before = words[colons - 8]
    last = before >> np.uint64(56)
    if (last <= ord(" ")).any():  # a key and its colon stand apart
        return True
    quoted = last == ord('"')
    colons, before = colons[quoted], before[quoted]
    for key in keys:
        (word, mask), *more = _words(key)
        at = colons[(before == word) if mask == _ALL else (before & np.uint64(mask) == word)]
        for depth, (word, mask) in enumerate(more, start=2):
            at = at[words[at - 8 * depth] & np.uint64(mask) == word]
        if not _apart(at, starts):
            return True
    return False


def _apart(at: Offsets, starts: Offsets) -> bool:
    """Whether no two of `at` lie between the same two of `starts`; both ascend."""
    if len(at) == len(starts):  # as a rule: each object has the key
        return bool((at > starts).all() and (at[:-1] < starts[1:]).all())
    return len(at) < len(starts) and bool(np.diff(np.searchsorted(starts, at)).all())
