"""A link leads where its campaign says, whatever the recipient is called."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sendtrail.domain.landing import MAX_VALUE, VARIABLES, check, fill, host, values_of, variables
from sendtrail.domain.problems import Invalid

HOSTS = {"shop.example.com", "shop.example.com:8443", "localhost:9000", "[::1]:9000"}
ANY = st.text(max_size=30) | st.text(st.sampled_from("./\\%2eE@:?#&=\r\n\t {}\0é\ud800"), max_size=12)
PLACES = st.lists(
    st.sampled_from(["/", ".", "%2e", "a", "?", "#", "&b=", "%", "é", "{{to.name}}", "{{ code }}", "{{metadata.x y}}"]),
    max_size=10,
)


def taken(template: str) -> bool:
    try:
        check(template, HOSTS)
    except Invalid:
        return False
    return True


TEMPLATES = st.builds(
    lambda start, places: start + "".join(places),
    st.sampled_from(["https://shop.example.com/", "HTTPS://Shop.Example.com:8443/", "http://localhost:9000?"]),
    PLACES,
).filter(taken)


@given(TEMPLATES, ANY, ANY, ANY)
@example("https://shop.example.com/{{to.name}}/x", "..", "", "")
@example("https://shop.example.com/.{{to.name}}{{code}}", "", ".", "")
@example("https://shop.example.com/%{{to.name}}%2e", "2e", "", "")
def test_no_value_leads_elsewhere(template: str, name: str, code: str, more: str) -> None:
    kept = check(template, HOSTS)
    url = fill(kept, {"to.name": name, "code": code, "metadata.x y": more})
    assert re.fullmatch(r"[!-~]+", url)
    found, meant = urlsplit(url), urlsplit(kept)
    assert (found.scheme, found.hostname, found.port, found.username) == (
        meant.scheme,
        meant.hostname,
        meant.port,
        None,
    )
    assert not {".", ".."} & {unquote(part) for part in found.path.split("/")}
    assert found.path.count("/") == re.sub(r"\{\{.*?\}\}", "", meant.path).count("/")
    assert bool(found.fragment) <= ("#" in kept)


@given(st.text(st.characters(codec="utf-8"), max_size=MAX_VALUE))
def test_a_value_arrives_as_it_was(text: str) -> None:
    template = check("https://shop.example.com/?a={{to.name}}&b=1#{{to.name}}", HOSTS)
    url = urlsplit(fill(template, {"to.name": text}))
    assert parse_qs(url.query, keep_blank_values=True) == {"a": [text], "b": ["1"]}
    assert unquote(url.fragment) == text


def test_a_value_that_goes_on_and_on_is_cut() -> None:
    assert fill("https://shop.example.com/{{code}}", {"code": "é" * 9999}).count("%C3%A9") == MAX_VALUE


def test_what_a_send_does_not_have_is_empty() -> None:
    assert fill("https://shop.example.com/a{{to.name}}?b={{metadata.c}}", {}) == "https://shop.example.com/a?b="


@given(ANY)
def test_an_unknown_variable_is_refused(name: str) -> None:
    known = name.strip() in VARIABLES or name.strip().startswith(("metadata.", "merge."))
    assert known or not taken("https://shop.example.com/?a={{" + name + "}}")


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("", "must begin with https://"),
        ("javascript:alert(1)", "must begin with https://"),
        ("//shop.example.com/", "must begin with https://"),
        ("https:///shop.example.com", "must be a name"),
        ("http://shop.example.com/", "must begin with https://, not http://"),
        ("https://other.example.com/", "allowed: [::1]:9000, localhost:9000, shop.example.com, shop.example.com:8443"),
        ("https://shop.example.com.evil.net/", "leads to shop.example.com.evil.net"),
        ("https://shop.example.com:9999/", "leads to shop.example.com:9999"),
        ("https://shop.example.com:99999/", "must be a name"),
        ("https://shop.example.com@evil.net/", "must be a name"),
        ("https://evil.net\\@shop.example.com/", "must be a name"),
        ("https://{{to.name}}.example.com/", "the host must stand there as it is"),
        ("https://shop.example.com{{to.name}}/", "the host must stand there as it is"),
        ("https://shop.example.com:{{to.name}}/", "the host must stand there as it is"),
        ("https://{{to.name}}@shop.example.com/", "the host must stand there as it is"),
        ("{{to.name}}://shop.example.com/", "must begin with https://"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://shop.example.com/a b", "no spaces"),
        ("https://shop.example.com/\r\nSet-Cookie: a=b", "no spaces or control characters"),
        ("https://shop.example.com/{to.name}", "a variable is written {{to.first_name}}"),
        ("https://shop.example.com/{{to.name}", "a variable is written {{to.first_name}}"),
        ("https://shop.example.com/{{to.first}}", "'to.first' is no variable; there are to.name"),
        ("https://shop.example.com/{{metadata.}}", "'metadata.' is no variable"),
        ("https://shop.example.com/a/../b", "no steps such as ../"),
        ("https://shop.example.com/a/%2E%2e/b", "no steps such as ../"),
        ("https://shop.example.com/" + "{{code}}" * 21, "20 variables at most"),
        ("https://shop.example.com/" + "a" * 2000, "2,000 characters at most"),
    ],
)
def test_what_is_no_place_to_lead_to_is_refused_in_words(template: str, why: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check(template, HOSTS)
    assert refusal.value.param == "url"
    assert why in refusal.value.message
    assert "\n" not in refusal.value.message


def test_a_template_is_kept_with_its_host_as_it_is_written_in_general() -> None:
    kept = check("  HTTPS://Shop.Example.COM:443/Spring?N={{ to.name }} ", HOSTS)
    assert kept == "https://shop.example.com/Spring?N={{ to.name }}"
    assert check("http://[::1]:9000", HOSTS) == "http://[::1]:9000"


def test_variables_are_told_in_their_order_once_each() -> None:
    assert variables("https://a.example/{{ code }}?x={{to.city}}&y={{code}}") == ("code", "to.city")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Shop.Example.com ", "shop.example.com"),
        ("https://shop.example.com/spring?x=1", "shop.example.com"),
        ("shop.example.com:443", "shop.example.com"),
        ("http://shop.example.com:80/", "shop.example.com"),
        ("shop.example.com:08443", "shop.example.com:8443"),
    ],
)
def test_a_host_is_kept_in_one_way(typed: str, kept: str) -> None:
    assert host(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "*.example.com", "a b", "-a.example", "a..example", "a:0", "a" * 64, "user@a.example"]
)
def test_what_is_no_host_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        host(typed)
    assert refusal.value.param == "host"


def test_a_send_has_values_for_all_variables() -> None:
    values = values_of(
        {"name": "Ada King Lovelace", "city": "London", "country": "GB"},
        {"plan": "gold", "seats": 3, "x": [1]},
        sender={"name": "Joe Park", "company": "Acme"},
        merge={"offer": {"code": "SPRING", "cents": 5}, "n": "x"},
        names={"to": ["Ada King", "Lovelace"], "from": ["Joe", "Parker"]},
        external_id="A-1",
        campaign="Spring",
        kind="letter",
        send_id="letter_1",
        code="1",
    )
    metadata, merged = ("plan", "seats", "x"), ("offer", "offer.code", "offer.cents", "n")
    assert values.keys() == {
        *VARIABLES, *(f"metadata.{key}" for key in metadata), *(f"merge.{key}" for key in merged)
    }  # fmt: skip
    assert (values["to.first_name"], values["to.last_name"]) == ("Ada King", "Lovelace")
    assert values["from.last_name"] == "Park"
    assert (values["from.first_name"], values["from.company"], values["from.city"]) == ("Joe", "Acme", "")
    assert (values["merge.offer.code"], values["merge.offer.cents"], values["merge.n"]) == ("SPRING", "5", "x")
    assert (values["metadata.plan"], values["metadata.seats"], values["metadata.x"]) == ("gold", "3", "[1]")
    assert values["to.company"] == ""
