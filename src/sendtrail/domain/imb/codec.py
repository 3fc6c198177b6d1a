"""One Intelligent Mail barcode at a time: digits to bars and back (USPS-B-3200)."""

from sendtrail.domain.imb.barcode import Barcode, ImbError, check
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

BARS = 65
VALUE_BITS = 102

_STATE_OF = {letter: state % 4 for state, letter in enumerate(STATES + STATES.lower())}
_TURNED = str.maketrans("ADad", "DAda")
_POLYNOMIAL = 0x735  # 0xF35 without the bit that leaves the register


def _step(register: int, bit: int) -> int:
    shifted = register << 1 & 0x7FF
    return shifted ^ _POLYNOMIAL if register >> 10 != bit else shifted


def _byte_step(byte: int) -> int:
    register = byte << 3
    for _ in range(8):
        register = _step(register, 0)
    return register


_BYTE_STEPS = [_byte_step(byte) for byte in range(256)]
# The check covers 102 bits from 0x7FF; 13 bytes hold 104, so it starts where two zero bits lead to 0x7FF.
_START = next(start for start in range(1 << 11) if _step(_step(start, 0), 0) == 0x7FF)


def check_sequence(value: int) -> int:
    """The 11-bit cyclic redundancy check over the 102 bits of `value`, leading zeros included."""
    register = _START
    for byte in value.to_bytes(13):
        register = register << 8 & 0x7FF ^ _BYTE_STEPS[register >> 3 ^ byte]
    return register


def encode(tracking: str, routing: str = "") -> str:
    """The 65 letters T, D, A, F of a tracking code (20 digits) and a routing code (none, 5, 9 or 11 digits).

    Raises ImbError as `check` does.
    """
    tracking, routing = check(tracking, routing)
    value = int(routing) + OFFSETS[len(routing)] if routing else 0
    value = (value * 10 + int(tracking[0])) * 5 + int(tracking[1])
    value = value * 10**18 + int(tracking[2:])
    sequence = check_sequence(value)

    value, last = divmod(value, 636)
    codewords = [last * 2]
    for _ in range(8):
        value, codeword = divmod(value, CODEWORDS)
        codewords.append(codeword)
    codewords.append(value + 659 if sequence >> 10 else value)

    characters = [
        CHARACTERS[codeword] ^ (FLIP if sequence >> place & 1 else 0)
        for place, codeword in enumerate(reversed(codewords))
    ]
    return "".join(
        [
            STATES[(characters[below] >> down & 1) + 2 * (characters[above] >> up & 1)]
            for (below, down), (above, up) in zip(DESCENDERS, ASCENDERS, strict=True)
        ]
    )


def decode(bars: str) -> Barcode:
    """The digits of 65 letters T, D, A, F in any case, outer blanks ignored.

    Raises ImbError for other letters or another length, for a code that is damaged, and for one read upside down.
    """
    bars = bars.strip()
    if len(bars) != BARS:
        raise ImbError("", "bars", f"bars has {len(bars)} letters; it needs exactly {BARS}")
    wrong = next((place for place, letter in enumerate(bars) if letter not in _STATE_OF), None)
    if wrong is not None:
        raise ImbError("", "bars", f"bars has {bars[wrong]!a} at letter {wrong + 1}; only T, D, A and F occur")
    barcode = _read(bars)
    if barcode is None:
        if _read(bars[::-1].translate(_TURNED)):
            raise ImbError("", "bars", "bars was read upside down; reverse the letters and swap A and D")
        raise ImbError("", "bars", "bars is damaged: its check sequence does not fit; scan the barcode again")
    return barcode


def _read(bars: str) -> Barcode | None:
    """The barcode of 65 sound letters; None where they are not what `encode` makes of any digits."""
    characters = [0] * 10
    for letter, (below, down), (above, up) in zip(bars, DESCENDERS, ASCENDERS, strict=True):
        state = _STATE_OF[letter]
        characters[below] |= (state & 1) << down
        characters[above] |= (state >> 1) << up

    codewords, sequence = [], 0
    for place, character in enumerate(characters):
        found = CODEWORD_OF.get(character)
        if found is None:
            return None
        codewords.append(found & ~INVERTED)
        sequence |= (found >= INVERTED) << place
    value, last = codewords[0], codewords[9]
    if value >= 659:
        value -= 659
        sequence |= 1 << 10
    # An odd last codeword is a code read upside down; a greater one stands for no remainder.
    if last % 2 or last >= 2 * 636:
        return None
    for codeword in codewords[1:9]:
        value = value * CODEWORDS + codeword
    value = value * 636 + last // 2
    if check_sequence(value) != sequence:
        return None

    value, rest = divmod(value, 10**18)
    value, second = divmod(value, 5)
    value, first = divmod(value, 10)
    if value >= ROUTING_VALUES:  # as are all values beyond 102 bits
        return None
    return Barcode(f"{first}{second}{rest:018}", routing_of(value))


def routing_of(value: int) -> str:
    """The routing digits of a value below ROUTING_VALUES."""
    if value == 0:
        return ""
    digits, offset = next((digits, offset) for digits, offset in reversed(OFFSETS.items()) if value >= offset)
    return f"{value - offset:0{digits}}"
