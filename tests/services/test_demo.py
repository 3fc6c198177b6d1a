"""The demo, made on a real database."""

import pytest

from sendtrail.domain.imb import parse
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import accounts, doctor, feeds, reports, sends
from sendtrail.services.context import Context
from sendtrail.services.demo import EMAIL, ORGANIZATION, PASSWORD, Say, prepare
from sendtrail.services.send_lists import Wanted, list_sends


async def test_it_shows_everything_and_a_second_run_changes_nothing(context: Context) -> None:
    context.config.data.mkdir()
    said: list[str] = []
    first = await prepare(context, said.append)
    scope = await accounts.scope_of_organization(context, ORGANIZATION, live=True)
    summary = await reports.summary(context, scope)
    assert all(proof.broken == 0 for proof in await doctor.prove(context))
    for category in ("received", "handed_over", "in_transit", "local_delivery", "delivered", "returned", "cancelled"):
        assert getattr(summary, category) > 0, category
    assert summary.balance > 0

    files, _ = await feeds.list_files(context, scope, 10)
    assert {file.format for file in files} == {
        "printer", "imb_tracing", "iv_mtr_delimited", "iv_mtr_json", "acs",
    }  # fmt: skip
    assert sum(file.duplicate for file in files) > 50
    assert sum(file.unmatched for file in files) == 1
    assert sum(file.rejected for file in files) == 1
    assert len(said) == 2 + len(files)

    again: list[str] = []
    assert await prepare(context, again.append) == first
    assert again == []
    assert await reports.summary(context, scope) == summary

    assert (await accounts.sign_in(context, EMAIL, PASSWORD)).email == EMAIL
    assert await accounts.scope_of_key(context, first.key)
    example = await sends.get(context, scope, first.example)
    assert example["status"]["code"] == "returned"


async def test_one_that_broke_off_goes_on(context: Context) -> None:
    """Whatever it was at: here, after the first of its files."""
    context.config.data.mkdir()

    class Enough(Exception):
        pass

    def until(words: str) -> Say:
        def say(step: str) -> None:
            if words in step:
                raise Enough

        return say

    for words in ("inventing", "sends; now", "imb-tracing"):
        with pytest.raises(Enough):
            await prepare(context, until(words))
    await prepare(context, lambda step: None)
    assert all(proof.broken == 0 for proof in await doctor.prove(context))
    scope = await accounts.scope_of_organization(context, ORGANIZATION, live=True)
    page, _ = await list_sends(context, scope, Wanted(q="SAMPLE-00042"), 10)
    assert len(page) == 1


async def test_sends_that_a_visitor_makes_get_barcodes_that_the_sample_does_not_use(context: Context) -> None:
    context.config.data.mkdir()
    await prepare(context, lambda step: None)
    scope = await accounts.scope_of_organization(context, ORGANIZATION, live=True)
    (made,) = await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ada"))])
    assert isinstance(made, dict)
    assert parse(made["imb"]).serial == "500000"
    assert made["cost_cents"] == 78
