"""How many Intelligent Mail barcodes a core encodes and decodes in a second, one at a time and in bulk."""

import random
from collections.abc import Callable
from time import perf_counter

from sendtrail.domain.imb import decode, encode
from sendtrail.domain.imb.bulk import decode_many, encode_many

_BULK = 500_000
_SCALAR = 20_000


def _rate(rows: int, work: Callable[[], object]) -> float:
    """Rows a second, the better of three runs."""
    best = float("inf")
    for _ in range(3):
        start = perf_counter()
        work()
        best = min(best, perf_counter() - start)
    return rows / best


def run() -> list[str]:
    """The lines of the report."""
    rng = random.Random(2)
    tracking = [f"{rng.randrange(10)}{rng.randrange(5)}{rng.randrange(10**18):018}" for _ in range(_BULK)]
    routing = ["".join(rng.choices("0123456789", k=rng.choice((0, 5, 9, 11)))) for _ in range(_BULK)]
    bars = [code for code in encode_many(tracking, routing) if isinstance(code, str)]
    assert decode_many(bars) == list(zip(tracking, routing, strict=True))
    few = slice(_SCALAR)
    rates = {
        f"bulk encoding, {_BULK:,} rows": _rate(_BULK, lambda: encode_many(tracking, routing)),
        f"bulk decoding, {_BULK:,} rows": _rate(_BULK, lambda: decode_many(bars)),
        "encoding one at a time": _rate(_SCALAR, lambda: [*map(encode, tracking[few], routing[few])]),
        "decoding one at a time": _rate(_SCALAR, lambda: [*map(decode, bars[few])]),
    }
    return [f"IMb {name:<30} {rate:>12,.0f} codes/s" for name, rate in rates.items()]


def main() -> None:
    print("\n".join(run()))


if __name__ == "__main__":
    main()
