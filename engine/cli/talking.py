"""`potluck-engine chat | demo`."""

import argparse
from typing import Any

from engine.cli.arguments import count, model_name
from engine.cli.commands import add_command
from engine.precision import PRECISIONS
from engine.settings import Settings


def add_chat(commands: Any) -> None:
    chat = add_command(commands, "chat", _chat, "Talk to a model.", json=False)
    chat.add_argument("prompt", nargs="?", metavar="PROMPT", help="ask this, print the answer and end")
    chat.add_argument(
        "--model", type=model_name, help="the model's name; by default the first that can answer"
    )
    chat.add_argument("--with-engine", action="store_true", help="start an engine for this chat if none runs")
    chat.add_argument("--max-tokens", type=count, metavar="N", help="end each answer after so many tokens")
    chat.add_argument("--temperature", type=float, help="0 for the most likely words; up to 2")
    chat.add_argument("--min-precision", choices=PRECISIONS, help="of every layer that answers")


def add_demo(commands: Any) -> None:
    demo = add_command(
        commands, "demo", _demo, "Let a private swarm of this computer answer, and check its answer."
    )
    demo.add_argument("--servers", type=int, default=2, metavar="N", help="block server processes")
    demo.add_argument("--prompt", default="Why do people bring food to a potluck?")
    demo.add_argument("--max-tokens", type=count, default=64, metavar="N")
    demo.add_argument(
        "--model", type=model_name, metavar="ID", help="name or digest; by default the starter model"
    )


def _chat(args: argparse.Namespace) -> int:
    from engine.terminal_chat import chat

    return chat(args, Settings().paths)


def _demo(args: argparse.Namespace) -> int:
    from engine import demo

    return demo.main(args)
