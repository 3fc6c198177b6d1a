"""The barcode codec against documented vectors, its known pitfalls, and itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendtrail.domain.imb import Barcode, ImbError, bulk, decode, decode_line, encode, encode_line, parse
from sendtrail.domain.imb.bulk import decode_many, encode_many
from sendtrail.domain.imb.codec import check_sequence
from sendtrail.domain.imb.tables import ASCENDERS, CHARACTERS, DESCENDERS, ROUTING_VALUES

# The first four are the family of USPS-B-3200, the fourth is its Figure 5; the last is from the USPS web encoder.
_TABLE = """
01234567094987654321 |             | ATTFATTDTTADTAATTDTDTATTDAFDDFADFDFTFFFFFTATFAAAATDFFTDAADFTFDTDT
01234567094987654321 | 01234       | DTTAFADDTTFTDTFTFDTDDADADAFADFATDDFTAAAFDTTADFAAATDFDTDFADDDTDFFT
01234567094987654321 | 012345678   | ADFTTAFDTTTTFATTADTAAATFTFTATDAAAFDDADATATDTDTTDFDTDATADADTDFFTFA
01234567094987654321 | 01234567891 | AADTFFDFTDADTAADAATFDTDDAAADDTDTTDAFADADDDTFFFDDTTTADFAAADFTDAADA
53379777234994544928 | 51135759461 | DAFDTDAFFDFTDADTDDFTTFDTATATFFFDFTTFFFTFDDTDAAFATDFTFDFDTTTDTTFDA
82205455868913559972 | 54765515722 | TTTADTFFADAFDTTFDTAADATFFFADFFTDDFFFATDADAATAAADDATFTAADFADTADADD
40120111574675115924 | 621766091   | ADFFTATTAFTTFTAADTFFATDTDFDDDTTAAFDTDDDFAAFATAFDFDTDTATDDATTADADA
40120111574675115924 | 62176       | AFDDADATAFDTDTTFAATDDTDFTDDDAFTFFTDTTATFAADFTFTFFADAAFAADFFDAADDT
40120111574675115924 |             | FAAADFDDADFFDAFDFFTFDFFFFTADFADTTTATTTADDDAFTATADDTADDDATATFFTFDD
72589631489654789632 | 13254789654 | AFDDDDDDATAADFDTADDTTFDDTFDFDADADFFAFFAFATDDATFDDFFTFFFDFFFAAATDT
70236987456321035987 |             | AADTDFTDDDFTFFADDFTAFFTTAATFTTFDFTDTTTAAFDATTDTDADTDFDFTAADFDTTAD
62789641258963214569 | 42563       | DTTFAATAADFDFDTADDTFAFADAADTATDDTFATTTATDATDFDATDDDTATATAFADTDFAD
23270592831482031240 | 96713024817 | DDADATADTAATDTTTDFDTTFTFFADTFTDFTATAAFTTFATDAATATDATATFADAADDTFDT
"""
VECTORS = [tuple(cell.strip() for cell in line.split("|")) for line in _TABLE.strip().splitlines()]
TRACKING, ROUTING, BARS = VECTORS[3]
DAMAGED = "bars is damaged: its check sequence does not fit; scan the barcode again"

trackings = st.builds("{}{}{:018}".format, st.integers(0, 9), st.integers(0, 4), st.integers(0, 10**18 - 1))
routings = st.sampled_from([0, 5, 9, 11]).flatmap(lambda width: st.text("0123456789", min_size=width, max_size=width))


def turned(bars: str) -> str:
    """What a reader sees of a piece that lies upside down."""
    return bars[::-1].translate(str.maketrans("AD", "DA"))


def bars_of(characters: list[int]) -> str:
    """The letters of any ten 13-bit characters, sound or not."""
    return "".join(
        "TDAF"[(characters[d] >> bit & 1) + 2 * (characters[a] >> up & 1)]
        for (d, bit), (a, up) in zip(DESCENDERS, ASCENDERS, strict=True)
    )


def codewords_of(value: int) -> tuple[list[int], int]:
    """The ten codewords and the check sequence of any value, also of values that no digits have."""
    rest, last = divmod(value, 636)
    codewords = [2 * last]
    for _ in range(8):
        rest, codeword = divmod(rest, 1365)
        codewords.append(codeword)
    return [rest, *reversed(codewords)], check_sequence(value)


def bars_of_codewords(codewords: list[int], sequence: int) -> str:
    first, *others = codewords
    return bars_of(
        [
            CHARACTERS[codeword] ^ 0x1FFF * (sequence >> place & 1)
            for place, codeword in enumerate([first + 659 * (sequence >> 10), *others])
        ]
    )


def refused(bars: str) -> str:
    with pytest.raises(ImbError) as caught:
        decode(bars)
    assert (caught.value.code, caught.value.param) == ("", "bars")
    [answer] = decode_many([bars])
    assert isinstance(answer, ImbError)
    assert answer.message == caught.value.message
    return caught.value.message


@pytest.mark.parametrize(("tracking", "routing", "bars"), VECTORS)
def test_documented_codes_encode_and_decode_exactly(tracking: str, routing: str, bars: str) -> None:
    assert encode(tracking, routing) == bars
    assert decode(bars) == (tracking, routing)


def test_the_check_sequence_covers_leading_zeros() -> None:
    assert check_sequence(0x016907B2A24ABC16A2E5C004B1) == 0x751
    assert check_sequence(1234567094987654321) == 0x051


def test_every_bit_of_every_character_is_drawn_once() -> None:
    assert sorted(DESCENDERS + ASCENDERS) == [(character, bit) for character in range(10) for bit in range(13)]


def test_characters_follow_their_rule() -> None:
    five, two = CHARACTERS[:1287], CHARACTERS[1287:]
    assert [f"{c:04X}" for c in five[:6] + five[-6:]] == (
        ["001F", "1F00", "002F", "1E80", "0037", "1D80", "064C", "0554", "04E4", "0358", "02E8", "01F0"]
    )
    assert [f"{c:04X}" for c in two[:6] + two[-6:]] == (
        ["0003", "1800", "0005", "1400", "0006", "0C00", "1001", "0802", "0404", "0208", "0110", "00A0"]
    )
    assert len(set(CHARACTERS)) == 1365
    assert {c.bit_count() for c in five} == {5}
    assert {c.bit_count() for c in two} == {2}


@given(trackings, routings)
def test_what_is_encoded_decodes_to_the_same_digits(tracking: str, routing: str) -> None:
    bars = encode(tracking, routing)
    assert len(bars) == 65
    assert set(bars) <= set("TDAF")
    assert decode(bars) == (tracking, routing)
    assert decode(f" {bars.lower()}\n") == (tracking, routing)


@given(trackings, routings, st.integers(0, 64))
def test_any_single_changed_bar_is_refused(tracking: str, routing: str, place: int) -> None:
    bars = encode(tracking, routing)
    changed = [bars[:place] + letter + bars[place + 1 :] for letter in "TDAF" if letter != bars[place]]
    for code in changed:
        assert refused(code) == DAMAGED


@given(trackings, routings)
def test_a_code_read_upside_down_is_refused_and_told_so(tracking: str, routing: str) -> None:
    message = refused(turned(encode(tracking, routing)))
    assert message == "bars was read upside down; reverse the letters and swap A and D"


def test_no_routing_and_routings_of_zeros_are_four_different_codes() -> None:
    routing = ["", "00000", "000000000", "00000000000"]
    codes = [encode(TRACKING, zeros) for zeros in routing]
    assert len(set(codes)) == 4
    assert [decode(code).routing for code in codes] == routing


@pytest.mark.parametrize("routing", ["00000", "99999", "000000000", "999999999", "00000000000", "99999999999"])
def test_routing_at_the_edges_of_its_width_keeps_its_width(routing: str) -> None:
    for tracking in ("0" * 20, "94" + "9" * 18):
        bars = encode(tracking, routing)
        assert decode(bars) == (tracking, routing)
        assert decode_many([bars]) == [(tracking, routing)]
        assert encode_many([tracking], [routing]) == [bars]


def test_the_first_codeword_may_be_exactly_659() -> None:
    # The top bit of the check sequence adds 659 to a first codeword of 0: short routing codes leave it at 0.
    marked = [f"{serial:020}" for serial in range(64) if check_sequence(serial) >> 10]
    assert marked
    for tracking in marked:
        bars = bars_of_codewords(*codewords_of(int(tracking)))
        assert encode(tracking) == bars
        assert decode(bars) == (tracking, "")


@given(trackings, st.integers(0, 10))
def test_sound_characters_with_another_check_sequence_are_refused(tracking: str, bit: int) -> None:
    codewords, sequence = codewords_of(int(tracking))
    assert refused(bars_of_codewords(codewords, sequence ^ 1 << bit)) == DAMAGED


@pytest.mark.parametrize("value", [ROUTING_VALUES * 5 * 10**19, (1 << 102) - 1, *range(1 << 102, (1 << 102) + 8)])
def test_bars_of_a_value_that_no_digits_have_are_refused(value: int) -> None:
    assert refused(bars_of_codewords(*codewords_of(value))) == DAMAGED


def test_bars_of_the_greatest_value_that_digits_have_are_read() -> None:
    bars = bars_of_codewords(*codewords_of(ROUTING_VALUES * 5 * 10**19 - 1))
    assert decode(bars) == ("94" + "9" * 18, "9" * 11)
    assert decode_many([bars]) == [("94" + "9" * 18, "9" * 11)]


def test_bars_whose_last_codeword_is_no_doubled_remainder_are_refused() -> None:
    codewords, sequence = codewords_of(636)
    assert codewords[8:] == [1, 0]
    assert decode(bars_of_codewords(codewords, sequence)) == (f"{636:020}", "")
    for otherwise in ([1, 1], [0, 2 * 636]):  # the same value, were they taken
        assert refused(bars_of_codewords(codewords[:8] + otherwise, sequence)) == DAMAGED


@pytest.mark.parametrize(
    ("bars", "message"),
    [
        ("", "bars has 0 letters; it needs exactly 65"),
        (BARS[:-1], "bars has 64 letters; it needs exactly 65"),
        (BARS + "T", "bars has 66 letters; it needs exactly 65"),
        (BARS[:9] + "X" + BARS[10:], "bars has 'X' at letter 10; only T, D, A and F occur"),
        (BARS[:9] + "\u0417" + BARS[10:], "bars has '\\u0417' at letter 10; only T, D, A and F occur"),
        (BARS[:9] + "\0" + BARS[10:], "bars has '\\x00' at letter 10; only T, D, A and F occur"),
    ],
)
def test_bars_of_wrong_length_or_letters_say_what_would_be_right(bars: str, message: str) -> None:
    assert refused(bars) == message


ARABIC = "\u0660" * 20
"""Digits, but not those of the barcode."""
REFUSED = [
    ("", "", "09", "tracking", "tracking has 0 characters; it needs exactly 20 digits"),
    ("1", "x", "09", "tracking", "tracking has 1 character; it needs exactly 20 digits"),
    (TRACKING + "1", "", "09", "tracking", "tracking has 21 characters; it needs exactly 20 digits"),
    ("0x" * 10, "", "10", "tracking", f"tracking '{'0x' * 10}' is not numeric; it needs exactly 20 digits 0 to 9"),
    ("0" * 19 + "\n" + "0", "", "09", "tracking", "tracking has 21 characters; it needs exactly 20 digits"),
    (ARABIC, "", "10", "tracking", f"tracking {ARABIC!a} is not numeric; it needs exactly 20 digits 0 to 9"),
    ("05" + "0" * 18, "1", "11", "tracking", "tracking's second digit is 5; it must be 0 to 4"),
    (TRACKING, "x", "12", "routing", "routing has 1 character; it needs none, 5, 9 or 11 digits"),
    (TRACKING, "1234567890", "12", "routing", "routing has 10 characters; it needs none, 5, 9 or 11 digits"),
    (TRACKING, "1234x", "13", "routing", "routing '1234x' is not numeric; it needs none, 5, 9 or 11 digits 0 to 9"),
]


@pytest.mark.parametrize(("tracking", "routing", "code", "param", "message"), REFUSED)
def test_digits_are_refused_in_the_order_of_the_usps_encoder(
    tracking: str, routing: str, code: str, param: str, message: str
) -> None:
    with pytest.raises(ImbError) as caught:
        encode(tracking, routing)
    assert (caught.value.code, caught.value.param, caught.value.message) == (code, param, message)
    assert "\n" not in message


def test_outer_blanks_are_no_part_of_the_digits() -> None:
    assert encode(f" {TRACKING}\t", f"  {ROUTING} ") == BARS
    assert encode_many([f" {TRACKING}\t"], [f"  {ROUTING} "]) == [BARS]


@given(st.lists(st.tuples(trackings | st.text(max_size=22), routings | st.text(max_size=12)), max_size=30))
def test_bulk_encoding_equals_scalar_encoding_row_by_row(rows: list[tuple[str, str]]) -> None:
    answers = encode_many([tracking for tracking, _ in rows], [routing for _, routing in rows])
    assert len(answers) == len(rows)
    for answer, (tracking, routing) in zip(answers, rows, strict=True):
        if isinstance(answer, ImbError):
            with pytest.raises(ImbError) as caught:
                encode(tracking, routing)
            assert (answer.code, answer.param, answer.message) == (
                caught.value.code,
                caught.value.param,
                caught.value.message,
            )
        else:
            assert answer == encode(tracking, routing)


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(encode, trackings, routings)
        | st.builds(turned, st.builds(encode, trackings, routings))
        | st.text("TDAF", min_size=65, max_size=65)
        | st.text("TDAFtdaf x", min_size=60, max_size=70)
        | st.text(max_size=70),
        max_size=20,
    )
)
def test_bulk_decoding_equals_scalar_decoding_row_by_row(rows: list[str]) -> None:
    answers = decode_many(rows)
    assert len(answers) == len(rows)
    for answer, bars in zip(answers, rows, strict=True):
        if isinstance(answer, ImbError):
            assert refused(bars) == answer.message
        else:
            assert answer == decode(bars)


def test_bulk_works_sound_rows_out_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: str) -> None:
        raise AssertionError("the scalar codec was asked")

    monkeypatch.setattr(bulk, "encode", refuse)
    monkeypatch.setattr(bulk, "decode", refuse)
    tracking, routing, bars = zip(*VECTORS, strict=True)
    assert encode_many(tracking, routing) == list(bars)
    assert decode_many([code.lower() for code in bars]) == list(zip(tracking, routing, strict=True))


def test_bulk_takes_more_rows_than_it_works_out_together_and_keeps_their_order() -> None:
    rows = [(f"{n % 10}{n % 5}{n * 7919:018}", ("", "01234", "012345678", ROUTING)[n % 4]) for n in range(20_000)]
    codes = encode_many([tracking for tracking, _ in rows], [routing for _, routing in rows])
    assert decode_many([code for code in codes if isinstance(code, str)]) == rows


def test_bulk_wants_a_routing_beside_each_tracking() -> None:
    with pytest.raises(ValueError, match="2 tracking codes beside 1 routing codes"):
        encode_many([TRACKING, TRACKING], [ROUTING])


@pytest.mark.parametrize("routing", ["", "01234", "012345678", "01234567891"])
def test_a_row_of_digits_is_parsed_into_its_parts(routing: str) -> None:
    assert parse(f" {TRACKING}{routing} ") == Barcode(TRACKING, routing)


def test_a_mailer_id_has_nine_digits_exactly_when_it_begins_with_a_nine() -> None:
    nine = Barcode("00270" + "901234567" + "000001", "80204")
    six = Barcode("02310" + "123456" + "000000789")
    assert (nine.barcode_id, nine.stid, nine.mid, nine.serial) == ("00", "270", "901234567", "000001")
    assert (six.barcode_id, six.stid, six.mid, six.serial) == ("02", "310", "123456", "000000789")
    assert nine.mid_serial == 901234567000001
    assert six.mid_serial == 123456000000789
    assert nine.digits == "0027090123456700000180204"
    assert nine.label == 270_80204
    assert six.label == 2310_00000


@pytest.mark.parametrize(
    ("text", "code", "param"),
    [
        ("", "09", "tracking"),
        ("1" * 19, "09", "tracking"),
        ("1" * 24, "12", "routing"),
        ("1" * 32, "12", "routing"),
        ("1" * 30 + "x", "13", "routing"),
        ("1" * 19 + "x", "10", "tracking"),
        ("15" + "1" * 18, "11", "tracking"),
    ],
)
def test_a_row_of_digits_that_is_no_barcode_names_its_wrong_part(text: str, code: str, param: str) -> None:
    with pytest.raises(ImbError) as caught:
        parse(text)
    assert (caught.value.code, caught.value.param) == (code, param)


def test_lines_are_answered_by_lines() -> None:
    assert encode_line(f"{TRACKING},{ROUTING}\n") == BARS
    assert encode_line(TRACKING) == VECTORS[0][2]
    assert decode_line(BARS) == f"{TRACKING},{ROUTING}"
    assert decode_line(VECTORS[0][2]) == f"{TRACKING},"
    assert encode_line("1,2,3") == "error: tracking has 1 character; it needs exactly 20 digits"
    assert decode_line("") == "error: bars has 0 letters; it needs exactly 65"
