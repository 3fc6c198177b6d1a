"""The loop: what fails is tried again, and holds up nothing else."""

import asyncio

from sendtrail.worker.loop import Duty, run


async def test_a_duty_that_fails_is_tried_again_and_holds_up_no_other() -> None:
    stop, turns = asyncio.Event(), {"bad": 0, "good": 0}

    async def bad() -> None:
        turns["bad"] += 1
        if turns["bad"] < 3:
            raise ValueError("not today")

    async def good() -> None:
        turns["good"] += 1
        if turns["bad"] >= 3 and turns["good"] >= 3:
            stop.set()

    async with asyncio.timeout(20):
        await run([Duty("bad", 0.001, bad), Duty("good", 0.001, good)], stop)
    assert turns["bad"] >= 3


async def test_stopping_breaks_off_what_is_under_way() -> None:
    stop, begun = asyncio.Event(), asyncio.Event()
    broken_off = False

    async def endless() -> None:
        nonlocal broken_off
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            broken_off = True

    async def end() -> None:
        await begun.wait()
        stop.set()

    async with asyncio.timeout(20):
        await run([Duty("endless", 1, endless), Duty("end", 1, end)], stop)
    assert broken_off
