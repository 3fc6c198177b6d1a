"""What a request tells of who opens a link."""

import pytest
from crawlerdetect import CrawlerDetect
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.visit import (
    DEVICES,
    MAX_HOST,
    NOWHERE,
    Place,
    device,
    is_early,
    is_robot,
    place_of,
    referrer_host,
    visitor,
)

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Mobile/15E148 Safari/604.1"
)
IPAD = IPHONE.replace("iPhone; CPU iPhone OS", "iPad; CPU OS")
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile"
    " Safari/537.36"
)
PEOPLE = {
    IPHONE: "phone",
    ANDROID: "phone",
    ANDROID + " [FBAN/EMA;FBLC/en_US]": "phone",
    "Dalvik/2.1.0 (Linux; U; Android 10)": "phone",
    "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 Mobile Safari": "phone",
    IPAD: "tablet",
    ANDROID.replace("Pixel 8", "SM-X710").replace(" Mobile", ""): "tablet",
    "Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/108.4 Safari/537.36": "tablet",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari": "desktop",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15": "desktop",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": "desktop",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36": "desktop",
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 SamsungBrowser/4.0 TV Safari/537.36": "other",
    "Mozilla/5.0 (Linux; Android 9; AFTT Build/PS7) AppleWebKit/537.36 Silk/108 Mobile Safari/537.36": "other",
    "Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15 Version/16.0 Safari/605.1.15": "other",
    "Mozilla/5.0 (Linux; Android 12; K) AppleWebKit/537.36 Chrome/104 Mobile YandexSearch/22": "phone",
}
ROBOTS = [
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23.20.0",
    "Discordbot/2.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) like Gecko SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; BarracudaCentral)",
    "Mimecast URL Protect",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "curl/8.5.0",
    "python-requests/2.32",
    "",
    "   ",
]


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_come_with_a_device_of_some_class(agent: str) -> None:
    assert (device(agent), is_robot(agent)) == (PEOPLE[agent], False)


@pytest.mark.parametrize("agent", ROBOTS)
def test_what_says_that_it_is_a_program_is_one(agent: str) -> None:
    assert is_robot(agent)


@given(st.one_of(st.sampled_from([*PEOPLE, *ROBOTS]), st.text(max_size=60)).filter(str.strip))
def test_whoever_the_table_of_crawlers_knows_is_known(agent: str) -> None:
    """Its own engine is slow, not wrong."""
    assert is_robot(agent) or not CrawlerDetect().is_crawler(agent) or "YandexSearch" in agent


@given(st.text(max_size=400))
def test_any_text_has_a_device_and_a_host_of_few_letters(text: str) -> None:
    assert device(text) in DEVICES
    host = referrer_host(f"https://{text}")
    assert len(host) <= MAX_HOST
    assert host.isascii()
    assert host == "" or host.replace(".", "").replace("-", "").isalnum()


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.Google.com/search?q=name", "www.google.com"),
        ("http://ann:secret@example.com:8080", "example.com"),
        ("https://10.0.0.1/", "10.0.0.1"),
        ("https://example.com.", "example.com"),
        ("https://" + "a" * 300 + ".com/", ""),
        ("https://example.com/" + "a" * 1_000_000, "example.com"),
        ("android-app://com.google.android.gm", ""),
        ("javascript:alert(1)", ""),
        ("https://exa\x00mple.com/", ""),
        ("https://example.com\r\nX-Evil: 1", ""),
        ("", ""),
    ],
)
def test_of_a_referrer_the_host_is_told_alone(referrer: str, host: str) -> None:
    assert referrer_host(referrer) == host


def test_a_visitor_is_known_again_as_long_as_the_salt_is() -> None:
    own = visitor(b"1" * 32, 7, "203.0.113.7", IPHONE)

    assert visitor(b"1" * 32, 7, "203.0.113.7", IPHONE) == own
    others = {
        visitor(b"2" * 32, 7, "203.0.113.7", IPHONE),
        visitor(b"1" * 32, 8, "203.0.113.7", IPHONE),
        visitor(b"1" * 32, 7, "203.0.113.8", IPHONE),
        visitor(b"1" * 32, 7, "203.0.113.7", IPAD),
    }
    assert len(others - {own}) == 4
    assert all(-(2**63) <= each < 2**63 for each in others)


def test_what_browsers_fetch_before_anybody_looks_is_early() -> None:
    assert is_early({"sec-purpose": "prefetch;anonymous-client-ip"})
    assert is_early({"x-moz": "Prefetch"})
    assert is_early({"x-purpose": "preview"})
    assert not is_early({"sec-purpose": "", "referer": "https://prefetch.example"})


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (
            {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "CA", "names": {"en": "California"}}, {}]},
            Place("US", "CA"),
        ),
        ({"country": {"iso_code": "FR"}, "subdivisions": [{"names": {"en": "Brittany"}}]}, Place("FR", "Brittany")),
        ({"country": {"iso_code": "DE"}}, Place("DE", "")),
        ({"country": "US", "region": "Ohio"}, Place("US", "Ohio")),
        ({"country_code": "us", "region": None}, Place("US", "")),
        ({"country": "United States"}, NOWHERE),
        ({"country": {"iso_code": 7}, "subdivisions": "x"}, NOWHERE),
        ({"subdivisions": []}, NOWHERE),
        ("x", NOWHERE),
        (None, NOWHERE),
    ],
)
def test_places_are_read_from_the_usual_files(record: object, place: Place) -> None:
    assert place_of(record) == place
