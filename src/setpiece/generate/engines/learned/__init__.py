"""Engine ``learned``: a small network that learns one shot's retouch from that shot's keyframes, and nothing else."""
