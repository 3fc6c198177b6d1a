"""How duties stand with their schedule, told to operators and to strangers."""

import psycopg
import pytest

from sendtrail.services import duties, upkeep
from sendtrail.services.context import Context
from sendtrail.services.duties import Standing


@pytest.mark.parametrize(
    ("every", "seen", "started", "finished", "due", "standing"),
    [
        ("5 s", "0 s", "3 s", "3 s", "-2 s", Standing.ON_TIME),
        ("5 s", "0 s", "30 s", "30 s", "25 s", Standing.ON_TIME),
        ("5 s", "0 s", "80 s", "80 s", "75 s", Standing.LATE),
        ("1 h", "0 s", "90 min", "90 min", "30 min", Standing.ON_TIME),
        ("1 h", "0 s", "3 h", "3 h", "2 h", Standing.LATE),
        # a large file is being read
        ("5 s", "9 s", "20 min", "21 min", "20 min", Standing.ON_TIME),
        ("5 s", "9 s", "2 h", "3 h", "2 h", Standing.LATE),
        # its reader is gone
        ("5 s", "9 min", "20 min", "21 min", "20 min", Standing.LATE),
        ("5 s", "20 min", "20 min", "20 min", "20 min", Standing.UNDONE),
    ],
)
async def test_a_duty_is_late_when_it_should_have_begun_long_ago(
    context: Context, dsn: str, every: str, seen: str, started: str, finished: str, due: str, standing: Standing
) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into duty (name, about, every, alone, seen_at, started_at, finished_at, due_at)"
            " select 'it', '', %s::interval, false, now() - ago[1], now() - ago[2], now() - ago[3], now() - ago[4]"
            "  from (select %s::interval[] as ago) given",
            [every, [seen, started, finished, due]],
        )
        connection.execute(
            "insert into duty (name, about, every, alone, seen_at) values ('other', '', '1 s', false, now())"
        )
    report = await duties.report(context)
    assert {row.name: found for row, found in report.duties}["it"] is standing
    assert report.working


async def test_strangers_learn_how_duties_stand_and_no_error(context: Context, dsn: str) -> None:
    assert await duties.lines(context) == ["worker: none seen for 10 minutes"]
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into duty (name, about, every, alone, seen_at, failures, error)"
            " values ('reading', 'x', '5 s', false, now(), 3, 'secret'), ('mailing', 'x', '5 s', false, now(), 0, '')"
        )
    assert await duties.lines(context) == ["worker: seen", "mailing: on time", "reading: on time, failures in a row: 3"]
    with psycopg.connect(dsn) as connection:
        connection.execute("update duty set seen_at = now() - interval '11 minutes'")
    assert await duties.lines(context) == ["worker: none seen for 10 minutes"]


async def test_a_duty_that_no_worker_sees_to_any_more_is_forgotten(context: Context, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into duty (name, about, every, alone, seen_at)"
            " select h || ' hours ago', '', '5 s', false, now() - h * interval '1 h' from unnest(array[23, 25]) h"
        )
    await upkeep.purge(context)
    assert [row.name for row, _ in (await duties.report(context)).duties] == ["23 hours ago"]
