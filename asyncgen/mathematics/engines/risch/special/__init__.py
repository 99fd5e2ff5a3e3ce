"""Antiderivatives with special functions, looked for once it is shown that there is none without."""
