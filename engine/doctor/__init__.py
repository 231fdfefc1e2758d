"""What of this computer is reachable from elsewhere, and what to do about it."""
