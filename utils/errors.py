"""The one kind of failure that is the user's to mend."""


class UserError(Exception):
    """A mistake in flags, files or settings; `main.py` prints its message as one line and exits with status 2."""


class DisagreementError(UserError):
    """Processes that train together were not started with the same; each of them knows it."""
