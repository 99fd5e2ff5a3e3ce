"""How a function was decided, printed: as text, as LaTeX and as JSON."""
