"""The e-mails of the installation, for its admins: where no mail server is set, this is where links are found."""

from litestar import Response, get

from sendtrail.domain.problems import Forbidden
from sendtrail.services import mail
from sendtrail.web.rendering import page
from sendtrail.web.visitors import Here, WebRequest, context_of


@get("/outbox", needs=None)
async def show_outbox(request: WebRequest, visitor: Here) -> Response[str]:
    """The newest e-mails, with what became of them; Forbidden to all but admins of the installation."""
    if not visitor.person.operator:
        raise Forbidden("only an admin of this installation can see its e-mails")
    context = context_of(request)
    emails = await mail.outbox(context)
    return page(request, "outbox.html", visitor, emails=emails, server=context.config.smtp_host, most=mail.ATTEMPTS)
