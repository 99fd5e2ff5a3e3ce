"""How long, how different and how alike the rows of a store or a file are."""
