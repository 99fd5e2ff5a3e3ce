"""Training sets from stores, and stores from files."""
