"""Engine ``comfyui``: a running ComfyUI server and the user's own workflow finish a shot."""
