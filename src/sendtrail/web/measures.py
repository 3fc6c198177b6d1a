"""How spans of time and sizes read."""

from datetime import timedelta

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
_SIZES = ("bytes", "kB", "MB", "GB", "TB")


def span(time: timedelta) -> str:
    """In the largest unit of which there are two, or else one: 3 days, 36 hours, 1 minute; never less than a minute."""
    for unit, size in _UNITS:
        if time >= 2 * size:
            return f"{time // size:,} {unit}s"
    return "1 minute" if time >= timedelta(minutes=1) else "less than a minute"


def size(count: int) -> str:
    """Bytes in thousands, as the makers of disks count: 640 bytes, 1.2 MB."""
    amount, step = float(count), 0
    while amount >= 999.5 and step < len(_SIZES) - 1:
        amount, step = amount / 1000, step + 1
    return f"{amount:.1f} {_SIZES[step]}" if step and amount < 99.95 else f"{amount:.0f} {_SIZES[step]}"
