"""`byhand evaluate`: how good is a model?"""

from byhand.cli.options import DataOption, JsonOption, ModelArgument
from byhand.cli.output import interval, percent, print_json, print_table


def evaluate(
    model: ModelArgument,
    data: DataOption = "mnist",
    json: JsonOption = False,
) -> None:
    """Ask a model about every test image: accuracy, each class, and what is taken for what."""
    from byhand.cli.bars import DownloadBar
    from byhand.datasets import load
    from byhand.metrics import calibration_error, class_scores
    from byhand.model import Model
    from byhand.training import evaluate

    loaded = Model.load(model)
    dataset = load(data, progress=DownloadBar)
    loaded.check_fits(dataset)
    answers = evaluate(loaded.network, dataset.test, loaded.preprocessing, refusal=loaded.refusal)
    scores = class_scores(answers.confusion)
    calibration = calibration_error(answers.probabilities, answers.labels)
    if json:
        print_json(
            {
                "model": str(model),
                "data": dataset.name,
                "images": len(dataset.test),
                "test_accuracy": answers.accuracy,
                "test_interval": answers.interval,
                "loss": answers.loss,
                "calibration_error": calibration,
                "classes": {
                    name: {"precision": precision, "recall": recall, "f1": f1}
                    for name, precision, recall, f1 in zip(loaded.answers, *map(list, scores), strict=True)
                },
                "confusion": answers.confusion.tolist(),
            }
        )
        return
    print_table(
        f"{model} on the {len(dataset.test):,} test images of {dataset.name}",
        ["", "", ""],
        [
            ["accuracy", percent(answers.accuracy), interval(answers.interval)],
            ["wrong", f"{len(dataset.test) - answers.right:,}", ""],
            ["mean loss", f"{answers.loss:.4f}", ""],
            ["calibration error", percent(calibration), ""],
        ],
    )
    print_table(
        "each class",
        ["class", "precision", "recall", "F1"],
        [[name, *map(percent, row)] for name, *row in zip(loaded.answers, *scores, strict=True)],
    )
    print_table(
        "rows: what it is; columns: what was read",
        ["", *loaded.answers],
        [
            [name, *(str(count) if count else "·" for count in row)]
            for name, row in zip(loaded.answers, answers.confusion, strict=True)
        ],
    )
