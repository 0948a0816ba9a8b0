"""Digital make-up: a face made younger or older in scene-linear light, each frame for itself, without any training."""
