"""What may change of a send, and what its barcode makes of it."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.imb.barcode import parse
from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.send import Address, NewSend, routing_of, settle
from sendtrail.domain.send_change import AddressChange, SendChange, changed, differences, edition, rerouted

texts = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=8)
zips = st.sampled_from(["", "60614", "60614-1234", "60614-9999", "02108", "021085150", "K1A 0B1"])
addresses = st.builds(Address, name=st.just("Ann"), company=texts, email=texts, city=texts, postal_code=zips)
days = st.none() | st.dates(date(2020, 1, 1), date(2088, 12, 31))
letters = st.builds(NewSend, kind=st.just("letter"), to=addresses, send_date=days).map(settle)
changes = st.builds(
    SendChange,
    to=st.just(msgspec.UNSET)
    | st.builds(AddressChange, company=texts, postal_code=zips.filter(lambda text: text != "K1A 0B1")),
    send_date=st.just(msgspec.UNSET) | days,
)
TRACKING = "00310901234567000001"


@given(letters, changes)
def test_what_is_named_changes_and_nothing_else_does(send: NewSend, change: SendChange) -> None:
    new = changed(send, change)
    asked = {} if change.to is msgspec.UNSET else {"company": change.to.company, "postal_code": change.to.postal_code}
    expected = msgspec.structs.replace(send, to=msgspec.structs.replace(send.to, **asked))
    if change.send_date is not msgspec.UNSET:
        expected = msgspec.structs.replace(expected, send_date=change.send_date)
    assert new == expected
    assert changed(new, change) == new


def refused(send: NewSend, **fields: str) -> str | None:
    """The field that cannot change so."""
    try:
        changed(settle(send), SendChange(AddressChange(**fields)))
    except Invalid as problem:
        return problem.message.partition(" ")[0] if problem.param else "no field"
    return None


@pytest.mark.parametrize(
    "text", ["abc", "6061", "606145", "60614-", "60614-123", "60614_1234", "٦٠٦١٤", "60614\n", " "]
)
@pytest.mark.parametrize("imb", ["", f"{TRACKING}60614"])
def test_us_mail_goes_to_no_new_postal_code_but_a_zip_code(imb: str, text: str) -> None:
    letter = NewSend(kind="letter", to=Address(name="Ann", postal_code="60614"), imb=imb)
    assert refused(letter, postal_code=text) == "to.postal_code"
    assert refused(letter, postal_code=text, country="PR") == "to.postal_code"


def test_mail_loses_its_zip_code_only_where_no_barcode_names_it() -> None:
    ann = Address(name="Ann", postal_code="60614")
    assert refused(NewSend(kind="letter", to=ann), postal_code="") is None
    assert refused(NewSend(kind="letter", to=ann, imb=f"{TRACKING}60614"), postal_code="") == "to.postal_code"


@pytest.mark.parametrize(
    "send",
    [
        NewSend(kind="letter", to=Address(name="Ann", country="CA")),
        NewSend(kind="letter", to=Address(name="Ann", country="FR")),
        NewSend(kind="gift", to=Address(name="Ann")),
        NewSend(kind="letter", to=Address(name="Ann", postal_code="K1A 0B1", email="nobody")),
    ],
)
def test_other_postal_codes_and_what_stays_are_taken_as_they_are(send: NewSend) -> None:
    assert refused(send, postal_code="K1A 0B1", email=send.to.email, name="Bo") is None


@pytest.mark.parametrize(
    ("email", "fits"),
    [
        ("", True),
        ("ann@example.com", True),
        ("ann@mailhost", True),
        ("ann", False),
        ("@example.com", False),
        ("ann@", False),
        ("ann@example@com", False),
        ("ann bow@example.com", False),
    ],
)
def test_a_new_email_address_looks_like_one(email: str, fits: bool) -> None:
    gift = NewSend(kind="gift", to=Address(name="Ann", email="old@example.com"))
    assert refused(gift, email=email) == (None if fits else "to.email")


@given(letters, changes)
def test_an_edition_differs_exactly_where_something_does(send: NewSend, change: SendChange) -> None:
    new = changed(send, change)
    one, two = (edition(msgspec.to_builtins(each.to), each.send_date) for each in (send, new))
    assert (one == two) == (differences(send, new) == {})


@given(zips, zips)
def test_a_barcode_that_we_gave_always_names_the_recipients_zip_code(old: str, new: str) -> None:
    before = Address(postal_code=old)
    after = Address(postal_code=new)
    barcode = parse(rerouted(TRACKING + routing_of(before), True, before, after))
    assert (barcode.tracking, barcode.routing) == (TRACKING, routing_of(after))


@given(st.sampled_from(["", "60614", "606141234", "60614123499", "02108"]), zips, zips)
def test_a_barcode_that_a_send_came_with_is_never_changed(routing: str, old: str, new: str) -> None:
    before, after = Address(postal_code=old), Address(postal_code=new)
    wanted = routing_of(after)
    fits = bool(wanted) and (routing.startswith(wanted) or wanted.startswith(routing))
    if fits or not routing or wanted == routing_of(before):
        assert rerouted(TRACKING + routing, False, before, after) == TRACKING + routing
    else:
        with pytest.raises(Conflict) as refusal:
            rerouted(TRACKING + routing, False, before, after)
        assert refusal.value.param == "to.postal_code"


def test_a_barcode_without_a_zip_code_goes_with_any() -> None:
    assert rerouted(TRACKING, False, Address(postal_code="60614"), Address(postal_code="02108")) == TRACKING


@pytest.mark.parametrize("new", ["", "02108", "60614-9999"])
def test_another_zip_code_than_that_of_the_barcode_is_refused(new: str) -> None:
    with pytest.raises(Conflict):
        rerouted(f"{TRACKING}606141234", False, Address(postal_code="60614-1234"), Address(postal_code=new))
