"""Potluck's engine: serves layers of language models to a swarm and generates text through it."""

__version__ = "0.1.0"
