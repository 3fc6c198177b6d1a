import asyncio
from importlib import resources

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sendtrail.store.migrate import MigrationError, migrate

FILES = sorted(file.name.removesuffix(".sql") for file in (resources.files("sendtrail.store") / "migrations").iterdir())


@pytest.fixture
def empty(dsn: str, server: str) -> str:
    """The DSN of a database that no migration has seen."""
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
    return make_conninfo(server, dbname=name)


def rows(dsn: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(question.encode()).fetchall()


def shape(dsn: str) -> list[tuple[object, ...]]:
    """All that a migration could have made, table by table, function by function."""
    return rows(
        dsn,
        "select table_name, column_name, data_type, column_default from information_schema.columns"
        " where table_schema = 'public' union all"
        " select proname, prosrc, pg_get_function_arguments(oid), pg_get_function_result(oid) from pg_proc"
        " where pronamespace = 'public'::regnamespace order by 1, 2, 3",
    )


async def test_an_empty_database_gets_every_file_in_order_and_a_second_run_changes_nothing(empty: str) -> None:
    assert await migrate(empty) == FILES
    made = shape(empty)
    assert ("send",) in rows(empty, "select distinct table_name from information_schema.columns")
    assert rows(empty, "select exists (select from code)") == [(True,)]

    assert await migrate(empty) == []
    assert shape(empty) == made


async def test_programs_that_start_at_once_apply_each_file_once(empty: str) -> None:
    applied = await asyncio.gather(*(migrate(empty) for _ in range(4)))
    assert sorted(applied) == [[], [], [], FILES]


async def test_a_file_and_the_note_that_it_was_applied_are_one_transaction(empty: str) -> None:
    """Else a program killed between the two would apply the file again at its next start, and fail for ever."""
    await migrate(empty)
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute(
            """
            do $$ declare made text; begin
                for made in select tablename from pg_tables where schemaname = 'public' and tablename !~ '^_yoyo' loop
                    execute format('drop table %I cascade', made);
                end loop;
            end $$;
            drop sequence send_number;
            delete from _yoyo_migration;
            create function refuse() returns trigger language plpgsql as $$ begin raise 'not noted'; end $$;
            create trigger refuse before insert on _yoyo_migration for each row execute function refuse();
            """
        )
    with pytest.raises(psycopg.errors.RaiseException, match="not noted"):
        await migrate(empty)
    assert rows(empty, "select to_regclass('organization')") == [(None,)]


async def test_a_file_that_fails_leaves_the_database_as_it_was(empty: str) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("create table unmatched (taken text)")
    with pytest.raises(psycopg.errors.DuplicateTable, match='"unmatched" already exists'):
        await migrate(empty)
    assert rows(empty, "select to_regclass('organization')") == [(None,)]
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("drop table unmatched")
    assert await migrate(empty) == FILES


async def test_a_database_newer_than_the_program_is_left_alone(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("insert into _yoyo_migration values ('ff', '9999_later', now())")
    with pytest.raises(MigrationError, match=r"^the database has 9999_later, .*: update Sendtrail$"):
        await migrate(dsn)


async def test_an_address_that_cannot_be_read_is_named() -> None:
    with pytest.raises(MigrationError, match=r"^DATABASE_URL: invalid"):
        await migrate("postgresql://host/?no_such_parameter=1")


async def test_a_database_that_does_not_answer_is_told_in_one_line() -> None:
    with pytest.raises(MigrationError, match=r"^the database does not answer: connection .*/nowhere/[^\n]+$"):
        await migrate("postgresql:///sendtrail?host=/nowhere")


async def test_function_bodies_in_dollar_quotes_arrive_whole(dsn: str) -> None:
    """The library splits files into statements: a semicolon inside a body must not count."""
    from sqlparse import split

    body = "create function f() returns int language plpgsql as $$ begin perform 1; return 2; end $$;"
    assert split(f"select 1;\n{body}\nselect 3;") == ["select 1;", body, "select 3;"]
