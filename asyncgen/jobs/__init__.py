"""The main job and its relatives: problems through workers into a store, or straight back to the caller."""
