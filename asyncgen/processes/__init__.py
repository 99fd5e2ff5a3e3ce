"""One worker process after another: forked from a template, talked to, killed, buried. Stdlib only."""
