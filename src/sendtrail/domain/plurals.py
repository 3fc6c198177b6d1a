"""Numbers of things in sentences."""


def counted(number: int, thing: str) -> str:
    """`1 column`, `1,200 columns`. `thing`: in the singular, with a plural in s."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def owned(name: str) -> str:
    """Whose something is: `Lob's`, `Postalytics'`."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"
