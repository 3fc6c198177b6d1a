"""Every setting with its default, unit and reason, in one table that the program prints. Nothing else reads the
environment."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any


class ConfigError(ValueError):
    """A setting that cannot be taken: names the variable and what would be right."""


def _cores(_: Mapping[str, str]) -> str:
    """Those that this process may use, which in a container can be fewer than the machine has."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return str(available or 1)


def _home(environment: Mapping[str, str]) -> str:
    if os.geteuid() == 0:
        return "/var/lib/sendtrail/data"
    return (environment.get("XDG_DATA_HOME") or "~/.local/share") + "/sendtrail"


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError("an absolute path, since this user has no home folder") from None


def _maybe_folder(text: str) -> Path | None:
    return _folder(text) if text else None


def _database_url(text: str) -> str:
    if text and not text.startswith(("postgresql://", "postgres://")) and "=" not in text:
        raise ValueError("like postgresql://user:password@host/database")
    return text


def _web_address(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^/\s]+/?", text):
        raise ValueError("like https://mail.example.com")
    return text.rstrip("/")


def _networks(text: str) -> str:
    try:
        return ",".join(str(ip_network(each.strip(), strict=False)) for each in text.split(",") if each.strip())
    except ValueError:
        raise ValueError("addresses or networks, like 127.0.0.1,10.0.0.0/8") from None


def _choice(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read


def _about(
    variable: str, default: str | Callable[[Mapping[str, str]], str], read: Callable[[str], Any], unit: str, reason: str
) -> dict[str, Any]:
    return {"variable": variable, "default": default, "read": read, "unit": unit, "reason": reason}


def _switch(text: str) -> bool:
    return _choice("true", "false")(text) == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings in force. Make one with `Config.load`."""

    data: Path = field(
        metadata=_about(
            "SENDTRAIL_DATA",
            _home,
            _folder,
            "folder",
            "Database and archive; the user's own place for such, so that it is the same wherever one starts.",
        )
    )
    database_url: str = field(
        metadata=_about(
            "DATABASE_URL",
            "",
            _database_url,
            "URL",
            "A PostgreSQL of your own, 15 or newer; empty: the embedded one.",
        )
    )
    host: str = field(
        metadata=_about(
            "SENDTRAIL_HOST",
            "127.0.0.1",
            str,
            "address",
            "Where the server listens; this machine only, until a proxy with TLS stands before it.",
        )
    )
    port: int = field(
        metadata=_about("SENDTRAIL_PORT", "8020", _number(1, 65535), "port", "Seldom taken by anything else.")
    )
    feed_dir: Path | None = field(
        metadata=_about(
            "SENDTRAIL_FEED_DIR",
            "",
            _maybe_folder,
            "folder",
            "Files that appear there are ingested; empty: none is watched.",
        )
    )
    archive_dir: Path | None = field(
        metadata=_about(
            "SENDTRAIL_ARCHIVE_DIR",
            "",
            _maybe_folder,
            "folder",
            "Every file as it came, compressed; empty: `archive` in the data folder. A larger, slower disk will do.",
        )
    )
    ingest_workers: int = field(
        metadata=_about(
            "SENDTRAIL_INGEST_WORKERS",
            _cores,
            _number(1, 64),
            "connections",
            "Batches of one large file that are written at once. One per core: more add nothing.",
        )
    )
    batch: int = field(
        metadata=_about(
            "SENDTRAIL_BATCH",
            "50000",
            _number(1, 300_000),
            "scans",
            "Scans per transaction: below 30,000 the fixed costs show, above 100,000 only memory grows.",
        )
    )

    max_upload: int = field(
        metadata=_about(
            "SENDTRAIL_MAX_UPLOAD",
            "20000",
            _number(1, 10**9),
            "MB",
            "What one upload on a page may bring together: far above a day of scans, far below a disk.",
        )
    )

    address: str = field(
        metadata=_about(
            "SENDTRAIL_ADDRESS",
            "",
            _web_address,
            "URL",
            "Where people reach the pages: links in e-mails begin with it, and with an SMTP server it must be set.",
        )
    )
    smtp_host: str = field(
        metadata=_about(
            "SENDTRAIL_SMTP_HOST", "", str, "name", "The mail server; empty: e-mails are only shown, on /outbox."
        )
    )
    smtp_port: int = field(
        metadata=_about("SENDTRAIL_SMTP_PORT", "587", _number(1, 65535), "port", "Where servers take mail to send on.")
    )
    smtp_user: str = field(
        metadata=_about("SENDTRAIL_SMTP_USER", "", str, "name", "Who signs in to the mail server; empty: nobody does.")
    )
    smtp_password: str = field(
        metadata=_about("SENDTRAIL_SMTP_PASSWORD", "", str, "secret", "With what; never shown.") | {"secret": True}
    )
    smtp_from: str = field(
        metadata=_about(
            "SENDTRAIL_SMTP_FROM",
            "sendtrail@localhost",
            str,
            "address",
            "Whom e-mails are from; most servers take their own domain's only.",
        )
    )
    smtp_tls: str = field(
        metadata=_about(
            "SENDTRAIL_SMTP_TLS",
            "starttls",
            _choice("starttls", "implicit", "none"),
            "kind",
            "starttls as port 587 has it, implicit as 465; none sends passwords and links in the clear.",
        )
    )

    link_address: str = field(
        metadata=_about(
            "SENDTRAIL_LINK_ADDRESS",
            "",
            _web_address,
            "URL",
            "What printed links begin with: a short domain of your own; empty: SENDTRAIL_ADDRESS.",
        )
    )
    link_commit: str = field(
        metadata=_about(
            "SENDTRAIL_LINK_COMMIT",
            "durable",
            _choice("durable", "fast"),
            "kind",
            "durable: whoever is led on is on the disk; fast: a power cut may cost the visits of half a second.",
        )
    )
    geoip: Path | None = field(
        metadata=_about(
            "SENDTRAIL_GEOIP",
            "",
            _maybe_folder,
            "file",
            "A database of places by address (.mmdb), for the country and region of visits; empty: none is told.",
        )
    )
    proxies: str = field(
        metadata=_about(
            "SENDTRAIL_PROXIES",
            "127.0.0.1,::1",
            _networks,
            "addresses",
            "Proxies whose X-Forwarded-For says who visits a link; those on this machine, since none other can be one.",
        )
    )

    allow_private_hooks: bool = field(
        metadata=_about(
            "SENDTRAIL_ALLOW_PRIVATE_HOOKS",
            "false",
            _switch,
            "true or false",
            "true: hooks may reach private addresses and plain http, and links lead to localhost, for development"
            " or where every member is trusted.",
        )
    )
    hook_days: int = field(
        metadata=_about(
            "SENDTRAIL_HOOK_DAYS",
            "30",
            _number(4, 3650),
            "days",
            "How long it is kept what hooks were told, to tell it again; tries alone take more than three.",
        )
    )

    secret_key_file: Path | None = field(
        metadata=_about(
            "SENDTRAIL_SECRET_KEY_FILE",
            "",
            _maybe_folder,
            "file",
            "Opens bank account numbers, so it lies beside the database; empty: `secret.key` in the data folder.",
        )
    )
    metrics_token: str = field(
        metadata=_about(
            "SENDTRAIL_METRICS_TOKEN",
            "",
            str,
            "secret",
            "What Prometheus asks with for /metrics, as a Bearer token; empty: nobody is told.",
        )
        | {"secret": True}
    )

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ, **given: Any) -> "Config":
        """Settings from the environment; those of `given` that are not None win, as the command line's do.

        Raises ConfigError with the variable's name.
        """
        values = {}
        for each in fields(cls):
            about = each.metadata
            values[each.name] = given.pop(each.name, None)
            if values[each.name] is None:
                default = about["default"]
                text = environment.get(about["variable"], "") or (
                    default(environment) if callable(default) else default
                )
                try:
                    values[each.name] = about["read"](text)
                except ValueError as error:
                    raise ConfigError(f"{about['variable']} should be {error}") from None
        if given:
            raise TypeError(f"no such setting: {', '.join(given)}")
        config = cls(**values)
        if config.smtp_host and not config.address:
            raise ConfigError(
                "SENDTRAIL_ADDRESS should be set where SENDTRAIL_SMTP_HOST is: links in e-mails begin with it"
            )
        return config

    @property
    def links_address(self) -> str:
        """What links in e-mails begin with, whatever a request says that we are called."""
        return self.address or f"http://{self.host}:{self.port}"

    @property
    def archive(self) -> Path:
        """Where the archive lies."""
        return self.archive_dir or self.data / "archive"

    @property
    def secret_key(self) -> Path:
        """Where the key to what is enciphered lies."""
        return self.secret_key_file or self.data / "secret.key"

    def table(self) -> list[tuple[str, str, str, str]]:
        """Variable, value in force, unit and reason of every setting, for people; a password is not shown."""
        return [
            (
                each.metadata["variable"],
                "…" if each.metadata.get("secret") and getattr(self, each.name) else _shown(getattr(self, each.name)),
                each.metadata["unit"],
                each.metadata["reason"],
            )
            for each in fields(self)
        ]


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return _PASSWORD.sub(r"\1…", str(value))


_PASSWORD = re.compile(r"((?<=://)[^:/@]*:(?=[^/@]*@)|password=)('[^']*'|[^@\s]*)")
