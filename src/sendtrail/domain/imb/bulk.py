"""Many Intelligent Mail barcodes at once, on NumPy arrays.

Rows of the usual shape are worked out together; any other row, and any that turns out damaged, is answered by the
scalar codec: so both always say the same.

The 102-bit value of a barcode stands in two limbs of 51 bits: factors, divisors and remainders stay below 2**11, so
every step of long multiplication and division fits into 64 bits.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sendtrail.domain.imb.barcode import ROUTING_DIGITS, TRACKING_DIGITS, Barcode, ImbError
from sendtrail.domain.imb.codec import BARS, VALUE_BITS, check_sequence, decode, encode, routing_of
from sendtrail.domain.imb.tables import (
    ASCENDERS,
    CHARACTERS,
    CODEWORD_OF,
    CODEWORDS,
    DESCENDERS,
    FLIP,
    INVERTED,
    OFFSETS,
    ROUTING_VALUES,
    STATES,
)

Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

_ROWS = 8192
"""Rows worked out together: their arrays stay within the processor's cache."""

_LIMB_BITS = 51
_LIMB = np.uint64((1 << _LIMB_BITS) - 1)
_CHUNK_BITS = 17

_STATE_LETTERS = np.frombuffer(STATES.encode(), np.uint8)
_NO_STATE = 0xFF
_STATE_OF = np.full(256, _NO_STATE, np.uint8)
for _text in (STATES, STATES.lower()):
    _STATE_OF[np.frombuffer(_text.encode(), np.uint8)] = range(4)

_CHARACTERS = np.array(CHARACTERS, np.uint16)
_NO_CODEWORD = 0xFFFF
_CODEWORD_OF = np.full(1 << 13, _NO_CODEWORD, np.uint16)
_CODEWORD_OF[list(CODEWORD_OF)] = list(CODEWORD_OF.values())

# A row's ten characters as 16 bits each, least significant first: where each bar finds its two bits, and back.
_BITS = 10 * 16
_DESCENDER_BITS = np.array([character * 16 + bit for character, bit in DESCENDERS])
_ASCENDER_BITS = np.array([character * 16 + bit for character, bit in ASCENDERS])


def _check_tables() -> list[NDArray[np.uint16]]:
    """What each 17-bit chunk of a value, from the least significant, adds by XOR to the check sequence of zero."""
    zero = check_sequence(0)
    tables = []
    for first in range(0, VALUE_BITS, _CHUNK_BITS):
        table = np.zeros(1, np.uint16)
        for bit in range(first, first + _CHUNK_BITS):
            table = np.concatenate([table, table ^ np.uint16(check_sequence(1 << bit) ^ zero)])
        tables.append(table)
    return tables


_CHECK_OF_ZERO = np.uint16(check_sequence(0))
_CHECK_TABLES = _check_tables()


def encode_many(tracking: Sequence[str], routing: Sequence[str]) -> list[str | ImbError]:
    """For each tracking code and the routing code beside it: its 65 letters, or the ImbError that `encode` raises.

    Both sequences have the same length (else ValueError). Takes about a microsecond a row.
    """
    if len(tracking) != len(routing):
        raise ValueError(f"{len(tracking)} tracking codes beside {len(routing)} routing codes")
    answers: list[str | ImbError | None] = [None] * len(tracking)
    for digits in ROUTING_DIGITS:
        shaped = [
            row
            for row, (code, route) in enumerate(zip(tracking, routing, strict=True))
            if len(route) == digits and len(code) == TRACKING_DIGITS and code.isascii() and route.isascii()
        ]
        for rows in _batches(shaped):
            codes = _matrix([tracking[row] for row in rows], TRACKING_DIGITS) - np.uint8(ord("0"))
            routes = _matrix([routing[row] for row in rows], digits) - np.uint8(ord("0"))
            sound = (codes <= 9).all(axis=1) & (codes[:, 1] <= 4) & (routes <= 9).all(axis=1)
            letters = _texts(_draw(codes[sound], routes[sound]))
            for row, text in zip(np.array(rows)[sound].tolist(), letters, strict=True):
                answers[row] = text
    return [
        _one_encoded(code, route) if answer is None else answer
        for answer, code, route in zip(answers, tracking, routing, strict=True)
    ]


def decode_many(bars: Sequence[str]) -> list[Barcode | ImbError]:
    """For each row of 65 letters: its barcode, or the ImbError that `decode` raises."""
    answers: list[Barcode | ImbError | None] = [None] * len(bars)
    shaped = [row for row, text in enumerate(bars) if len(text) == BARS and text.isascii()]
    for rows in _batches(shaped):
        states = _STATE_OF[_matrix([bars[row] for row in rows], BARS)]
        spelt = (states != _NO_STATE).all(axis=1)
        sound, tracking, values = _read(states[spelt])
        codes = _texts(tracking[sound] + np.uint8(ord("0")))
        kept = np.array(rows)[spelt][sound].tolist()
        for row, code, value in zip(kept, codes, values[sound].tolist(), strict=True):
            answers[row] = Barcode(code, routing_of(value))
    return [_one_decoded(text) if answer is None else answer for answer, text in zip(answers, bars, strict=True)]


def _draw(codes: Bytes, routes: Bytes) -> Bytes:
    """The letters (n, 65) of sound digits: tracking codes (n, 20) and routing codes (n, 0, 5, 9 or 11)."""
    value = np.full(len(codes), OFFSETS[routes.shape[1]], np.uint64)
    value += _number(routes)
    high, low = np.zeros_like(value), (value * 10 + codes[:, 0]) * 5 + codes[:, 1]
    for place in range(2, TRACKING_DIGITS, 3):
        high, low = _times_plus(high, low, 1000, _number(codes[:, place : place + 3]))
    sequence = _check_sequences(high, low)

    codewords = np.empty((10, len(codes)), np.uint16)
    high, low, remainder = _divided(high, low, 636)
    codewords[9] = remainder * 2
    for place in range(8, 0, -1):
        high, low, codewords[place] = _divided(high, low, CODEWORDS)
    codewords[0] = low + 659 * (sequence >> 10)

    characters = np.empty((len(codes), 10), "<u2")
    for place in range(10):
        characters[:, place] = _CHARACTERS[codewords[place]] ^ (sequence >> place & 1) * np.uint16(FLIP)
    bits = np.unpackbits(characters.view(np.uint8), axis=1, bitorder="little")
    letters: Bytes = _STATE_LETTERS[bits[:, _DESCENDER_BITS] | bits[:, _ASCENDER_BITS] << 1]
    return letters


def _read(states: Bytes) -> tuple[NDArray[np.bool_], Bytes, Words]:
    """Of states (n, 65): which rows are sound, the 20 digits of their tracking codes, the values of their routing."""
    bits = np.zeros((len(states), _BITS), np.uint8)
    bits[:, _DESCENDER_BITS] = states & 1
    bits[:, _ASCENDER_BITS] = states >> 1
    characters = np.packbits(bits, axis=1, bitorder="little").view("<u2")

    found = np.ascontiguousarray(_CODEWORD_OF[characters].T)
    sound = (found != _NO_CODEWORD).all(axis=0)
    codewords = (found & (INVERTED - 1)).astype(np.uint64)
    sequence = np.zeros(len(states), np.uint16)
    for place in range(10):
        sequence |= (found[place] >> 11 & 1) << place
    marked = codewords[0] >= 659
    sequence |= marked.astype(np.uint16) << 10
    last = codewords[9]
    sound &= (last % 2 == 0) & (last < 2 * 636)

    high, low = np.zeros_like(last), codewords[0] - 659 * marked.astype(np.uint64)
    for codeword in codewords[1:9]:
        high, low = _times_plus(high, low, CODEWORDS, codeword)
    high, low = _times_plus(high, low, 636, last // 2)
    sound &= _check_sequences(high, low) == sequence

    digits = np.empty((len(states), TRACKING_DIGITS), np.uint8)
    for end in range(TRACKING_DIGITS, 2, -3):
        high, low, three = _divided(high, low, 1000)
        digits[:, end - 3] = three // 100
        digits[:, end - 2] = three // 10 % 10
        digits[:, end - 1] = three % 10
    digits[:, 1] = low % 5
    digits[:, 0] = low // 5 % 10
    routing = low // 50
    return sound & (routing < ROUTING_VALUES), digits, routing


def _times_plus(high: Words, low: Words, factor: int, addend: Words) -> tuple[Words, Words]:
    low = low * factor + addend
    return high * factor + (low >> _LIMB_BITS), low & _LIMB


def _divided(high: Words, low: Words, divisor: int) -> tuple[Words, Words, Words]:
    """Both limbs of the quotient, then the remainder."""
    quotient = high // divisor
    rest = (high - quotient * divisor) << np.uint64(_LIMB_BITS) | low
    lower = rest // divisor
    return quotient, lower, rest - lower * divisor


def _check_sequences(high: Words, low: Words) -> NDArray[np.uint16]:
    sequence = np.full(len(low), _CHECK_OF_ZERO)
    chunks = ((limb, shift) for limb in (low, high) for shift in range(0, _LIMB_BITS, _CHUNK_BITS))
    for table, (limb, shift) in zip(_CHECK_TABLES, chunks, strict=True):
        sequence ^= table[limb >> shift & (1 << _CHUNK_BITS) - 1]
    return sequence


def _number(digits: Bytes) -> Words:
    """The numbers written in the rows of digits (n, at most 19)."""
    number = np.zeros(len(digits), np.uint64)
    for column in digits.T:
        number = number * 10 + column
    return number


def _matrix(texts: Sequence[str], width: int) -> Bytes:
    """ASCII texts of one width as rows of bytes."""
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(len(texts), width)


def _texts(letters: Bytes) -> list[str]:
    """Rows of ASCII bytes as texts."""
    text, width = letters.tobytes().decode("ascii"), letters.shape[1]
    return [text[start : start + width] for start in range(0, len(text), width)]


def _batches(rows: list[int]) -> Iterator[list[int]]:
    return (rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS))


def _one_encoded(tracking: str, routing: str) -> str | ImbError:
    try:
        return encode(tracking, routing)
    except ImbError as refusal:
        return refusal


def _one_decoded(bars: str) -> Barcode | ImbError:
    try:
        return decode(bars)
    except ImbError as refusal:
        return refusal
