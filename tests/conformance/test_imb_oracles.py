"""Barcodes against two programs that are not ours: Debian's zint and reportlab."""

import random
import shutil
import subprocess
from pathlib import Path

from reportlab.graphics.barcode.usps4s import USPS_4State  # type: ignore[import-untyped]  # it has no stubs

from sendtrail.domain.imb import decode, encode
from tests.conftest import require

_BARS = 65


def samples(count: int, seed: int) -> list[tuple[str, str]]:
    """Random digits of every routing width, the extremes of each among them."""
    rng = random.Random(seed)
    widths = (0, 5, 9, 11)
    extremes = [(digit * 20, digit * width) for digit in "04" for width in widths]
    return extremes + [
        (
            f"{rng.randrange(10)}{rng.randrange(5)}{rng.randrange(10**18):018}",
            "".join(rng.choices("0123456789", k=rng.choice(widths))),
        )
        for _ in range(count)
    ]


def zint_bars(dump: str) -> str:
    """The letters in zint's dump: three lines of hexadecimal for the upper, middle and lower part of the picture.

    A bar stands at every other bit.
    """
    above, _, below = (
        "".join(f"{int(digit, 16):04b}" for digit in line if digit != " ")[: 2 * _BARS : 2]
        for line in dump.splitlines()
    )
    return "".join("TDAF"[int(down) + 2 * int(up)] for up, down in zip(above, below, strict=True))


def test_zint_draws_the_same_bars(tmp_path: Path) -> None:
    zint = shutil.which("zint")
    require("zint", zint is not None, "not installed (Debian: apt-get install zint)")
    assert zint
    codes = samples(300, seed=1)
    (tmp_path / "codes").write_text("".join(f"{t}-{r}\n" if r else f"{t}\n" for t, r in codes))
    drawn = subprocess.run(
        [zint, "-b", "USPS_IMAIL", "--batch", "-i", "codes", "--dump"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.splitlines()
    bars = [zint_bars("\n".join(drawn[start : start + 3])) for start in range(0, len(drawn), 3)]
    assert bars == [encode(*code) for code in codes]
    assert [decode(code) for code in bars] == codes


def test_reportlab_draws_the_same_bars() -> None:
    codes = samples(200, seed=2)
    assert [USPS_4State(*code).barcodes for code in codes] == [encode(*code) for code in codes]
