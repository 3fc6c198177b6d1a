"""Packed integers: nothing gets lost in them, and they sort as law 1 says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import event_item, scan_item
from sendtrail.domain.packing import (
    BEST,
    EPOCH,
    EXPECTED,
    ITEM,
    LAYOUTS,
    MAX_MS,
    META,
    NO_OPERATION,
    STATUS_MASK,
    Layout,
    from_ms,
    to_ms,
)
from sendtrail.domain.phases import Phase


def fields(layout: Layout) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({name: st.integers(0, (1 << width) - 1) for name, width in layout.fields})


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@given(data=st.data())
def test_what_is_packed_comes_out_again(layout: Layout, data: st.DataObject) -> None:
    values = data.draw(fields(layout))
    packed = layout.pack(**values)
    assert 0 <= packed < 1 << 63, "must be a bigint of PostgreSQL that is not negative"
    assert layout.unpack(packed) == values
    assert {name: packed >> layout.shift(name) & ((1 << layout.width(name)) - 1) for name in values} == values


@given(fields(BEST), fields(BEST))
def test_a_best_sorts_by_its_fields_from_the_left(one: dict[str, int], other: dict[str, int]) -> None:
    order = [name for name, _ in BEST.fields]
    assert order[:3] == ["stage", "ms", "rank"]
    assert (BEST.pack(**one) < BEST.pack(**other)) == ([one[n] for n in order] < [other[n] for n in order])


def test_widths_stay_as_they_are_stored() -> None:
    assert {layout.name: sum(width for _, width in layout.fields) for layout in LAYOUTS} == {
        "item": 63,
        "best": 60,
        "meta": 50,
        "expected": 57,
    }
    assert ITEM.fields == (("ms", 41), ("sub", 6), ("op", 10), ("source", 3), ("evidence", 3))
    assert META.fields == (("agency", 1), ("zoneless", 1), ("recorded", 31), ("zip", 17))
    assert EXPECTED.fields == (("ms", 41), ("day", 16))


@given(fields(BEST))
def test_the_status_mask_keeps_the_code_and_how_we_know(values: dict[str, int]) -> None:
    status = BEST.pack(**values) & STATUS_MASK
    assert BEST.unpack(status) == {
        "stage": 0,
        "ms": 0,
        "rank": 0,
        "evidence": values["evidence"],
        "code": values["code"],
    }


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"ms": 0, "day": 1 << 16}, "expected.day 65536 does not fit into 16 bits"),
        ({"ms": -1, "day": 0}, "expected.ms -1 does not fit into 41 bits"),
    ],
)
def test_a_value_that_does_not_fit_is_named(values: dict[str, int], complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        EXPECTED.pack(**values)


@pytest.mark.parametrize("method", [ITEM.shift, ITEM.width])
def test_an_unknown_field_is_refused(method: object) -> None:
    with pytest.raises(KeyError):
        method("stage")  # type: ignore[operator]  # one of two bound methods


@given(st.datetimes(datetime(2020, 1, 1), datetime(2089, 9, 5), timezones=st.just(UTC)))
def test_times_come_back_cut_to_the_millisecond(moment: datetime) -> None:
    assert from_ms(to_ms(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.mark.parametrize("moment", [EPOCH - timedelta(milliseconds=1), from_ms(MAX_MS) + timedelta(milliseconds=1)])
def test_a_time_out_of_range_is_refused(moment: datetime) -> None:
    with pytest.raises(OverflowError, match="is outside 2020-01-01 to 2089-09-06"):
        to_ms(moment)


@given(
    ms=st.integers(0, MAX_MS),
    phase=st.sampled_from(Phase),
    operation=st.integers(0, 999) | st.just(NO_OPERATION),
    evidence=st.sampled_from(Evidence),
)
def test_a_scan_item_is_packed_by_the_layout(ms: int, phase: Phase, operation: int, evidence: Evidence) -> None:
    assert scan_item(ms, phase, operation, evidence) == ITEM.pack(
        ms=ms, sub=phase, op=operation, source=Source.USPS, evidence=evidence
    )


def test_an_event_item_is_packed_by_the_layout() -> None:
    assert event_item(5, "handed_over", Source.PRINTER, Evidence.REPORTED) == ITEM.pack(
        ms=5, sub=18, op=NO_OPERATION, source=Source.PRINTER, evidence=Evidence.REPORTED
    )
