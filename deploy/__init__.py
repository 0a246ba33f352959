"""Everything about running Wegweiser."""
