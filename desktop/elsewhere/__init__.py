"""Engines on other computers: known by address and key, looked at instead of this computer's own."""
