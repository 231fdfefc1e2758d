"""What the desktop needs from the operating system."""
