"""What everybody speaks of: problems and outcomes, the specification of a data set, notation, files."""
