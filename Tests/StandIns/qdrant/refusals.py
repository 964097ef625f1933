"""Error answers."""


class Refusal(Exception):
    """An error answer."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


def malformed(message):
    return Refusal(400, f"Format error in JSON body: {message}")
