"""A database from before there was a ledger: its deposits and sends become entries, and the money stays what it was."""

from importlib import resources
from pathlib import Path

import psycopg

from sendtrail.config import Config
from sendtrail.domain.scope import Scope
from sendtrail.services import doctor, money
from sendtrail.services.context import open_context
from sendtrail.store.migrate import migrate

BEFORE = """
insert into organization (name, time_zone) values ('Acme', 'America/Chicago'), ('Other', 'UTC');
insert into deposit (organization_id, cents, currency, created_at)
values (1, 10000, 'USD', '2026-03-02 03:00Z'), (1, -1000, 'USD', '2026-03-03 12:00Z'), (2, 77, 'USD', now());
insert into send (send_id, organization_id, live, kind, created_at, created_on, recipient, cost_cents, currency)
select n, 1, n <> 9, case when n >= 5 then 6 else 1 end, '2026-03-02 12:00Z', '2026-03-02', '{}',
       case when n = 8 then 0 else 100 * n end, 'USD'
  from generate_series(1, 9) n;
insert into state (send_id, organization_id, cost_cents, created_on, kind, live, currency, trail, meta, best)
select send_id, 1, cost_cents, created_on, kind, live, currency, array[made, came], array[0, 0],
       (stage << 57) | (ms + 1 << 16) | (1 << 9) | (4 << 6) | code
  from send
  join (values (1, 3, 1), (2, 35, 7), (3, 28, 5), (4, 34, 7), (5, 29, 4), (6, 29, 4), (7, 36, 7), (8, 35, 7),
               (9, 35, 7)) came (send_id, code, stage) using (send_id)
 cross join lateral (select 194659200000::bigint as ms) moment
 cross join lateral (
        select (ms << 22) | (3 << 16) | (1023 << 6) | 4, (ms + 1 << 22) | (code << 16) | (1023 << 6) | (4 << 3) | 4)
        item (made, came);
update state
   set trail = array[trail[1], (194659200000::bigint << 22) | (17 << 16) | (1023 << 6) | (6 << 3) | 4] || trail[2:],
       meta = array[0, 0, 0]
 where send_id = 6;
insert into counts
select organization_id, live, created_on, 0, 0, kind, (best & 511)::smallint, currency, 0, count(*), sum(cost_cents)
  from state group by organization_id, live, created_on, kind, best & 511, currency;
"""


def go_back(dsn: str, version: str) -> None:
    """Make a migrated database one that only knows the migrations before `version`."""
    folder = resources.files("sendtrail.store") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name < version), key=lambda file: file.name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            """
            do $$ declare made text; begin
                for made in select tablename from pg_tables where schemaname = 'public' and tablename !~ '^_yoyo' loop
                    execute format('drop table %I cascade', made);
                end loop;
            end $$;
            drop sequence send_number;
            """
        )
        connection.execute("delete from _yoyo_migration where migration_id >= %s", [version])
        for file in files:
            connection.execute(file.read_text(encoding="utf-8").encode())


async def test_money_from_before_the_ledger_stays_what_it_was(dsn: str, tmp_path: Path) -> None:
    go_back(dsn, "0012")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(BEFORE.encode())
    await migrate(dsn)

    with psycopg.connect(dsn) as connection:
        booked = connection.execute(
            "select send_id, type, cents, booked_on::text from ledger where organization_id = 1 order by id"
        ).fetchall()
    assert booked[0] == (0, 1, 10_000, "2026-03-01")  # by the organization's clocks
    assert booked[-1] in [(0, 1, -1_000, "2026-03-03"), (5, 3, 500, booked[-1][3])]
    by_send = {n: [(type_, cents) for send_id, type_, cents, _ in booked if send_id == n] for n in range(1, 10)}
    both = {n: [(2, -100 * n), (3, 100 * n)] for n in (2, 4, 5, 7)}
    assert by_send == {1: [(2, -100)], 3: [(2, -300)], 6: [(2, -600)], **both, 8: [], 9: []}
    async with open_context(dsn, Config.load({}, data=tmp_path)) as context:
        # The offer that was opened before it expired counts as spent from now on: 600 cents.
        assert await money.balance(context, Scope(1, True, "test")) == money.Balance(8_000, 9_000, 1_000, "USD")
        assert await money.balance(context, Scope(2, True, "test")) == money.Balance(77, 77, 0, "USD")
        assert [proof.law for proof in await doctor.prove(context) if proof.broken] == []
