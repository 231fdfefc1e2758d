"""Servers' answers, checked on every step and computed again elsewhere now and then."""
