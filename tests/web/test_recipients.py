"""The page of a recipient."""

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from tests.web.conftest import Browser
from tests.web.test_pages import words


async def sent(context: Context, scope: Scope, *recipients: Address) -> list[str]:
    made = await sends.create(context, scope, [NewSend(kind="letter", to=to) for to in recipients])
    return [each["id"] for each in made if isinstance(each, dict)]


async def test_all_that_went_to_a_person_and_to_their_company(ann: Browser, context: Context, acme: Scope) -> None:
    one, _, other, third = await sent(
        context,
        acme,
        Address(name="Ida Gray", company="Gray & Sons", email="Ida@gray.example", city="Rye"),
        Address(name="I. Gray", email="ida@gray.example", city="Kent"),
        Address(name="Otto Gray", company="GRAY & SONS", city="Hull"),
        Address(name="Ida Gray", city="Leeds"),
    )
    page = (await ann.look(f"/recipients/{one}")).text
    assert all(text in page for text in ("Rye", "Kent", "To Gray &amp; Sons"))
    assert not any(text in page for text in ("Hull", "Leeds"))
    page = (await ann.look(f"/recipients/{one}?of=company")).text
    assert all(text in page for text in ("Rye", "Hull"))
    assert "Kent" not in page
    page = (await ann.look(f"/recipients/{third}")).text
    assert "Leeds" in page
    assert "Rye" not in page
    assert "To this person" in (await ann.look(f"/recipients/{other}?of=nobody")).text


async def test_who_is_told_without_an_email_address_is_not_passed_over(
    ann: Browser, context: Context, acme: Scope
) -> None:
    one, other, _, alone = await sent(
        context,
        acme,
        Address(name="Ida Gray", email="ida@gray.example", address_line1="1 Elm", postal_code="10580", city="Rye"),
        Address(name="IDA GRAY", address_line1="1 Elm", postal_code="10580", city="Rye Town"),
        Address(name="Ida Gray", address_line1="2 Oak", postal_code="10580", city="Kent"),
        Address(name="Bo Lund", email="bo@lund.example", address_line1="1 Elm", postal_code="10580", city="Rye"),
    )
    page = words((await ann.look(f"/recipients/{one}")).text)
    assert "To this person 1 Same name and address, without e-mail 1" in page
    assert "Rye Town" not in page
    page = words((await ann.look(f"/recipients/{one}?of=namesake")).text)
    assert "Rye Town" in page
    assert "Kent" not in page
    assert "most likely the same person" in page
    page = (await ann.look(f"/recipients/{other}")).text
    assert "with one, or with another one, they count as somebody else" in page
    assert '<a href="/sends?recipient=IDA+GRAY">Look for everybody called IDA GRAY</a>' in page
    assert "Same name" not in (await ann.look(f"/recipients/{alone}")).text


async def test_a_recipient_with_an_address_only_is_known_by_the_send(
    ann: Browser, context: Context, acme: Scope
) -> None:
    one, _ = await sent(context, acme, Address(address_line1="1 Elm"), Address(address_line1="2 Oak"))
    page = (await ann.look(f"/recipients/{one}")).text
    assert "1 Elm" in page
    assert "2 Oak" not in page


async def test_a_send_that_is_not_there_has_no_recipient(ann: Browser) -> None:
    assert (await ann.look("/recipients/letter_unknown")).status_code == 404
