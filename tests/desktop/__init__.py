"""The desktop against a fake engine at the seam of its typed client."""
