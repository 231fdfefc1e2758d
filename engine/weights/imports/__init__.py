"""Cutting a model from any source into parts, one layer at a time, and putting it together as files again."""
