"""Chat in a terminal: one question, or a conversation; with an engine of its own if that is wanted."""

import argparse
import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

from engine.api.client import EngineClient
from engine.api.demands import Demands
from engine.api.openai_schema import ChatMessage, ChatRequest
from engine.api.schema import Activity, Snapshot
from engine.errors import EngineError, NotRunning, PotluckError
from engine.settings import Paths

START_PATIENCE = 20.0  # seconds until an engine's local API answers
END_PATIENCE = 10.0
ENGINE_COMMAND = (sys.executable, "-m", "engine.cli", "run", "--donate", "--end-with-stdin")


def chat(args: argparse.Namespace, paths: Paths) -> int:
    """Exit status 0 when the question was answered, or the conversation ended."""
    with asyncio.Runner() as runner, _engine(args.with_engine, paths):
        client = _client(args.with_engine, paths)
        try:
            model = runner.run(_model_that_answers(client, args.model))
            conversation = Conversation(client, model, args)
            if args.prompt is not None:
                runner.run(conversation.ask(args.prompt))
            else:
                _talk(runner, conversation)
        finally:
            runner.run(client.close())
    return 0


def _client(with_engine: bool, paths: Paths) -> EngineClient:
    """Raises NotRunning."""
    try:
        return EngineClient.from_run_file(paths.run_file)
    except NotRunning as error:
        if with_engine:
            raise
        raise NotRunning(f"{error} `--with-engine` starts one for this chat alone.") from None


# --- an engine for this chat


@contextlib.contextmanager
def _engine(wanted: bool, paths: Paths) -> Iterator[None]:
    """Where wanted and none runs: an engine that ends with this chat, however the chat ends."""
    if not wanted or _runs(paths):
        yield
        return
    engine = subprocess.Popen(
        ENGINE_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _await_run_file(engine, paths)
        yield
    finally:
        _end(engine)


def _runs(paths: Paths) -> bool:
    try:
        EngineClient.from_run_file(paths.run_file)
    except NotRunning:
        return False
    return True


def _await_run_file(engine: "subprocess.Popen[bytes]", paths: Paths) -> None:
    """Raises EngineError."""
    patience_ends = time.monotonic() + START_PATIENCE
    while not _runs(paths):
        if engine.poll() is not None or time.monotonic() > patience_ends:
            raise EngineError(f"The engine did not start: see {paths.engine_log}.")
        time.sleep(0.05)


def _end(engine: "subprocess.Popen[bytes]") -> None:
    assert engine.stdin is not None
    engine.stdin.close()  # an engine that was started so quits then
    try:
        engine.wait(END_PATIENCE)
    except subprocess.TimeoutExpired:
        engine.kill()
        engine.wait()


# --- a model that answers


async def _model_that_answers(client: EngineClient, wanted: str | None) -> str:
    """Wait, showing what the engine does, until a model can answer. Raises PotluckError if none will."""
    with Progress() as progress:
        async with aclosing(client.snapshots()) as snapshots:
            async for snapshot in snapshots:
                if name := answering_model(snapshot, wanted):
                    return name
                if snapshot.condition.activity in (Activity.PAUSED, Activity.PROBLEM):
                    raise PotluckError(_why_none(snapshot, wanted))
                progress.show(snapshot.condition.sentence)
    raise NotRunning("Potluck's engine ended: start it again.")


def answering_model(snapshot: Snapshot, wanted: str | None) -> str | None:
    """The first model that is complete in the swarm, of the wanted name if there is one."""
    complete = (model.name for model in snapshot.models if model.complete and wanted in (None, model.name))
    return next(complete, None)


def _why_none(snapshot: Snapshot, wanted: str | None) -> str:
    name = wanted or "No model"
    verb = "cannot answer" if wanted else "can answer"
    return f"{name} {verb} now ({snapshot.condition.sentence}): `potluck-engine start` gives what it can."


class Progress:
    """One line on the terminal that changes in place; separate lines elsewhere."""

    def __init__(self) -> None:
        self._in_place = sys.stderr.isatty()
        self._shown = ""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._in_place and self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def show(self, sentence: str) -> None:
        if sentence == self._shown:
            return
        self._shown = sentence
        text = f"\r\x1b[K{sentence} …" if self._in_place else f"{sentence} …\n"
        print(text, end="", file=sys.stderr, flush=True)


# --- the conversation


class Conversation:
    """What was said so far, and the next answer, printed as it comes."""

    def __init__(self, client: EngineClient, model: str, args: argparse.Namespace) -> None:
        self.model = model
        self._client = client
        self._options = {"max_tokens": args.max_tokens, "temperature": args.temperature}
        self._demands = Demands(min_precision=args.min_precision) if args.min_precision else None
        self._messages: list[ChatMessage] = []

    async def ask(self, text: str) -> None:
        """Raises PotluckError; what was said of the answer by then stays in the conversation."""
        self._messages.append(ChatMessage(role="user", content=text))
        said: list[str] = []
        try:
            async with aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    said.append(piece)
                    print(piece, end="", flush=True)
        finally:
            if said:
                print(flush=True)
            self._messages.append(ChatMessage(role="assistant", content="".join(said)))

    async def _pieces(self) -> AsyncIterator[str]:
        request = ChatRequest.model_validate(
            {
                "model": self.model,
                "messages": tuple(self._messages),
                "potluck": self._demands,
                **self._options,
            }
        )
        async with aclosing(self._client.chat(request)) as chunks:
            async for chunk in chunks:
                for choice in chunk.choices:
                    if choice.delta.content:
                        yield choice.delta.content


def _talk(runner: asyncio.Runner, conversation: Conversation) -> None:
    print(f"Chatting with {conversation.model}. Ctrl-C stops an answer, Ctrl-D leaves.", file=sys.stderr)
    while (text := _next_line()) is not None:
        if text.strip():
            _answer(runner, conversation, text)


def _answer(runner: asyncio.Runner, conversation: Conversation, text: str) -> None:
    try:
        runner.run(conversation.ask(text))
    except KeyboardInterrupt:
        print("(stopped)", file=sys.stderr)
    except NotRunning:
        raise
    except PotluckError as error:
        print(error, file=sys.stderr)


def _next_line() -> str | None:
    """What was typed; None at the end of input. Ctrl-C discards the line."""
    try:
        return input("> " if sys.stdin.isatty() else "")
    except EOFError:
        return None
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return ""
