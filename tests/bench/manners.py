"""How much of a core it takes to watch how it is on this computer.

`python -m tests.bench.manners [SECONDS]`

Looks as often as the engine does, by rules that ask everything, with the probes of this computer.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from engine.machine.read import read_machine
from engine.manners.day import RecordedDay
from engine.manners.manners import Manners
from engine.manners.observer import Observer, Own, probes_of_this_computer
from engine.manners.rules import WhenRules

DEFAULT_SECONDS = 20.0
RULES = {
    "as they are set at first": WhenRules(),
    "all": WhenRules(idle_seconds=300, apps=frozenset({"steam"}), monthly_bytes=1 << 40),
}


async def share_of_a_core(rules: WhenRules, folder: Path, seconds: float) -> float:
    own = Own(folder, read_machine, lambda gpu: True, lambda: (), lambda: 0)
    manners = Manners(
        Observer(probes_of_this_computer(own)), RecordedDay(folder / "day"), rules, lambda _: None
    )
    watching = asyncio.create_task(manners.run())
    await asyncio.sleep(2.0)  # the first look reads what all later ones know
    began, used = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - used) / (time.monotonic() - began)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return share


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_SECONDS
    with tempfile.TemporaryDirectory() as folder:
        for name, rules in RULES.items():
            share = asyncio.run(share_of_a_core(rules, Path(folder), seconds))
            print(f"rules {name}: {100 * share:.3f} % of a core")


if __name__ == "__main__":
    main()
