"""The 10,000 official encoder test cases of USPS, read where a copy lies beside the checkout.

They carry no licence, so they are no part of this repository. The columns: id, tracking, routing, bars, result code,
message.
"""

import csv
import hashlib
from pathlib import Path

import pytest

from sendtrail.domain.imb import ImbError, decode, encode
from sendtrail.domain.imb.bulk import decode_many, encode_many
from tests.conftest import require

FILE = Path(__file__).parents[3] / "shared" / "reference" / "imb_vectors.csv"
SHA_256 = "4753eb52acc4aaa448b5ee83b70e6ec8ab40d70578e7923951d8637e115cdeda"


@pytest.fixture(scope="module")
def cases() -> list[list[str]]:
    require("imb_vectors", FILE.is_file(), "the official test cases of USPS are no part of this repository")
    content = FILE.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA_256
    return list(csv.reader(content.decode("ascii").splitlines()))


def outcome(answer: str | ImbError) -> tuple[str, str]:
    return ("", answer.code) if isinstance(answer, ImbError) else (answer, "00")


def encoded(tracking: str, routing: str) -> str | ImbError:
    try:
        return encode(tracking, routing)
    except ImbError as refusal:
        return refusal


def test_every_case_is_encoded_or_refused_as_usps_does(cases: list[list[str]]) -> None:
    assert len(cases) == 10_000
    for case, tracking, routing, bars, code, _ in cases:
        assert outcome(encoded(tracking, routing)) == (bars, code), f"case {case}"


def test_bulk_encodes_and_refuses_every_case_as_usps_does(cases: list[list[str]]) -> None:
    answers = encode_many([case[1] for case in cases], [case[2] for case in cases])
    assert [outcome(answer) for answer in answers] == [(bars, code) for _, _, _, bars, code, _ in cases]


def test_every_encoded_case_decodes_back(cases: list[list[str]]) -> None:
    sound = [case for case in cases if case[4] == "00"]
    assert len(sound) == 8128
    digits = [(tracking.strip(), routing.strip()) for _, tracking, routing, *_ in sound]
    assert [decode(case[3]) for case in sound] == digits
    assert decode_many([case[3] for case in sound]) == digits
