"""Why a command is refused: a stable code for programs, and a sentence that says what to do."""


class RejectedError(Exception):
    """The command changes nothing. Recorded as CommandRejected."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
