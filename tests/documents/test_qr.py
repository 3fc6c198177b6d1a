"""Whoever points a camera at one of our codes reads what we wrote: held against a reader that is not ours."""

import io
import re

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from sendtrail.documents.qr import QUIET, draw

CODE = "HTTPS://GO.EXAMPLE.COM/R/0123456789ABC"
TEXTS = [
    CODE,
    "https://go.example.com/r/0123456789abc",
    "HTTP://127.0.0.1:8020/R/0123456789ABC",
    "https://é.example/_~",
]


def pixels_of_svg(svg: bytes) -> NDArray[np.uint8]:
    """What a drawn SVG shows: its one path goes from left to right, a line of modules each."""
    (size,) = re.findall(rb'viewBox="0 0 (\d+) \d+"', svg)
    (strokes,) = re.findall(rb'stroke="#000" d="([^"]+)"', svg)
    shown = np.full((int(size), int(size)), 255, np.uint8)
    x, y = 0.0, 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]+)", strokes.decode()):
        given = [float(each) for each in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            shown[int(y), int(x) : int(x + given[0])] = 0
            x += given[0]
        else:
            x, y = (given[0], given[1]) if command == "M" else (x + given[0], y + given[1])
    return np.kron(shown, np.ones((4, 4), np.uint8))


def pixels_of_png(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"))


@pytest.mark.parametrize("text", TEXTS)
def test_an_independent_reader_reads_back_what_was_drawn(text: str) -> None:
    for pixels in (pixels_of_png(draw(text, "png")), pixels_of_svg(draw(text, "svg"))):
        (found,) = zxingcpp.read_barcodes(pixels)
        assert (found.text, found.format) == (text, zxingcpp.BarcodeFormat.QRCode)
        assert found.ec_level in ("M", "Q", "H")


def test_a_code_in_capitals_is_smaller_and_has_its_quiet_zone() -> None:
    capitals, small = (pixels_of_svg(draw(text, "svg")) for text in (CODE, CODE.lower()))
    assert len(capitals) < len(small)
    edge = 4 * QUIET
    assert (
        capitals[:edge].min() == capitals[:, :edge].min() == capitals[-edge:].min() == capitals[:, -edge:].min() == 255
    )
    assert capitals[edge].min() == capitals[:, edge].min() == 0


def test_a_damaged_code_is_read_still() -> None:
    pixels = pixels_of_png(draw(CODE, "png")).copy()
    middle = len(pixels) // 2
    pixels[middle - 30 : middle + 30, middle - 30 : middle + 30] = 255
    (found,) = zxingcpp.read_barcodes(pixels)
    assert found.text == CODE


def test_nothing_in_a_picture_is_a_style_that_a_strict_page_refuses() -> None:
    assert b"style" not in draw(CODE, "svg")
    assert b"<script" not in draw("<script>", "svg")
