"""Normal forms of functions over the rationals: what rows are built in, written from, and compared by."""
