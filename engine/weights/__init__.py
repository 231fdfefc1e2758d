"""Manifests, the layer store, and the sources that fill it."""
