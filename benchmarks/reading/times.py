"""How long a picture takes: of one megapixel, of twelve, and the whole process of `byhand read`.

    python -m benchmarks.reading.times [--pictures 23] [--seed 0]

The generator's photographs, one of each kind, as JPEG files enlarged or reduced to so many pixels. The first
two times are from the file to the number with the model loaded, the best of three; the third is that of the
command, from its start to its end, on the files of one megapixel.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.reading.pictures import photographs
from benchmarks.reading.sheets import table
from byhand.reading import load_reader, look


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    from PIL import Image

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=23)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    model = load_reader()
    times: dict[str, list[float]] = {"1 megapixel": [], "12 megapixels": [], "whole process": []}
    with tempfile.TemporaryDirectory() as folder:
        for picture in photographs(arguments.pictures, arguments.seed):
            for name, pixels in [("1 megapixel", 1e6), ("12 megapixels", 12e6)]:
                photograph = Image.fromarray(picture.image)
                times_larger = (pixels / (photograph.width * photograph.height)) ** 0.5
                path = Path(folder, f"{name}.jpg")
                photograph.resize(
                    (round(photograph.width * times_larger), round(photograph.height * times_larger)),
                    Image.Resampling.BICUBIC,
                ).save(path, quality=90)
                times[name].append(min(milliseconds(lambda path=path: look(path, model)) for _ in range(3)))
            command = [sys.executable, "-m", "byhand", "read", str(Path(folder, "1 megapixel.jpg"))]
            times["whole process"].append(
                milliseconds(lambda command=command: subprocess.run(command, capture_output=True, check=True))
            )
    rows = [
        [name, f"{statistics.median(some):.0f} ms", f"{min(some):.0f} ms", f"{max(some):.0f} ms"]
        for name, some in times.items()
    ]
    print(table(["", "median", "least", "most"], rows))


if __name__ == "__main__":
    main()
