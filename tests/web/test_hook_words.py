"""How hooks and their deliveries read."""

from typing import Any

from sendtrail.services.hook_deliveries import Delivery, StateWord, ToldSend
from sendtrail.web import hook_words


def delivery(id_: str, send: str, state: StateWord = "pending", *, hook: str = "webhook_1", tries: int = 0) -> Delivery:
    """One of which only this is known."""
    told: dict[str, Any] = {"id": id_, "hook": hook, "send": ToldSend(send, "letter", "Ann Lee") if send else None}
    return Delivery(**{**dict.fromkeys(Delivery.__struct_fields__, ""), **told, "state": state, "tries": tries})


def test_a_delivery_says_that_it_waits_for_an_earlier_one_of_its_send_to_its_hook() -> None:
    newest_first = [
        delivery("trial", ""),
        delivery("behind both", "letter_1"),
        delivery("elsewhere", "letter_1", hook="webhook_2"),
        delivery("behind", "letter_1"),
        delivery("tried", "letter_1", tries=2),
        delivery("after one that arrived", "letter_2"),
        delivery("arrived", "letter_2", "delivered", tries=1),
        delivery("another trial", ""),
    ]
    behind = hook_words.behind(newest_first)
    assert behind == {"behind", "behind both"}
    labels = {each.id: hook_words.standing(each, each.id in behind).label for each in newest_first}
    assert labels["behind"] == "Waits for what came before"
    assert labels["tried"] == "Will be tried again"
    assert labels["after one that arrived"] == "To be sent"


def test_addresses_break_between_their_parts_only() -> None:
    assert hook_words.parted("example.com/a<b/c") == "example.com/<wbr>a&lt;b/<wbr>c"
    assert hook_words.parted("ann@example.com") == "ann@<wbr>example.com"
