"""scikit-learn: cross-validation with a time limit for each fit, so that a slow model holds up nothing.

pip install asyncgen scikit-learn
"""

import asyncio
from functools import partial
from typing import Any

from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from asyncgen import Scheduler

MODELS = {
    "scaled, logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "as it is, linear SVM": SVC(kernel="linear", C=1e9),  # libsvm goes on for hours, in C code
}


def score(model: Any, fold: tuple[Any, Any]) -> float:
    """Fit on one part and score on the other."""
    inputs, classes = load_breast_cancer(return_X_y=True)
    train, test = fold
    return float(clone(model).fit(inputs[train], classes[train]).score(inputs[test], classes[test]))


async def main() -> None:
    folds = list(StratifiedKFold(3).split(*load_breast_cancer(return_X_y=True)))
    async with Scheduler(workers=2, preload=("sklearn.datasets", "sklearn.svm"), timeout=2.0) as scheduler:
        for name, model in MODELS.items():
            scores = []
            async for result in scheduler.stream(partial(score, model), folds, ordered=True, chunk=1):
                scores.append(f"{result.value:.2f}" if result.error is None else type(result.error).__name__)
            print(f"{name}: {', '.join(scores)}")


if __name__ == "__main__":
    asyncio.run(main())
