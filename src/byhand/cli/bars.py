"""How far something long has come: bars on a terminal, on standard error; what a log can keep elsewhere."""

from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from byhand.cli.output import percent, talk

if TYPE_CHECKING:
    from byhand.epochs import Report


class TrainingBar:
    """How training stands: a live bar on a terminal, elsewhere a line at the end of each epoch."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._console = talk()
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]}   validation {task.fields[validation]}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, epoch=1, loss="...", validation="...")

    def __enter__(self) -> "TrainingBar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, report: "Report") -> None:
        """Show one report."""
        self._bar.update(
            self._task,
            completed=report.step,
            total=report.steps,
            epoch=report.epoch,
            loss=f"{report.loss:.4f}",
        )
        said = f"loss {report.loss:.4f}"
        if report.validation_accuracy is not None:
            validation = percent(report.validation_accuracy)
            self._bar.update(self._task, validation=validation)
            said += f", validation {validation}"
        ended = report.step * self._epochs == report.epoch * report.steps
        if ended and self._bar.disable:
            self._console.print(f"epoch {report.epoch}: {said}")


class StepsBar:
    """How far one long computation has come: a live bar on a terminal, elsewhere a line when it is done."""

    def __init__(self, name: str) -> None:
        self._console = talk()
        self._bar = Progress(
            TextColumn(f"{name:10}"),
            BarColumn(),
            TextColumn("{task.completed:,} of {task.total:,}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._name = name
        self._task = self._bar.add_task("", total=1)

    def __enter__(self) -> "StepsBar":
        self._bar.start()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._bar.stop()
        if self._bar.disable and trouble == (None, None, None):
            self._console.print(f"{self._name}: done")

    def show(self, done: int, total: int) -> None:
        """Show that so many of all steps are done."""
        self._bar.update(self._task, completed=done, total=total)


class DownloadBar:
    """Progress of one download, in the form that pooch asks for."""

    def __init__(self, name: str) -> None:
        self._progress = Progress(
            TextColumn(name),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=talk(),
            transient=True,
        )
        self._task = self._progress.add_task(name, total=None)
        self._progress.start()

    @property
    def total(self) -> int:
        """Bytes expected."""
        return int(self._progress.tasks[0].total or 0)

    @total.setter
    def total(self, total: int) -> None:
        self._progress.update(self._task, total=total)

    def update(self, amount: int) -> None:
        """Say that so many more bytes came."""
        self._progress.advance(self._task, amount)

    def reset(self) -> None:
        """Begin again."""
        self._progress.reset(self._task, total=self.total)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
