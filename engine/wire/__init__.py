"""What peers say to each other: versioned, bounded, validated messages."""
