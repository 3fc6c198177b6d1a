"""E-mail out, by SMTP (RFC 5321), in a thread: the standard library's client waits for its server."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

TIMEOUT = 30
"""Seconds for each answer: servers that look senders up take ten and more."""


class SmtpError(Exception):
    """The server did not take an e-mail: its words, in one line."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server and how to speak to it. `tls`: starttls, implicit or none; `user` may be empty."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    tls: str

    async def send(self, recipient: str, subject: str, body: str) -> None:
        """Hand one e-mail over; SmtpError where it is not taken."""
        message = EmailMessage()
        try:
            message["To"] = Address(addr_spec=recipient)
        except (ValueError, LookupError, AttributeError, MessageError):  # whatever the parser makes of it
            raise SmtpError(f"{recipient[:100]!a} is no address") from None
        message["From"], message["Subject"] = self.sender, " ".join(subject.split())
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self.sender)[1].partition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in return
        message.set_content(body)
        await asyncio.to_thread(self._send, message, recipient)

    def _send(self, message: EmailMessage, recipient: str) -> None:
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message, to_addrs=[recipient])
        except (OSError, smtplib.SMTPException, ValueError) as error:  # what cannot be told to a server is a ValueError
            raise SmtpError(" ".join(str(error).split())[:500] or type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        if self.tls == "implicit":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        if self.tls == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server
