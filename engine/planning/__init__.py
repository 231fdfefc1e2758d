"""What this computer should serve, with what: pure, from plain data to plain data."""
