"""Made-up notifications: one for each type, of the shape of real ones."""

from datetime import UTC, datetime

import msgspec
import pytest

from sendtrail.domain.events import CODES
from sendtrail.domain.flat import flat
from sendtrail.domain.messages import line, text
from sendtrail.domain.notice_bodies import NATIVE, POSTGRID, Told
from sendtrail.domain.notice_samples import made_up
from sendtrail.domain.notices import TYPES

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
OURS = {"id": "organization_1", "name": "Acme"}


def sample(type_: str) -> dict[str, object]:
    body = made_up(Told("event_1", type_, AT, AT, 0, True), OURS)
    found: dict[str, object] = msgspec.json.decode(msgspec.json.encode(body))
    return found


@pytest.mark.parametrize("vocabulary", ["send", "postalytics", "stannp", "sendoso", "lob"])
def test_each_of_our_own_has_the_fields_of_a_real_one(vocabulary: str) -> None:
    types = [type_ for type_ in TYPES if type_.startswith(f"{vocabulary}.")]
    assert types
    for type_ in types:
        body = sample(type_)
        assert body.keys() == NATIVE.keys() | {"sample"}, type_
        data = body["data"]
        assert isinstance(data, dict)
        assert data.keys() - {"code"} == NATIVE["data"].keys(), type_
        assert data["send"].keys() == NATIVE["data"]["send"].keys(), type_
        assert data["event"].keys() >= NATIVE["data"]["event"].keys(), type_
        assert (body["type"], body["sample"], flat(body)["sample"]) == (type_, True, True)
        assert line(body)
        assert text(body)


@pytest.mark.parametrize("code", [code for code in CODES if code not in ("link_opened", "goal_reached")])
def test_what_it_tells_is_what_its_type_says(code: str) -> None:
    data = sample(f"send.{code}")["data"]
    assert isinstance(data, dict)
    assert data["event"]["code"] == data["send"]["status"]["code"] == code
    assert data["status_changed"] is True


def test_a_readers_word_is_said_with_its_number() -> None:
    for type_, code in (
        ("postalytics.Mailed", {"vocabulary": "postalytics", "name": "Mailed", "number": 11}),
        ("postalytics.pURLOpened", {"vocabulary": "postalytics", "name": "pURLOpened", "number": 7}),
        ("lob.re_routed", {"vocabulary": "lob", "name": "Re-Routed", "number": None}),
    ):
        data = sample(type_)["data"]
        assert isinstance(data, dict)
        assert data["code"] == code
        assert flat(sample(type_))["code"] == code["number"]


def test_what_is_no_send_is_told_to_people_as_what_it_is() -> None:
    assert [
        line({**sample(type_), "sample": False}) for type_ in ("campaign.updated", "return_envelope_order.created")
    ] == [
        "Ready (PostGrid campaign updated): campaign Welcome kit",
        "Created (PostGrid return envelope order created): order of 5,000 return envelopes",
    ]
    assert "Campaign: https://a.example" in text({**sample("campaign.created"), "sample": False}, "https://a.example")


def test_each_of_postgrids_is_one_of_its_events() -> None:
    for type_ in (each for each in TYPES if each.endswith((".created", ".updated")) and not each.startswith("send.")):
        body = sample(type_)
        if body.get("object") == "event":
            assert body.keys() == POSTGRID.keys() | {"sample"}
            assert (body["updatedFields"] is None) == type_.endswith(".created")
            assert flat(body)["kind"] == type_.partition(".")[0]
    assert flat(sample("tracker.visited"))["device"] == "phone"
