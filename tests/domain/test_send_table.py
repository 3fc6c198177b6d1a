"""Columns as people name them, cells as they fill them."""

from datetime import date

import pytest

from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.send_table import columns, send


@pytest.mark.parametrize(
    ("names", "path"),
    [
        (["to.name", "to_name", "to[name]", "Name", "recipient name", "full name", "toName"], ("to", "name")),
        (
            ["to.postal_code", "ZIP", "zip code", "postalCode", "Postcode", "to_zip", "postalOrZip"],
            ("to", "postal_code"),
        ),
        (
            ["address_line1", "Address", "street", "address1", "Address Line 1", "to.addressLine1"],
            ("to", "address_line1"),
        ),
        (["provinceOrState", "State", "to.state"], ("to", "state")),
        (["from.name", "from_name", "fromName", "return name"], ("from", "name")),
        (["send_date", "Send Date", "sendDate", "date"], ("send_date",)),
        (["imb", "IMb", "Barcode"], ("imb",)),
        (["external_id", "Reference", "externalId"], ("external_id",)),
        (
            ["metadata.order", "metadata_order", "metadata[order]", "Metadata order ", "metadataOrder"],
            ("metadata", "order"),
        ),
        (["metadata.orderId", "metadata orderId", "metadata[orderId]"], ("metadata", "orderId")),
        (["metadata.Order No."], ("metadata", "Order No.")),
        (["metadata", "Metadata"], ("metadata",)),
        (["gift.name"], ("gift", "name")),
        (["gift"], ("gift",)),
        (["line", "Reason"], ()),
    ],
)
def test_columns_are_found_under_the_names_that_people_give_them(names: list[str], path: tuple[str, ...]) -> None:
    for name in names:
        assert columns(["kind", name]) == [("kind",), path], name


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (["kind", "nmae"], "column 'nmae' is no field of a send"),
        (["kind", "to"], "column 'to' is no field of a send"),
        (["kind", "cost"], "column 'cost' is no field of a send"),
        (["kind", ""], "column '' is no field of a send"),
        (["kind", "zip", "postal_code"], "column 'postal_code' stands twice: both mean to.postal_code"),
        (["kind", "metadata.a", "metadata_a"], "column 'metadata_a' stands twice: both mean metadata.a"),
        (["\u00ff\u00fek\0i\0n\0d\0", "\0n\0a\0m\0e"], "the file is UTF-16 text: save it as UTF-8"),
        (["name"], "the column kind is missing"),
        ([], "the column kind is missing"),
    ],
)
def test_a_header_that_would_lose_data_is_refused(header: list[str], reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        columns(header)
    assert str(refused.value).startswith(reason)


def test_a_row_becomes_a_send_and_empty_cells_are_not_given() -> None:
    row = {
        "Kind": "letter",
        "First Name": "Ana",
        "Last Name": "López ",
        "Company": "",
        "ZIP": "02118",
        "Country": "",
        "from.name": "Harbor",
        "Send Date": "2026-03-02",
        "Tags": "a; b,c",
        "cost_cents": "78",
        "metadata.order": "A-1",
        "line": "7",
    }
    assert send(columns(list(row)), list(row.values())) == NewSend(
        kind="letter",
        to=Address(name="Ana López", postal_code="02118"),
        from_=Address(name="Harbor"),
        send_date=date(2026, 3, 2),
        tags=["a", "b", "c"],
        cost_cents=78,
        metadata={"order": "A-1"},
    )


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        ("kind", "flower", "kind must be one of letter, postcard, cheque, self_mailer, gift, egift"),
        ("kind", "", "kind is missing"),
        ("send_date", "13/13/2026", "send_date must be a day such as 2026-03-02"),
        ("cost_cents", "a lot", "cost_cents must be a whole number"),
        ("metadata", "order A-1", 'metadata must be a JSON object such as {"order": "A-1"}'),
        ("metadata", '["A-1"]', 'metadata must be a JSON object such as {"order": "A-1"}'),
        ("gift", '{"a":' + "[" * 50_000, 'gift must be a JSON object such as {"order": "A-1"}'),
        ("extra_service", "owl", "extra_service must be one of certified, certified_return_receipt, registered"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named(name: str, cell: str, reason: str) -> None:
    row = {"kind": "letter", "name": "Ana"} | {name: cell}
    with pytest.raises(Invalid) as refused:
        send(columns(list(row)), list(row.values()))
    assert str(refused.value) == reason


@pytest.mark.parametrize("field", ["metadata", "gift"])
@pytest.mark.parametrize("turned", [False, True])
def test_any_fields_come_as_one_object_or_in_columns_of_their_own(field: str, turned: bool) -> None:
    row = {"kind": "gift", field: '{"order": {"lines": [1, 2]}, "size": "L"}', f"{field}.size": "XL", f"{field}.n": "7"}
    if turned:
        row = dict(reversed(row.items()))
    new = send(columns(list(row)), list(row.values()))
    assert getattr(new, field) == {"order": {"lines": [1, 2]}, "size": "XL", "n": "7"}


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(Invalid, match="the row has 3 columns, the header 2"):
        send(columns(["kind", "name"]), ["letter", "Ana", "surplus"])
