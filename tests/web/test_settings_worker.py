"""The page of the worker: for admins of the installation, in plain words."""

import psycopg

from sendtrail.services.context import Context
from tests.web.conftest import Browser
from tests.web.test_pages import words

PAGE = "/settings/worker"


async def test_it_says_what_to_do_where_no_worker_runs(ann: Browser, dsn: str) -> None:
    page = words((await ann.look(PAGE)).text)
    assert "No worker has been seen for 10 minutes: start sendtrail worker or sendtrail serve ." in page
    assert "No duties yet" in page
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into duty (name, about, every, alone, seen_at, finished_at, took)"
            " values ('reading', 'Files are read.', '5 s', false, '2026-03-02 12:00Z', '2026-03-02 12:00Z', '2 s')"
        )
    page = words((await ann.look(PAGE)).text)
    assert "start sendtrail worker or sendtrail serve . The last one was seen on 2 Mar 2026, 07:00 EST." in page
    assert "Reading Files are read. Every 5 s Late 2 Mar 2026, 07:00 EST took 2 s –" in page


async def test_each_duty_says_how_it_goes(ann: Browser, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into duty (name, about, every, alone, seen_at, started_at, finished_at, took, due_at, failures,"
            "                  failed_at, error, claimed_until) values"
            " ('fine', '', '1 h', true, now(), now(), now(), '90 s', now() + interval '50 min', 0, null, '', 'epoch'),"
            " ('bad', '', '5 s', false, now(), now(), now(), '3 ms', now() + interval '8.2 s', 2, now(),"
            "  'no <room> left', 'epoch'),"
            " ('busy', '', '1 h', true, now(), now(), null, null, now(), 0, null, '', now() + interval '1 min'),"
            " ('gone', '', '1 s', false, now() - interval '1 h', now(), now(), '1 s', now(), 0, null, '', 'epoch')"
        )
    page = words((await ann.look(PAGE)).text)
    assert "Fine Every hour, by one worker at a time On time" in page
    assert "took 2 minutes in 50 minutes" in page
    assert "Bad Every 5 s Why it fails: no <room> left Failed 2 times in a row" in page
    assert "took 3 ms in 8" in page
    assert "Busy Every hour, by one worker at a time Under way since" in page
    assert "Gone Every 1 s No worker does it" in page
    assert "No worker has been seen" not in page


async def test_only_admins_of_the_installation_see_it(ann: Browser, context: Context) -> None:
    assert f'href="{PAGE}"' in (await ann.look("/settings/account")).text
    async with context.database.transaction() as connection:
        await connection.execute("update member set operator = false")
    refused = await ann.look(PAGE)
    assert refused.status_code == 403
    assert "Only an admin of this installation can see its worker." in refused.text
    assert f'href="{PAGE}"' not in (await ann.look("/settings/account")).text


async def test_a_parameter_that_it_does_not_know_is_refused(ann: Browser) -> None:
    assert (await ann.look(f"{PAGE}?sort=name")).status_code == 400
