"""The Layers page: what this computer's layer store holds, and what is done with it."""
