import json

import pytest

from sendtrail.feeds.acs import REASONS
from tests.feeds.feeding import fields_of, take, told

HEADER = "imb,code,date,new_address\n"
IMB = "0027090123456700000112345678901"


@pytest.mark.parametrize("letter", sorted(REASONS))
def test_a_nixie_is_returned_with_its_reason(letter: str) -> None:
    taken = take(f"{HEADER}{IMB},{letter},2026-03-02,\n".encode())
    assert taken.format == "acs"
    assert told(taken.only) == ("returned", "2026-03-02T23:59:59+00:00")
    assert taken.only.mid_serial == 901234567000001
    assert taken.only.label == 27012345
    assert fields_of(taken.only)["source"] == "usps"
    assert fields_of(taken.only)["evidence"] == "reported"
    assert json.loads(taken.only.detail) == {"reason": REASONS[letter], "nixie": letter}


@pytest.mark.parametrize(("code", "reason"), [("", "moved"), ("COA", "moved"), ("w", "moved for a time")])
def test_a_change_of_address_is_rerouted_with_the_new_one(code: str, reason: str) -> None:
    only = take(f'{HEADER}{IMB},{code},03/02/2026,"12 Elm St, Troy NY 12180"\n'.encode()).only
    assert told(only)[0] == "rerouted"
    assert json.loads(only.detail) == {"reason": reason, "new_address": "12 Elm St, Troy NY 12180"} | (
        {"acs": code.upper()} if code else {}
    )


@pytest.mark.parametrize("letter", ["I", "B", "K"])
def test_where_a_letter_says_two_things_the_new_address_decides(letter: str) -> None:
    assert told(take(f"{HEADER}{IMB},{letter},2026-03-02,\n".encode()).only)[0] == "returned"
    assert told(take(f"{HEADER}{IMB},{letter},2026-03-02,12 Elm St\n".encode()).only)[0] == "rerouted"


def test_what_is_said_is_always_said_in_the_same_words() -> None:
    """It belongs to the event's identity."""
    returned = take(f"{HEADER}{IMB},M,2026-03-02,12 Elm St\n".encode()).only
    assert returned.detail == '{"new_address": "12 Elm St", "nixie": "M", "reason": "no mail receptacle"}'
    moved = take(f"{HEADER}{IMB},COA,2026-03-02,12 Elm St\n".encode()).only
    assert moved.detail == '{"acs": "COA", "new_address": "12 Elm St", "reason": "moved"}'


def test_labels_on_returned_pieces_are_understood() -> None:
    only = take(f"{HEADER}{IMB},ANK,20260302,\n".encode()).only
    assert json.loads(only.detail)["nixie"] == "A"


def test_a_new_address_may_stand_in_several_columns() -> None:
    data = f"imb|code|date|new_street|new_city|newZip\n{IMB}|COA|2026-03-02|12 Elm St|Troy|12180\n"
    assert json.loads(take(data.encode()).only.detail)["new_address"] == "12 Elm St, Troy, 12180"


def test_what_cannot_be_read_is_refused_by_name() -> None:
    lines = (
        f"{IMB},Z,2026-03-02,",
        f"{IMB},,2026-03-02,",
        f"{IMB},A,2026-02-30,",
        f"{IMB},A,,",
        f"{IMB}1,A,2026-03-02,",
        ",A,2026-03-02,",
        f"{IMB},A,2026-06-03,",
        f"{IMB},A,2019-03-02,",
        f"08{IMB[2:]},A,2026-03-02,",
    )
    assert take((HEADER + "\n".join(lines)).encode()).reasons == {
        2: 'code "Z" is neither a nixie letter nor COA or W for a change of address',
        3: "code is missing, and so is a new address",
        4: 'date "2026-02-30" is not a date such as 2026-03-02 or a time such as 2026-03-02T22:56:10-05:00',
        5: "date is missing",
        6: f'imb "{IMB}1" must have 20, 25, 29 or 31 digits',
        7: "imb missing: which send is meant",
        8: 'date "2026-06-03" is more than 24 hours in the future',
        9: 'date "2019-03-02" is before 2020 or after 2089',
        10: f'imb "08{IMB[2:]}" is no Intelligent Mail barcode: its second digit must be 0 to 4',
    }
