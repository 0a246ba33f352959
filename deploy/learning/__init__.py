"""How matching learns to read: examples, what is made from them, and how well it does."""
