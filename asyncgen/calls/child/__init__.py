"""What runs in the other processes: the template that forks, and the worker's own loop. Stdlib only."""
