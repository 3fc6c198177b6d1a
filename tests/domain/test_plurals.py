"""Numbers of things in sentences."""

from sendtrail.domain.plurals import counted, owned


def test_one_is_singular_and_nothing_is_not() -> None:
    assert [counted(number, "row") for number in (0, 1, 2, 1200)] == ["0 rows", "1 row", "2 rows", "1,200 rows"]


def test_what_belongs_to_a_name() -> None:
    assert [owned(name) for name in ("Lob", "Postalytics")] == ["Lob's", "Postalytics'"]
