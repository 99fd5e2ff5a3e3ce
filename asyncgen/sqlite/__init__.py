"""What the store stands on: one SQLite file, its lock, its tables, and what can go wrong with them."""
