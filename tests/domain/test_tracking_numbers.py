"""Tracking numbers: every documented example, and laws of their check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.problems import Invalid
from sendtrail.domain.tracking_numbers import compact, made_up, mod10, parse, recognise, s10, tracking_url

VALID = [
    ("9407111899223197428490", "usps", "9407111899223197428490"),  # certified form
    ("9400109104250532908587", "usps", "9400109104250532908587"),  # in a real answer of the USPS API
    ("9505511069605048600624", "usps", "9505511069605048600624"),
    ("9361289878700317633795", "usps", "9361289878700317633795"),
    ("9405803699300124287899", "usps", "9405803699300124287899"),
    ("92748931507708513018050063", "usps", "92748931507708513018050063"),  # 26 digits
    ("420 22153 9101026837331000039521", "usps", "9101026837331000039521"),  # behind a ZIP Code
    ("4201002334249200190132607600833457", "usps", "9200190132607600833457"),  # behind a ZIP+4
    ("03071790000523483741", "usps", "03071790000523483741"),
    ("71123456789123456787", "usps", "71123456789123456787"),
    ("71969010756003077385", "usps", "9171969010756003077385"),  # older: only with 91 in front
    ("RB123456785GB", "post", "RB123456785GB"),
    ("RA123456785US", "usps", "RA123456785US"),
    ("0073938000549297", "canada_post", "0073938000549297"),
    ("7035114477138472", "canada_post", "7035114477138472"),
    ("1Z5R89390357567127", "ups", "1Z5R89390357567127"),
    ("1z 879e 9303 4683 4440", "ups", "1Z879E930346834440"),
    ("1Z8V92A70367203024", "ups", "1Z8V92A70367203024"),
    ("986578788855", "fedex", "986578788855"),
    ("4771-7908-1230", "fedex", "477179081230"),
    ("974367662710", "fedex", "974367662710"),  # weighted sum 10 of 11: check digit 0
    ("041441760228964", "fedex", "041441760228964"),
    ("568283610012000", "fedex", "568283610012000"),
]
POSTS = {"usps", "canada_post"}
INVALID = [
    "03071790000523483742",  # last digit
    "9400111899223397910390",  # common in examples on the web
    "9200000000000000000000",
    "61299998820821171811",
    "4201028200009261290113185417468511",
    "420000000000000000000000000000",
    "420000009200000000000000000000",
    "RA123456784US",
    "0073938000549292",
    "00000000000000000000",  # its check digit fits, as in the next two: refused by form
    "0000000000000000",
    "000000000000",
    "1Z1111111111111111",
    "2Z5R89390357567127",
    "996578788855",
    "568283610012732",
    "TBA502887274000",  # no check digit
    "٩٤٠٧١١١٨٩٩٢٢٣١٩٧٤٢٨٤٩٠",  # digits of another script
    "9407111899223197428490\x00",
    "12345",
    "",
]


@pytest.mark.parametrize(("text", "carrier", "number"), VALID)
def test_a_number_is_recognised_with_its_carrier_and_normal_form(text: str, carrier: str, number: str) -> None:
    assert recognise(text) == (carrier, number)
    assert parse(f" {text.lower()}\n") == (carrier, number)


@pytest.mark.parametrize("text", INVALID)
def test_a_number_with_a_wrong_form_or_check_digit_is_refused_in_one_line(text: str) -> None:
    assert recognise(text) is None
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert caught.value.param == "tracking_number"
    assert caught.value.message.startswith("tracking_number '")
    assert caught.value.message.isprintable()


def test_a_label_is_cut_by_its_length() -> None:
    # The ZIP+4 of the second ends in zeros, which do not change the check: cutting eight digits would fit as well.
    assert mod10("00009261290113185417468510")
    assert recognise("4201028200009261290113185417468510") == ("usps", "9261290113185417468510")
    assert recognise("420102829261290113185417468510") == ("usps", "9261290113185417468510")


# Not S10: it writes the remainders 0 and 6 alike.
@pytest.mark.parametrize("text", [text for text, carrier, _ in VALID if carrier in POSTS and compact(text).isdigit()])
def test_any_single_wrong_digit_is_seen_by_mod10(text: str) -> None:
    number = compact(text)
    number = number[len(number) - 22 :] if number.startswith("420") else number
    expected = recognise(number)
    assert expected is not None
    for place, digit in enumerate(number):
        if digit.isdigit():
            for other in set("0123456789") - {digit}:
                changed = recognise(number[:place] + other + number[place + 1 :])
                # An older USPS label may still fit with 91 in front; then it is another number.
                assert changed is None or (len(number) == 20 and changed.number != expected.number)


@given(st.text("0123456789", min_size=1, max_size=40))
def test_exactly_one_check_digit_fits_mod10(digits: str) -> None:
    assert sum(mod10(digits + check) for check in "0123456789") == 1


@given(st.text("0123456789", min_size=8, max_size=8))
def test_exactly_one_check_digit_fits_s10(digits: str) -> None:
    assert sum(s10(f"RA{digits}{check}US") for check in "0123456789") == 1


@pytest.mark.parametrize(
    ("carrier", "number", "url"),
    [
        (
            "usps",
            "420 22153 9101026837331000039521",
            "https://tools.usps.com/go/TrackConfirmAction?tLabels=9101026837331000039521",
        ),
        (
            "Canada Post",
            "7035 1144 7713 8472",
            "https://www.canadapost-postescanada.ca/track-reperage/en#/details/7035114477138472",
        ),
        ("canada-post", "LETTER", "https://www.canadapost-postescanada.ca/track-reperage/en#/details/LETTER"),
        ("UPS", "1z8v92a70367203024", "https://www.ups.com/track?tracknum=1Z8V92A70367203024"),
        ("FedEx", "986578788855", "https://www.fedex.com/fedextrack/?trknbr=986578788855"),
        ("dhl", "12/34&x=5", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=12%2F34%26X%3D5"),
        ("amazon", "TBA502887274000", "https://track.amazon.com/tracking/TBA502887274000"),
        ("amazon", "112-1234567-1234567", ""),  # an order number, not a parcel's
        ("pigeon", "9407111899223197428490", ""),
        ("post", "RB123456785GB", ""),
        ("usps", " ", ""),
        ("", "", ""),
    ],
)
def test_a_tracking_link_leads_to_the_carriers_public_page(carrier: str, number: str, url: str) -> None:
    assert tracking_url(carrier, number) == url


@given(st.sampled_from(["usps", "canada_post", ""]), st.integers(0, 1 << 40))
def test_a_made_up_number_is_written_like_a_carriers_own(post: str, n: int) -> None:
    made = made_up(post, n)

    assert recognise(made.number) == made
    assert made.carrier == ("canada_post" if post == "canada_post" else "usps")
