"""Why a command of the tool ends without success."""


class CliError(Exception):
    """One sentence for the person at the keyboard: what is wrong and what to do."""

    exit_code = 1


class UnavailableError(CliError):
    """Nobody has answered, or not now; whether what was asked for has happened may not be known."""

    exit_code = 3
