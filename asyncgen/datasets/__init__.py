"""From stores to training files: which rows, each problem once, in which part, in which format."""
