import asyncio

from engine.event_loop import new_event_loop


def test_another_process_is_started_heard_and_reaped() -> None:
    """What a block server does beside its streams: its network process is a child of its loop."""

    async def told() -> tuple[bytes, int]:
        child = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
        answer, _ = await child.communicate(b"hello")
        return answer, await child.wait()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(told()) == (b"hello", 0)
