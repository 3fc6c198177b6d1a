import json

from hypothesis import given
from hypothesis import strategies as st

from sendtrail.feeds.duplicate_keys import may_repeat

KEYS = ("imb", "scanEventCode", "aVeryLongKeyOfThirtyCharacters", "eightLen")
MARGIN = b" " * 32


def suspected(*objects: str) -> bool:
    return may_repeat([MARGIN + f"[{','.join(objects)}]".encode()], len(objects), KEYS)


def test_objects_with_each_key_once_are_clear() -> None:
    both = json.dumps(dict.fromkeys((*KEYS, "other", "imbs", "ximb", "Imb"), "a: b"))
    assert not suspected(both, both, "{}", '{"imb":1}', both)


def test_a_key_that_stands_twice_is_seen_wherever_it_stands() -> None:
    once = '{"imb":1}'
    for key in KEYS:
        twice = f'{{"x":1,"{key}":1,"y":"z","{key}":2}}'
        assert suspected(twice)
        assert suspected(once, twice, once)
        assert suspected("{}", twice, "{}", once)


def test_a_key_elsewhere_cannot_hide_one_that_is_missing() -> None:
    assert suspected('{"imb":1,"imb":2}', "{}")
    assert suspected("{}", '{"imb":1,"imb":2}')


def test_other_keys_that_stand_twice_do_not_matter() -> None:
    assert not suspected('{"x":1,"x":2,"ximb":1,"ximb":2}')


def test_a_colon_apart_from_its_key_and_objects_in_objects_are_suspected() -> None:
    assert suspected('{"imb" :1,"imb" :2}')
    assert suspected('{"imb":{"imb":1}}')
    assert not suspected('{"imb": [1, 2]}')


@given(
    st.lists(
        st.lists(st.sampled_from(("imb", "eightLen", "scanEventCode", "other")), max_size=5), min_size=1, max_size=6
    )
)
def test_it_agrees_with_counting_the_keys_of_each_object(objects: list[list[str]]) -> None:
    texts = ["{" + ",".join(f'"{key}":0' for key in keys) + "}" for keys in objects]
    expected = any(keys.count(key) > 1 for keys in objects for key in KEYS)
    assert suspected(*texts) == expected
    assert may_repeat([MARGIN + f"[{text}]".encode() for text in texts], len(texts), KEYS) == expected
