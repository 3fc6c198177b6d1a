"""E-mails to people: written in the transaction of what they tell, sent by the worker, shown where no server is set."""

from datetime import timedelta

import structlog

from sendtrail.clients.smtp import SmtpError, SmtpServer
from sendtrail.config import Config
from sendtrail.services.context import Context
from sendtrail.store.database import Connection
from sendtrail.store.system import emails
from sendtrail.store.system.emails import EmailRow

ATTEMPTS = 8
"""With the waits below over about a day: servers that are busy say so for hours."""
_LEASE = timedelta(minutes=5)
_FIRST_WAIT = timedelta(minutes=1)
_SHOWN = 100
_log = structlog.get_logger("sendtrail.mail")


def server_of(config: Config) -> SmtpServer | None:
    """The mail server of the settings; None where there is none."""
    if not config.smtp_host:
        return None
    return SmtpServer(
        config.smtp_host, config.smtp_port, config.smtp_user, config.smtp_password, config.smtp_from, config.smtp_tls
    )


async def write(connection: Connection, recipient: str, subject: str, *paragraphs: str) -> None:
    """Have an e-mail sent once the transaction is committed."""
    await emails.put(connection, recipient, subject, "\n\n".join(paragraphs) + "\n")


async def deliver(context: Context) -> int:
    """Send what is due; how many went out. What the server does not take is tried again, after longer and longer."""
    server = server_of(context.config)
    sent = 0
    while server is not None:
        async with context.database.transaction() as connection:
            email = await emails.claim(connection, _LEASE, ATTEMPTS)
        if email is None:
            break
        try:
            await server.send(email.recipient, email.subject, email.body)
        except SmtpError as error:
            _log.warning("e-mail not taken", server=server.host, attempt=email.attempts, error=str(error))
            async with context.database.transaction() as connection:
                await emails.failed(connection, email.id, str(error), _FIRST_WAIT * 3 ** (email.attempts - 1))
        else:
            sent += 1
            async with context.database.transaction() as connection:
                await emails.sent(connection, email.id)
    return sent


async def outbox(context: Context) -> list[EmailRow]:
    """The newest e-mails of the installation, sent or not."""
    async with context.database.snapshot() as connection:
        return await emails.newest(connection, _SHOWN)
