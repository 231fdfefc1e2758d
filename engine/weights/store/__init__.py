"""The layer store: parts of models as files named by their hash, shared by several processes."""
