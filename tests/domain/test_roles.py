"""Permissions, how far they reach, and the roles that come with Sendtrail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.problems import Forbidden, Invalid
from sendtrail.domain.roles import (
    ABOUT,
    EVERYTHING,
    MEANINGS,
    READING,
    ROLES,
    Permission,
    Reach,
    rights_of,
    widened,
    words_of,
)
from sendtrail.domain.scope import Scope

words = st.dictionaries(st.sampled_from([*Permission]).map(str), st.sampled_from([each.word for each in Reach]))


def test_every_permission_and_role_is_explained() -> None:
    assert MEANINGS.keys() == set(Permission)
    assert ABOUT.keys() == ROLES.keys() == {"admin", "manager", "sender"}


def test_an_admin_may_all_a_manager_their_teams_a_sender_their_own() -> None:
    assert ROLES["admin"] == EVERYTHING
    assert {reach for each, reach in ROLES["manager"].items() if each.divisible} == {Reach.TEAMS}
    assert set(ROLES["sender"].values()) == {Reach.OWN}
    for role in ("manager", "sender"):
        assert not any(each.endswith(".write") and not each.divisible for each in ROLES[role])


def test_a_manager_who_is_granted_the_organization_reaches_all_of_it_and_may_no_more() -> None:
    assert widened(ROLES["manager"]) == dict.fromkeys(ROLES["manager"], Reach.ORGANIZATION)
    assert widened(ROLES["sender"]) == ROLES["sender"]


def test_reading_changes_nothing() -> None:
    assert {each for each in Permission if each not in READING} == {
        each for each in Permission if not each.endswith(".read")
    } | {Permission.BANK_ACCOUNTS_READ}


@given(words)
def test_whoever_may_change_something_sees_it_as_far(given: dict[str, str]) -> None:
    rights = rights_of(given)
    for permission, reach in rights.items():
        noun = permission.partition(".")[0]
        assert rights[Permission(f"{noun}.read")] >= reach
        assert permission.divisible or reach is Reach.ORGANIZATION
    assert rights_of(words_of(rights)) == rights


@pytest.mark.parametrize("given", [{"sends.burn": "own"}, {"sends.read": "world"}, {"": "own"}])
def test_what_is_no_right_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        rights_of(given)
    assert refusal.value.param == "rights"


def test_a_scope_says_what_it_lacks() -> None:
    scope = Scope(1, True, "member:1", rights={Permission.SENDS_READ: Reach.TEAMS})
    scope.require(Permission.SENDS_READ, Reach.TEAMS)
    with pytest.raises(Forbidden):
        scope.require(Permission.SENDS_READ, Reach.ORGANIZATION)
    with pytest.raises(Forbidden, match="this takes a permission that you do not have: set prices and note deposits"):
        scope.require(Permission.MONEY_WRITE)
