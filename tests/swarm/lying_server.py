"""`python -m tests.swarm.lying_server`: a block server whose results are a little too large."""

import sys
from collections.abc import Sequence

from torch import Tensor

from engine.host import runner
from engine.host.__main__ import main
from engine.host.forward import Forward
from engine.host.schedule import Layers

LIE = 1.05


def lie(honest: type[runner.SpanRunner]) -> None:
    run = honest.run

    def lying(self: runner.SpanRunner, forwards: Sequence[Forward], layers: Layers) -> list[Tensor]:
        return [LIE * output for output in run(self, forwards, layers)]

    honest.run = lying


if __name__ == "__main__":
    lie(runner.SpanRunner)
    sys.exit(main())
