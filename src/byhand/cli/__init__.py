"""The command line: a file a command, and no arithmetic here."""

import io
import os
import signal
import sys
import threading


def main() -> None:
    """Run `byhand` with the arguments of this process, and exit with its status.

    0 done, 1 a check or a run failed, 2 the request was wrong, 130 interrupted.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text: \udcff, in JSON too
    sys.unraisablehook = _press_again
    try:
        status = run(sys.argv[1:])
    except (KeyboardInterrupt, RuntimeError) as error:
        # Python 3.11 makes a RuntimeError of what comes while a class gives its attributes their names
        if not isinstance(error, KeyboardInterrupt) and not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        status = _say("interrupted", 130)
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command; its exit status. What a person can get wrong becomes one line on standard error."""
    import errno

    import typer

    from byhand.cli.app import app
    from byhand.errors import Error, StoppedError

    try:
        status = app(arguments, prog_name="byhand", standalone_mode=False)
        if status == 130:  # typer's answer to Ctrl-C, without a word
            raise StoppedError("interrupted")
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except Error as error:
        return _say(str(error), error.exit_status)
    except typer.TyperException as error:  # what typer finds wrong with options and arguments
        message = error.format_message().rstrip(".").replace("\n", " ")
        # without a command it has shown the help, and has nothing to add
        return _say(f"{message[:1].lower()}{message[1:]}; see byhand --help", 2) if message else 2
    except BrokenPipeError:  # whoever read our output, such as `head`, has had enough
        _write_no_more()
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            raise
        _write_no_more()
        return _say(f"cannot write to standard output: {error.strerror}; make room, or write elsewhere", 1)
    except MemoryError:
        return _say("not enough memory for this; try fewer or smaller images", 1)


def _press_again(forgotten: "sys.UnraisableHookArgs") -> None:
    """Press Ctrl-C anew if Python had to forget it, as in the middle of an import or of a `__del__`."""
    if forgotten.exc_type is KeyboardInterrupt:
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(forgotten)


def _write_no_more() -> None:
    """Let what is still to be written to standard output go nowhere, or Python would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str, status: int) -> int:
    from byhand.errors import one_line

    sys.stderr.write(f"byhand: {one_line(message)}\n")
    return status
