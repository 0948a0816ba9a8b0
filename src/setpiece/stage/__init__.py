"""Room 3: the controllable proxy: camera, matte, geometry, fracture, physics, gas."""
