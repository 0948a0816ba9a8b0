"""Engine 'house': our own CPU renderer of debris and dust; nothing is downloaded."""
