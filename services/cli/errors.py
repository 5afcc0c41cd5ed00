"""Why a command of the tool ends without success."""


class CliError(Exception):
    """One sentence for the person at the keyboard: what is wrong and what to do. Exit code 1."""
