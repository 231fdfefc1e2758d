"""An answer as server-sent events, whatever words it is said in."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Protocol, TypeVar

from engine.api.answers import error_event, unexpected
from engine.api.sentences import said
from engine.api.sse import DONE, data_event
from engine.errors import BlockServerFailed, PotluckError

_Event = TypeVar("_Event", contravariant=True)


class Writer(Protocol[_Event]):
    """Says one answer."""

    def opening(self) -> Iterable[bytes]: ...

    def lines(self, event: _Event) -> Iterable[bytes]: ...

    @property
    def finished(self) -> bool:
        """Whether the end has been said."""


async def streamed(
    events: AsyncGenerator[_Event, None], writer: Writer[_Event]
) -> AsyncGenerator[bytes, None]:
    """A failure before the first event is raised, later it is said in the stream."""
    async with aclosing(events):
        first = await anext(events, None)
        for line in writer.opening():
            yield line
        try:
            if first is not None:
                for line in writer.lines(first):
                    yield line
            async for event in events:
                for line in writer.lines(event):
                    yield line
            if not writer.finished:
                raise ended_early()
            yield data_event(DONE)
        except PotluckError as error:
            yield error_event(error)
        except Exception as error:  # nobody above can say it any more: the answer has begun
            yield error_event(unexpected(error))


def ended_early() -> PotluckError:
    return BlockServerFailed(said("The answer broke off before its end: ask again."))
