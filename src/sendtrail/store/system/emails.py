"""E-mail of the whole installation: written with what it tells, sent by a worker, looked at where no server is set."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sendtrail.store.database import Connection


class EmailRow(NamedTuple):
    id: int
    recipient: str
    subject: str
    body: str
    created_at: datetime
    attempts: int
    sent_at: datetime | None
    error: str


async def put(connection: Connection, recipient: str, subject: str, body: str) -> None:
    """Have an e-mail sent as soon as the transaction is committed."""
    await connection.execute(
        "insert into email (recipient, subject, body) values (%(recipient)s, %(subject)s, %(body)s)",
        {"recipient": recipient, "subject": subject, "body": body},
    )


async def claim(connection: Connection, lease: timedelta, attempts: int) -> EmailRow | None:
    """Take the oldest e-mail that is due and was tried less than so often; nobody else does for the time of `lease`.

    None that is older than two days: what was written while no mail server was set is not news any more.
    """
    cursor = await connection.execute(
        "update email set attempts = attempts + 1, due_at = now() + %(lease)s"
        " where id = (select id from email where sent_at is null and due_at <= now() and attempts < %(attempts)s"
        "                and created_at > now() - interval '2 days'"
        "              order by due_at, id limit 1 for update skip locked)"
        " returning id, recipient, subject, body, created_at, attempts, sent_at, error",
        {"lease": lease, "attempts": attempts},
    )
    row = await cursor.fetchone()
    return EmailRow(*row) if row else None


async def sent(connection: Connection, email_id: int) -> None:
    """Note that an e-mail went out; its words are forgotten, since they may hold a link that lets somebody in."""
    await connection.execute(
        "update email set sent_at = now(), body = '', error = '' where id = %(id)s", {"id": email_id}
    )


async def failed(connection: Connection, email_id: int, error: str, wait: timedelta) -> None:
    """Note why an e-mail could not be sent, and when to try again."""
    await connection.execute(
        "update email set error = %(error)s, due_at = now() + %(wait)s where id = %(id)s",
        {"id": email_id, "error": error, "wait": wait},
    )


async def newest(connection: Connection, limit: int) -> list[EmailRow]:
    """The newest e-mails, sent or not."""
    cursor = await connection.execute(
        "select id, recipient, subject, body, created_at, attempts, sent_at, error"
        "  from email order by id desc limit %(limit)s",
        {"limit": limit},
    )
    return [EmailRow(*row) async for row in cursor]


async def purge(connection: Connection, age: timedelta) -> int:
    """Forget e-mails older than `age`; how many."""
    cursor = await connection.execute("delete from email where created_at < now() - %(age)s", {"age": age})
    return cursor.rowcount
