"""What a person can get wrong: one exception type each, each with a message that says what to do."""


class Error(Exception):
    """Base of every error that a person can cause; the command line prints its one line.

    A message says what was found, what was expected and what to do.
    """

    exit_status = 2


def one_line(text: str) -> str:
    """Text in which control characters, as a file's name may have them, are escaped as in Python."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class SettingError(Error):
    """A number or a name that was asked for makes no sense: an epoch count of 0, an unknown recipe."""


class DataError(Error):
    """A data set that cannot be used as it is: broken files, counts that differ, labels out of range."""


class DownloadError(Error):
    """No mirror of a data set gave the right bytes."""


class ModelError(Error):
    """A file that is no byhand model, or no whole one."""


class PictureError(Error):
    """A picture that cannot be opened or is too large to open."""


class OutputError(Error):
    """A place that cannot be written to."""


class StoppedError(Error):
    """A person pressed Ctrl-C; the message says what became of what was done."""

    exit_status = 130


class DivergedError(Error):
    """Training was stopped because its loss is no longer a finite number."""

    exit_status = 1


class PartError(Error):
    """A process that worked on a part ended before its time: it failed, or the system killed it."""

    exit_status = 1
