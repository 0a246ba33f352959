"""The three services of Wegweiser. None imports another."""
