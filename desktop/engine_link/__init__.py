"""Reaches the engine: starts it, follows it, and reaches it again after it was lost."""
