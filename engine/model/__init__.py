"""A Hugging Face model cut into a shell and spans, with no code per model family."""
