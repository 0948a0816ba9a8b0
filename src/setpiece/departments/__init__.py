"""One recipe for each department; departments never import each other."""
