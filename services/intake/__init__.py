"""Everything that comes in from the public."""
