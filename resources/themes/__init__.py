"""Colours, spacing and type as data."""
