"""Long work on the layer store: what is under way, how fast, and how it is ended."""
