"""The exit statuses of the commands, beside 0."""

EXIT_FAILURE, EXIT_USAGE, EXIT_STOPPED = 1, 2, 3
