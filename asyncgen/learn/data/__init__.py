"""From rows to batches: examples, the vocabulary, corpora in flat files."""
