"""First-party engines, listed in an explicit table."""
