"""Who should help, and do they."""
