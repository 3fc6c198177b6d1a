"""Law 6: every store function takes a Scope, except those of System, which are listed here."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import sendtrail.store
from sendtrail.domain.scope import Scope

ENGINE = {"cluster", "database", "errors", "meaning", "migrate"}
"""Modules that hold no organization's rows, with the parts of `cluster`."""

SYSTEM = {
    "system": {
        "add_member",
        "add_organization",
        "answers",
        "claim_feed_file",
        "credential_by_digest",
        "credential_by_username",
        "credentials_of_vendor",
        "due_histories",
        "forget_requests",
        "id_key",
        "keys_by_digest",
        "matchable",
        "member_by_email",
        "organization_named",
        "organizations",
        "person",
        "replace_password",
        "reported",
    },
    "system.codes": {"begin", "end", "secret", "use_recovery", "use_step"},
    "system.deliveries": {
        "decide",
        "disable",
        "drop",
        "due",
        "end",
        "fared",
        "forget",
        "health",
        "hold",
        "let_go",
        "ready",
        "record",
        "set_free",
        "told_later",
        "waited",
    },
    "system.duties": {"began", "claim", "ended", "finish", "forget", "give_back", "listed", "renew", "see_to"},
    "system.digests": {"claim", "due"},
    "system.emails": {"claim", "failed", "newest", "purge", "put", "sent"},
    "system.goals": {"landing", "link", "rushed"},
    "system.mailings": {"claim_import", "claim_mailing"},
    "system.metrics": {"files", "queues", "sends"},
    "system.outbox": {
        "claim",
        "hooks",
        "numbers",
        "put",
        "put_back",
        "remember",
        "remove",
        "responses",
        "set_aside",
        "told",
    },
    "system.notes": {"put", "put_soon"},
    "system.noticing": {"due_cells", "watched"},
    "system.presumption": {"due"},
    "system.rehearsals": {"claim", "postpone"},
    "system.responses": {"record"},
    "system.sealed": {"newest"},
    "system.sessions": {
        "attempted",
        "get",
        "purge",
        "put",
        "remove",
        "remove_all",
        "remove_others",
        "replace",
        "succeeded",
    },
    "system.terms": {"unlisted"},
    "system.tokens": {"invitation", "purge", "put_reset", "reset", "use_reset", "void_resets"},
    "system.visits": {"forget_addresses", "forget_salts", "forget_visitors", "lead", "missed", "salt"},
    "system.trials": {"held"},
    "system.proofs": {
        "doubled",
        "forgotten",
        "halves",
        "miscounted",
        "misjudged",
        "misspent",
        "sends",
        "server_version",
        "unbalanced",
        "unengaged",
        "unpaid",
    },
}
"""What may ask without a Scope: sign-in, key look-up, worker claims, sweeps, the command line's look-up by name; a
browser's session, which belongs to no organization; links in e-mails, and the e-mails themselves; and the proofs of a
whole database, which give numbers only."""


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(sendtrail.store.__path__):
        if found.name not in ENGINE and not found.name.startswith("cluster_"):
            yield importlib.import_module(f"sendtrail.store.{found.name}")


def queries(module: ModuleType) -> dict[str, inspect.Signature]:
    """The public functions that a module offers to services."""
    return {
        name: inspect.signature(function)
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    }


def test_every_other_store_function_takes_a_scope() -> None:
    without = [
        f"{module.__name__}.{name}"
        for module in modules()
        if module.__name__ != "sendtrail.store.system"
        for name, signature in queries(module).items()
        if getattr(signature.parameters.get("scope"), "annotation", None) is not Scope
    ]

    assert without == []


@pytest.mark.parametrize("module", SYSTEM)
def test_those_that_do_not_are_listed(module: str) -> None:
    found = queries(importlib.import_module(f"sendtrail.store.{module}"))

    assert found.keys() == SYSTEM[module]
    assert not any("scope" in signature.parameters for signature in found.values())


def test_the_check_sees_the_stores() -> None:
    assert sum(len(queries(module)) for module in modules()) > 40
