"""What this computer is, and what it should serve."""
