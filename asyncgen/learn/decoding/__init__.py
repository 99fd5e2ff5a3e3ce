"""From a network to answers: which token may follow, and which answers are the likeliest."""
