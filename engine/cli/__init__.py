"""`potluck-engine …`: runs the engine, and is a client of its local API or of the layer store otherwise."""

from engine.cli.program import main, parse
from engine.cli.running import run_engine

__all__ = ["main", "parse", "run_engine"]
