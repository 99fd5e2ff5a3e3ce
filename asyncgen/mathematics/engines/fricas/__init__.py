"""FriCAS: found, started, asked; the forms in which it is asked; what its answers and verdicts are worth."""
