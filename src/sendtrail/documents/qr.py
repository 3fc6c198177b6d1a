"""QR codes (ISO/IEC 18004), as SVG or PNG.

Text of capitals, digits and $%*+-./: takes little more than half the room of any other (alphanumeric mode): an address
is given in capitals, which hosts and our own paths do not mind.
"""

import io
from typing import Literal

import segno

Format = Literal["svg", "png"]
FORMATS: tuple[Format, ...] = ("svg", "png")
MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
QUIET = 4
"""Modules that stay white around it, as the standard asks."""
PIXELS = 16
"""Of one module in a PNG: a code of 29 modules becomes 592 pixels wide, 5 cm at 300 dots per inch."""


def draw(text: str, format_: Format) -> bytes:
    """A picture of the text, black on white, an SVG with modules of a millimetre.

    It is read where up to 15 % of it is damaged, or more where that costs no room (error correction M or better).
    """
    code = segno.make_qr(text, error="m")
    picture = io.BytesIO()
    if format_ == "svg":
        code.save(picture, kind="svg", border=QUIET, light="#fff", unit="mm", svgclass=None, lineclass=None)
    else:
        code.save(picture, kind="png", border=QUIET, scale=PIXELS)
    return picture.getvalue()
