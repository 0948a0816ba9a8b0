"""Room 1: brief and plate come in; parsed, probed, hashed, and every inference written where it can be overridden."""
