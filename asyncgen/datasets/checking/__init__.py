"""The answers of a store, checked again."""
