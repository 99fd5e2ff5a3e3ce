"""What the scheduler is made of: slots, calls, streams, and processes that make the calls. Stdlib only."""
