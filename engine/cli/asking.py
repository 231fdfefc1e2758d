"""What a person is asked at the terminal. Leaving with Ctrl-D means that nothing shall happen."""

import getpass
import sys
from collections.abc import Callable

from engine.errors import Stopped


def is_sure(question: str) -> bool:
    """Raises Stopped at the end of input."""
    return _asked(input, f"{question} [y/N] ").strip().lower() in ("y", "yes")


def ask_unseen(question: str) -> str:
    """A line that is not shown while it is typed. Raises Stopped at the end of input."""
    return _asked(getpass.getpass, question)


def _asked(ask: Callable[[str], str], question: str) -> str:
    try:
        return ask(question)
    except EOFError:
        print(file=sys.stderr)
        raise Stopped("Nothing was changed.") from None
