"""The look, and the small pieces that every page is made of."""
