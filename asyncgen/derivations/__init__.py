"""How a function was decided: a record of the steps, and the record as text, as LaTeX and as JSON."""
