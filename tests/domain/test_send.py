"""A send as it is asked for: defaults and refusals."""

import pytest

from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import Address, NewSend, settle

ANN = Address(name="Ann")


def refused(send: NewSend) -> str | None:
    with pytest.raises(Invalid) as refusal:
        settle(send)
    return refusal.value.param


def test_mail_goes_by_us_first_class_unless_it_says_otherwise() -> None:
    assert (settle(NewSend("letter", ANN)).post, settle(NewSend("letter", ANN)).mailing_class) == (
        "usps",
        "first_class",
    )
    canadian = settle(NewSend("letter", Address(name="Ann", country="ca")))
    assert (canadian.post, canadian.mailing_class, canadian.to.country) == ("canada_post", "lettermail", "CA")
    assert settle(NewSend("gift", ANN)).post == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("First Class", "first_class"),
        ("first-class", "first_class"),
        ("Marketing Mail", "marketing"),
        ("standard", "standard_class"),
    ],
)
def test_a_mailing_class_is_understood_in_any_writing(text: str, told: str) -> None:
    assert settle(NewSend("letter", ANN, mailing_class=text)).mailing_class == told


def test_a_mailing_class_that_nobody_knows_is_refused_rather_than_sent_without_a_barcode() -> None:
    assert refused(NewSend("letter", ANN, mailing_class="pigeon")) == "mailing_class"


@pytest.mark.parametrize("number", ["9400111899223397910390", "RA123456784US", "1Z999AA10123456785"])
def test_a_number_with_a_wrong_check_digit_is_refused_even_without_its_carrier(number: str) -> None:
    assert refused(NewSend("gift", ANN, tracking_number=number)) == "tracking_number"


def test_a_number_of_a_carrier_that_we_do_not_know_is_taken_as_it_is() -> None:
    assert settle(NewSend("gift", ANN, tracking_number="abc-123")).tracking_number == "ABC123"


@pytest.mark.parametrize(
    ("send", "param"),
    [
        (NewSend("letter", Address()), "to"),
        (NewSend("letter", Address(name="Ann", country="USA")), "to.country"),
        (NewSend("egift", ANN), "to.email"),
        (NewSend("gift", ANN, imb="00270901234567000001"), "imb"),
        (NewSend("letter", ANN, imb="0027090123456700000112"), "imb"),
        (NewSend("postcard", ANN, extra_service="certified"), "extra_service"),
        (NewSend("letter", ANN, gift={"name": "mug"}), "gift"),
        (NewSend("letter", ANN, cost_cents=-1), "cost_cents"),
        (NewSend("letter", Address(name="A\0nn")), "to.name"),
        (NewSend("letter", ANN, message="x" * 10_001), "message"),
        (NewSend("letter", ANN, metadata={"a": "\0"}), "metadata"),
        (NewSend("letter", ANN, metadata={"a": "x" * 20_000}), "metadata"),
        (NewSend("letter", ANN, tags=["x"] * 51), "tags"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_field(send: NewSend, param: str) -> None:
    assert refused(send) == param
