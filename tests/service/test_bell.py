"""The bell: news are heard from any thread, none is missed, and at the end all leave."""

from __future__ import annotations

import asyncio
import threading

from torch_judge.service.bell import Bell


async def ring_in_a_thread(bell: Bell, identity: str) -> None:
    thread = threading.Thread(target=bell.ring, args=(identity,))
    thread.start()
    await asyncio.to_thread(thread.join)


def test_news_are_heard_from_another_thread() -> None:
    async def hear() -> bool:
        bell = Bell()
        with bell.listen("a") as listener:
            waiting = asyncio.create_task(listener.wait(60))
            await asyncio.sleep(0)
            await ring_in_a_thread(bell, "a")
            await waiting
        return not bell._listeners

    assert asyncio.run(hear())


def test_what_is_rung_before_one_waits_is_not_missed_and_heard_once() -> None:
    async def hear() -> list[bool]:
        bell = Bell()
        with bell.listen("a") as listener, bell.listen("b") as other:
            await ring_in_a_thread(bell, "a")
            await asyncio.sleep(0)
            heard = [listener.news.is_set(), other.news.is_set()]
            await listener.wait(60)
            return [*heard, listener.news.is_set()]

    assert asyncio.run(hear()) == [True, False, False]


def test_at_the_end_all_that_listen_are_woken() -> None:
    async def hear() -> bool:
        bell = Bell()
        with bell.listen("a") as listener:
            bell.end()
            await listener.wait(60)
        return bell.is_over

    assert asyncio.run(hear())


def test_a_loop_that_has_ended_is_passed_over() -> None:
    bell = Bell()
    entered = []

    async def listen() -> None:
        listening = bell.listen("a")
        listening.__enter__()
        entered.append(listening)

    asyncio.run(listen())
    bell.ring("a")
    assert entered


def test_work_that_is_called_before_a_judge_waits_is_not_missed() -> None:
    bell = Bell()
    bell.call_judges()
    waiting = threading.Thread(target=bell.wait_for_work, args=(60,))
    waiting.start()
    waiting.join(30)
    assert not waiting.is_alive()
