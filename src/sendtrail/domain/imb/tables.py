"""The fixed tables of the Intelligent Mail barcode: its characters and where their bits stand among the bars."""

CODEWORDS = 1365
"""How many different values a codeword has."""

FLIP = 0x1FFF
"""All 13 bits of a character: a character is inverted where its bit of the check sequence is set."""

OFFSETS = {0: 0, 5: 1, 9: 100_001, 11: 1_000_100_001}
"""By the number of routing digits: what is added so that no two routing codes share a value."""
ROUTING_VALUES = OFFSETS[11] + 10**11
"""Greater than every routing value."""

_BARS = """
H2 E3     B10 A0    J12 C8    F5 G11    I9 D1
A1 F12    C5 B8     E4 J11    G3 I10    D9 H6
F11 B4    I5 C12    J10 A2    H1 G7     D6 E9
A3 I6     G4 C7     B1 J9     H10 F2    E0 D8
G2 A4     I11 B0    J8 D12    C6 H7     F1 E10
B12 G9    H3 I0     F8 J7     E6 C10    D4 A5
I4 F7     H11 B9    G0 J6     A6 E8     C1 D2
F9 I12    E11 G1    J5 H4     D3 B2     A7 C0
B3 E1     G10 D5    I7 J4     C11 F6    A8 H12
E2 I1     F10 D0    J3 A9     G5 C4     H8 B7
F0 E5     C3 A10    G12 J2    D11 B6    I8 H9
F4 A11    B5 C2     J1 E12    I3 G6     H0 D7
E7 H5     A12 B11   C9 J0     G8 F3     D10 I2
"""
"""Bars 1 to 65, five a line: the character and bit that draw the descender, then those that draw the ascender.

Characters A to J are those of the ten codewords in order; bit 0 is the least significant.
"""

STATES = "TDAF"
"""A bar's letter by its state: 1 for a descender, plus 2 for an ascender."""


def _place(name: str) -> tuple[int, int]:
    return ord(name[0]) - ord("A"), int(name[1:])


_PLACES = [_place(name) for name in _BARS.split()]
DESCENDERS = _PLACES[::2]
"""By bar, from 0: (character, bit)."""
ASCENDERS = _PLACES[1::2]


def _characters(ones: int, size: int) -> list[int]:
    """All 13-bit values with so many ones: mirrored pairs from the front, palindromes from the back."""
    table = [0] * size
    front, back = 0, size - 1
    for value in range(1 << 13):
        mirrored = int(f"{value:013b}"[::-1], 2)
        if value.bit_count() != ones or mirrored < value:
            continue
        if mirrored == value:
            table[back] = value
            back -= 1
        else:
            table[front : front + 2] = value, mirrored
            front += 2
    return table


CHARACTERS = _characters(5, 1287) + _characters(2, 78)
"""The character of each codeword: 1287 values with five of 13 bits set, then 78 with two."""

INVERTED = 1 << 11
CODEWORD_OF = {
    **{character: codeword for codeword, character in enumerate(CHARACTERS)},
    **{character ^ FLIP: codeword | INVERTED for codeword, character in enumerate(CHARACTERS)},
}
"""The codeword of each character, with `INVERTED` added where all its bits are flipped."""
