"""De-ageing: an artist's few keyframes become a younger performance, learned on that shot alone."""
