"""A journey planned to be rehearsed: as asked for, in order, and such as feeds can tell."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendtrail.domain.events import CODE_BY_ID, Kind, Source, event_type
from sendtrail.domain.packing import ITEM, from_ms, to_ms
from sendtrail.domain.phases import CODE_BY_PHASE, Phase
from sendtrail.domain.progression import usual, way_of
from sendtrail.domain.trail import Event, status
from sendtrail.feeds.reader import read
from sendtrail.simulator.places import regions
from sendtrail.simulator.rehearsal import PACES, Pace, Step, outcome, plan, problems_of
from sendtrail.simulator.tellings import PostScan, Report, Subject, code_of, evidence_of, file_of, near

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
ZIPS = [each.zip for region in regions() for each in region.deliveries]
LETTER = Subject("letter_x", Kind.LETTER, "mail", "0031090100011100000160614", zip="60614", home_zip="43215")


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    kind = draw(st.sampled_from(Kind))
    way = way_of(kind, draw(st.sampled_from(["usps", "usps", "canada_post"])), draw(st.sampled_from(["", "Amazon"])))
    zip_ = draw(st.sampled_from(["", *ZIPS]))
    return Subject(
        id=f"{kind.word}_0",
        kind=kind,
        way=way,
        imb=f"00310901000111000001{zip_}" if way == "mail" and draw(st.booleans()) else "",
        mailing_class=draw(st.sampled_from(["first_class", "marketing"])),
        zip=zip_,
        home_zip=draw(st.sampled_from(["", *ZIPS])),
        alone=draw(st.booleans()),
    )


def ends(steps: list[Step]) -> str:
    """The status of a trail of these steps."""
    trail = [
        Event(
            n, code_of(step.telling), NOW + timedelta(seconds=step.after), NOW, Source.USPS, evidence_of(step.telling)
        )
        for n, step in enumerate(steps)
    ]
    return status(trail).code


@settings(max_examples=60)
@given(st.data(), subjects(), st.sampled_from(PACES), st.integers())
def test_every_plan_ends_as_asked_for_in_the_order_of_time(
    data: st.DataObject, subject: Subject, pace: Pace, seed: int
) -> None:
    problem = data.draw(st.sampled_from(problems_of(subject)))
    steps = plan(subject, pace, problem, str(seed), NOW)
    assert ends(steps) == outcome(subject, problem)
    assert steps[0].after > 0
    assert all(later.after - step.after >= 1 for step, later in pairwise(steps))
    assert all(subject.kind in event_type(code_of(s.telling), evidence_of(s.telling)).kinds for s in steps)
    assert plan(subject, pace, problem, str(seed), NOW) == steps


@settings(max_examples=40)
@given(st.data(), subjects(), st.integers())
def test_every_step_is_one_that_a_feed_tells_or_somebody_reports(
    data: st.DataObject, subject: Subject, seed: int
) -> None:
    problem = data.draw(st.sampled_from(problems_of(subject)))
    for step in plan(subject, "seconds", problem, str(seed), NOW):
        if isinstance(step.telling, Report):
            assert (
                subject.kind in (Kind.GIFT, Kind.EGIFT) or not subject.is_scanned or code_of(step.telling) == "returned"
            )
            continue
        _, content = file_of(subject, step.telling, NOW)
        (batch,) = read(BytesIO(content), now_ms=to_ms(NOW))
        (told,) = batch.observations
        assert batch.problems == []
        fields = ITEM.unpack(told.item)
        assert from_ms(fields["ms"]) == NOW
        if not isinstance(step.telling, PostScan):
            assert CODE_BY_ID[fields["sub"]] == code_of(step.telling)
        elif fields["sub"]:
            assert CODE_BY_PHASE[Phase(fields["sub"])] == code_of(step.telling)
        assert (told.mid_serial or told.send) == (int(subject.imb[5:20]) if subject.imb else subject.id)


@settings(max_examples=40)
@given(st.data(), subjects(), st.integers())
def test_a_rehearsal_goes_on_from_where_the_send_stands(data: st.DataObject, subject: Subject, seed: int) -> None:
    problem = data.draw(st.sampled_from(problems_of(subject)))
    way = ("created", *usual(subject.way))
    passed = data.draw(st.sampled_from(way))
    whole = [step.telling for step in plan(subject, "seconds", problem, str(seed), NOW)]
    left = [step.telling for step in plan(subject, "seconds", problem, str(seed), NOW, passed)]
    assert left == whole[len(whole) - len(left) :]
    if passed == way[-1]:
        assert left == []
    elif left and code_of(left[0]) in way:
        assert way.index(code_of(left[0])) > way.index(passed)


def test_paces_take_half_a_minute_or_a_minute_or_an_hour_for_each_day_or_all_of_it() -> None:
    took = {pace: plan(LETTER, pace, "none", "1", NOW)[-1].after for pace in PACES}
    assert 15 < took["seconds"] < 30
    assert 2 * 60 < took["minutes"] < 8 * 60
    assert took["hours"] == pytest.approx(took["minutes"] * 60, rel=0.1)
    assert 2 < took["days"] / 86_400 < 9


def test_at_a_quick_pace_the_post_expects_it_when_it_will_come_or_came_too_late() -> None:
    def expected(pace: Pace, late: bool) -> set[date | None]:
        steps = plan(LETTER, pace, "late" if late else "none", "1", NOW)
        return {step.telling.expected for step in steps if isinstance(step.telling, PostScan)}

    assert expected("seconds", late=False) == {NOW.date()}
    (late,) = expected("seconds", late=True)
    assert late
    assert late < NOW.date()
    assert min(str(day) for day in expected("days", late=False)) > "2026-03-03"


def test_what_can_go_wrong_depends_on_what_is_sent() -> None:
    assert problems_of(LETTER) == ("none", "late", "rerouted", "returned", "no_scans")
    assert problems_of(Subject("letter_x", Kind.LETTER, "lettermail")) == ("none", "returned")
    assert problems_of(Subject("letter_x", Kind.LETTER, "mail", mailing_class="marketing")) == ("none",)
    assert problems_of(Subject("egift_x", Kind.EGIFT, "egift")) == ("none", "no_scans")
    with pytest.raises(ValueError, match="'rerouted' is none of none, no_scans"):
        plan(Subject("egift_x", Kind.EGIFT, "egift"), "seconds", "rerouted", "1", NOW)


def test_a_zip_code_lies_in_the_region_of_those_around_it() -> None:
    assert near("60614").plant.state == "IL"
    assert near("98199").plant.state == "WA"
    assert near("").plant.city == "COLUMBUS"
