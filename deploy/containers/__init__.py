"""Wegweiser in containers: see docs/containers.md."""
