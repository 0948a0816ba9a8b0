"""Engine ``diffusers``: open-weights diffusion under our passes, on the user's own machine, from local safetensors."""
