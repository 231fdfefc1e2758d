"""A helper program that answers line by line, asked with short patience by threads that may wait."""

import json
import logging
import math
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Any, cast

PATIENCE = 0.5  # seconds for an answer
AGAIN_SECONDS = 30.0  # before a helper that has ended, or is silent, is started anew
LAST_WORDS = 0.5  # seconds for it to end by itself
READY = 0  # the question that a helper answers unasked

log = logging.getLogger("potluck.manners")


class Answers:
    """Its helper begins with the first question, and ends when its input does.

    A question is a line of a number and a word, its answer a line of that number and JSON. Until an answer is
    there nothing else is asked.
    """

    def __init__(
        self,
        command: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        self._command = command
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._asked = READY
        self._asked_at = 0.0
        self._waiting = False  # for the answer to what was asked last
        self._not_before = 0.0

    def ask(self, word: str) -> Any:
        """What the helper says; None if it cannot be started, is not ready, or does not answer in time."""
        with self._lock:
            try:
                return self._ask(word)
            except queue.Empty:
                return None
            except (OSError, EOFError) as error:
                log.info("The helper that looks at this computer does not run: %s", error)
                self._end()
                return None

    def close(self) -> None:
        """For good."""
        with self._lock:
            self._not_before = math.inf
            self._end()

    def _ask(self, word: str) -> Any:
        """Raises OSError, EOFError where there is no helper, queue.Empty where it is not heard in time."""
        process = self._process or self._begun()
        if self._waiting:
            self._hear_late()
        self._note(self._asked + 1)
        to_helper = cast(IO[bytes], process.stdin)
        to_helper.write(f"{self._asked} {word}\n".encode())
        to_helper.flush()
        return self._answer(self._patience)

    def _hear_late(self) -> None:
        if self._clock() - self._asked_at > AGAIN_SECONDS:
            raise EOFError("it is silent")
        self._answer(0.0)

    def _begun(self) -> subprocess.Popen[bytes]:
        if self._clock() < self._not_before:
            raise queue.Empty
        self._not_before = self._clock() + AGAIN_SECONDS
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=nothing)
        self._lines = queue.SimpleQueue()
        self._note(READY)
        reading = (self._process.stdout, self._lines)
        threading.Thread(target=_read, args=reading, name="manners-helper", daemon=True).start()
        return self._process

    def _end(self) -> None:
        """By the end of its input, which also reaches a helper that is not of this system's processes."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):  # what was written last reaches nobody any more
            cast(IO[bytes], process.stdin).close()
        try:
            process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _note(self, asked: int) -> None:
        self._asked, self._asked_at, self._waiting = asked, self._clock(), True

    def _answer(self, seconds: float) -> Any:
        """To what was asked last; lines that are none are passed over. Raises queue.Empty, EOFError."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            line = self._lines.get(timeout=left) if left > 0 else self._lines.get_nowait()
            if not line:
                raise EOFError("it has closed its output")
            number, _, said = line.strip().partition(b" ")
            if number == str(self._asked).encode():
                self._waiting = False
                return _parsed(said)


def _parsed(said: bytes) -> Any:
    try:
        return json.loads(said)
    except ValueError:
        return None


def _read(output: IO[bytes], lines: "queue.SimpleQueue[bytes]") -> None:
    """Until the end, which is told by an empty line."""
    with output:
        for line in output:
            lines.put(line)
    lines.put(b"")
