"""From nothing to a saved model of 98 %, with scikit-learn, which has no schedule that ends at zero.

python benchmarks/scripts/cold_sklearn.py [--seed 0] [--epochs 15] [-o digits.safetensors]
"""

import warnings

from command import arguments
from digits import load
from safetensors.numpy import save_file
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

options = arguments(epochs=15)
warnings.simplefilter("ignore", ConvergenceWarning)  # it is to stop after these epochs
classifier = MLPClassifier(
    (128,),
    solver="sgd",
    alpha=0,
    batch_size=128,
    learning_rate_init=0.1,
    momentum=0.9,
    nesterovs_momentum=True,
    max_iter=options.epochs,
    random_state=options.seed,
)
classifier.fit(*load("train"))

arrays = {"W1": classifier.coefs_[0], "W2": classifier.coefs_[1]}
save_file(arrays | dict(zip(("b1", "b2"), classifier.intercepts_, strict=True)), options.output)
print(f"test accuracy {100 * classifier.score(*load('t10k')):.2f} %")
