"""Contracts between the services, and the plumbing that loses nothing. No business."""
