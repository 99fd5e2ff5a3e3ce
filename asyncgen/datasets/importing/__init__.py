"""Files that others have published, into a store, each answer checked."""
