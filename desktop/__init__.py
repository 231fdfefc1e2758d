"""Potluck's desktop: tray, window and chat; a client of the engine's local API."""
