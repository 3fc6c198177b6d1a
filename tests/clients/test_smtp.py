"""E-mail out, to a real server on this machine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from sendtrail.clients.smtp import SmtpError, SmtpServer
from sendtrail.config import Config
from sendtrail.services import mail
from sendtrail.services.context import Context

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
"""Of the server that stands in for a real one, about how it is set up here."""


class Mailbox:
    """Keeps what is taken; refuses who `bounces`."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("bounces"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 OK"


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"post", b"secret")
    return AuthResult(success=right, handled=right)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def post(mailbox: Mailbox) -> AsyncIterator[SmtpServer]:
    made: list[SMTP] = []

    def protocol() -> SMTP:
        made.append(
            SMTP(mailbox, authenticator=_authenticate, auth_required=True, auth_require_tls=False, hostname="localhost")
        )
        return made[-1]

    listening = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    yield SmtpServer("127.0.0.1", port, "post", "secret", "sendtrail@example.com", "none")
    listening.close()
    for each in made:
        if each.transport:
            each.transport.close()
    await listening.wait_closed()
    await asyncio.sleep(0)  # what was closed is gone in the next round of the loop


async def test_an_e_mail_arrives_as_it_was_written(post: SmtpServer, mailbox: Mailbox) -> None:
    await post.send("ann@example.com", "Für Ann", "Grüße,\n\nhttps://example.com/invite/abc\n")
    (message,) = mailbox.taken
    assert (message["From"], message["To"], message["Subject"]) == (
        "sendtrail@example.com",
        "ann@example.com",
        "Für Ann",
    )
    assert message["Message-ID"]
    assert message["Date"]
    assert message.get_content().replace("\r\n", "\n") == "Grüße,\n\nhttps://example.com/invite/abc\n"


async def test_a_sender_with_a_name_has_a_proper_message_number(post: SmtpServer, mailbox: Mailbox) -> None:
    await replace(post, sender="Sendtrail <post@example.com>").send("ann@example.com", "Hello", "Hello")
    (message,) = mailbox.taken
    assert message["Message-ID"].endswith("@example.com>")
    assert message["Message-ID"].count(">") == 1


@pytest.mark.parametrize(
    "recipient", ["a,b@example.com", "a<b@example.com", "a@[b", "ä@example.com", "a;b@example.com"]
)
async def test_what_is_no_address_goes_to_nobody(post: SmtpServer, mailbox: Mailbox, recipient: str) -> None:
    with pytest.raises(SmtpError):
        await post.send(recipient, "Hello", "Hello")
    assert mailbox.taken == []


async def test_a_subject_stays_on_its_line(post: SmtpServer, mailbox: Mailbox) -> None:
    await post.send("ann@example.com", "You are invited to A\u2028B\x85C\r\nBcc: eve@example.com", "Hello")
    (message,) = mailbox.taken
    assert message["Subject"] == "You are invited to A B C Bcc: eve@example.com"
    assert message["Bcc"] is None


async def test_what_the_server_does_not_take_is_told_in_a_line(post: SmtpServer) -> None:
    closed = replace(post, port=1)
    for each, recipient, said in (
        (replace(post, password="wrong"), "ann@example.com", "Authentication"),
        (replace(post, tls="starttls"), "ann@example.com", "STARTTLS"),
        (post, "bounces@example.com", "no such mailbox"),
        (closed, "ann@example.com", "refused"),
    ):
        with pytest.raises(SmtpError) as refusal:
            await each.send(recipient, "Hello", "Hello")
        assert said in str(refusal.value)
        assert "\n" not in str(refusal.value)


def configured(context: Context, post: SmtpServer) -> Context:
    settings = {"smtp_host": post.host, "smtp_port": post.port, "smtp_user": "post", "smtp_password": "secret"}
    settings |= {"smtp_tls": "none", "address": "https://mail.example.com"}
    return replace(context, config=Config.load({}, data=context.config.data, **settings))


async def test_what_is_written_is_sent_once_and_its_words_are_forgotten(
    context: Context, post: SmtpServer, mailbox: Mailbox
) -> None:
    ready = configured(context, post)
    async with ready.database.transaction() as connection:
        await mail.write(connection, "ann@example.com", "Hello", "One.", "Two.")
    assert [await mail.deliver(ready), await mail.deliver(ready)] == [1, 0]
    assert [message.get_content().split() for message in mailbox.taken] == [["One.", "Two."]]
    (kept,) = await mail.outbox(ready)
    assert (kept.subject, kept.body, kept.sent_at is None) == ("Hello", "", False)


async def test_what_is_not_taken_is_tried_again_and_given_up_in_the_end(
    context: Context, post: SmtpServer, mailbox: Mailbox
) -> None:
    ready = configured(context, post)
    async with ready.database.transaction() as connection:
        await mail.write(connection, "bounces@example.com", "Hello", "One.")
        await mail.write(connection, "ann@example.com", "Hello", "Two.")
    assert await mail.deliver(ready) == 1
    for _ in range(mail.ATTEMPTS + 2):
        async with ready.database.transaction() as connection:
            await connection.execute("update email set due_at = now()")
        assert await mail.deliver(ready) == 0
    _, bounced = await mail.outbox(ready)
    assert bounced.attempts == mail.ATTEMPTS
    assert "no such mailbox" in bounced.error
    assert bounced.body == "One.\n"


async def test_without_a_server_e_mails_wait(context: Context) -> None:
    async with context.database.transaction() as connection:
        await mail.write(connection, "ann@example.com", "Hello", "One.")
    assert await mail.deliver(context) == 0
    assert [email.body for email in await mail.outbox(context)] == ["One.\n"]


async def test_what_waited_too_long_for_a_server_is_not_sent_any_more(
    context: Context, post: SmtpServer, mailbox: Mailbox
) -> None:
    async with context.database.transaction() as connection:
        await mail.write(connection, "ann@example.com", "Old", "One.")
        await connection.execute("update email set created_at = now() - interval '49 hours'")
        await mail.write(connection, "ann@example.com", "New", "Two.")
    assert await mail.deliver(configured(context, post)) == 1
    assert [message["Subject"] for message in mailbox.taken] == ["New"]
