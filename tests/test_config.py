from pathlib import Path

import pytest

from sendtrail.config import Config, ConfigError


def test_nothing_set_gives_the_defaults() -> None:
    config = Config.load({})
    assert (config.port, config.host, config.database_url, config.feed_dir) == (8020, "127.0.0.1", "", None)
    assert config.ingest_workers >= 1
    assert config.data.is_absolute()


def test_the_command_line_wins_over_the_environment() -> None:
    environment = {"SENDTRAIL_PORT": "9000", "SENDTRAIL_DATA": "relative"}
    assert Config.load(environment).port == 9000
    assert Config.load(environment, port=9001).port == 9001
    assert Config.load(environment, port=None).port == 9000
    assert Config.load(environment).data == Path.cwd() / "relative"


def test_the_archive_lies_in_the_data_folder_unless_told_otherwise() -> None:
    assert Config.load({"SENDTRAIL_DATA": "/d"}).archive == Path("/d/archive")
    assert Config.load({"SENDTRAIL_DATA": "/d", "SENDTRAIL_ARCHIVE_DIR": "/big"}).archive == Path("/big")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SENDTRAIL_PORT", "70000", "a whole number from 1 to 65535"),
        ("SENDTRAIL_PORT", "-1", "a whole number from 1 to 65535"),
        ("SENDTRAIL_BATCH", "many", "a whole number from 1 to 300000"),
        ("SENDTRAIL_LINK_ADDRESS", "go.example.com", "like https://mail.example.com"),
        ("SENDTRAIL_LINK_COMMIT", "soon", "one of durable, fast"),
        ("SENDTRAIL_ALLOW_PRIVATE_HOOKS", "yes", "one of true, false"),
        ("SENDTRAIL_HOOK_DAYS", "3", "a whole number from 4 to 3650"),
        ("SENDTRAIL_PROXIES", "proxy.example.com", "addresses or networks, like 127.0.0.1,10.0.0.0/8"),
        ("DATABASE_URL", "mysql://u:secret@h/d", "like postgresql://user:password@host/database"),
    ],
)
def test_a_value_that_cannot_be_taken_is_named_with_what_would_be_right(variable: str, value: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Config.load({variable: value})
    assert str(refused.value) == f"{variable} should be {told}"


def test_every_setting_is_told_with_unit_and_reason_and_without_a_password() -> None:
    table = Config.load(database_url="postgresql://me:secret@db.example:5432/mail", data=Path("/d")).table()
    assert ("SENDTRAIL_DATA", "/d") in [row[:2] for row in table]
    assert ("DATABASE_URL", "postgresql://me:…@db.example:5432/mail") in [row[:2] for row in table]
    assert ("SENDTRAIL_ALLOW_PRIVATE_HOOKS", "false") in [row[:2] for row in table]
    assert ("SENDTRAIL_BATCH", "50000", "scans") in [row[:3] for row in table]
    assert all(unit and reason for _, _, unit, reason in table)
    assert "postgresql://db.example:5432/mail" in str(
        Config.load(database_url="postgresql://db.example:5432/mail").table()
    )


def test_no_secret_is_ever_printed() -> None:
    table = Config.load({"SENDTRAIL_SMTP_PASSWORD": "s3cret"}).table()
    assert "s3cret" not in str(table)
    assert ("SENDTRAIL_SMTP_PASSWORD", "…") in [row[:2] for row in table]


def test_a_web_address_has_a_scheme_and_no_path() -> None:
    assert Config.load({"SENDTRAIL_ADDRESS": "https://mail.example.com/"}).address == "https://mail.example.com"
    for wrong in ("mail.example.com", "https://mail.example.com/path", "ftp://example.com"):
        with pytest.raises(ConfigError):
            Config.load({"SENDTRAIL_ADDRESS": wrong})


def test_no_link_in_an_email_begins_with_what_a_stranger_calls_us() -> None:
    with pytest.raises(ConfigError, match="SENDTRAIL_ADDRESS should be set where SENDTRAIL_SMTP_HOST is"):
        Config.load({"SENDTRAIL_SMTP_HOST": "mail.example.com"})
    Config.load({"SENDTRAIL_SMTP_HOST": "mail.example.com", "SENDTRAIL_ADDRESS": "https://post.example.com"})
