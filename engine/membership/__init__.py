"""Private swarms: their key, their invite links, and what this computer belongs to."""
