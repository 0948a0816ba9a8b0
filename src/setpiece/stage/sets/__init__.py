"""Sets: what a specification asks for is placed, built and framed. Geometry only; nothing is rendered here."""
