"""The command `asyncgen`: flags, help, what is shown, signals and exit status, the doctor."""
