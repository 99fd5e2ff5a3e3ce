"""Train on rows while they are made: has a function an antiderivative in closed form?

No row is written anywhere. Functions become longer as the training goes on, and each row is first a question,
and then a lesson. The model is a weight for every token and for every two in a row, so that nothing
is needed besides asyncgen; with PyTorch, the stream goes into a DataLoader as it is. The same command goes on
where the last one has stopped, with the rows that would have come next.

    python examples/train_while_made.py [STATE.json] [ROWS]      (without STATE: in a temporary folder)
"""

import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

from asyncgen import Spec, Status
from asyncgen.datasets import RowStream, stream
from asyncgen.datasets.selection import Selection
from asyncgen.problems.distributions import preset

SPEC = Spec(preset("lample-charton"), seed=2024)
DECIDED = Selection(statuses=(Status.ELEMENTARY, Status.SPECIAL, Status.NONELEMENTARY))
RATE = 0.05  # of learning
REPORT = 100  # rows from one line to the next


def operators(index: int) -> tuple[int, int]:
    """Up to eight operators at first, one more after every 200 functions, twelve in the end."""
    return 3, min(8 + index // 200, 12)


class Classifier:
    """Logistic regression on counts, taught row by row."""

    def __init__(self, weights: dict[str, float]) -> None:
        self.weights = weights

    def probability(self, features: Counter[str]) -> float:
        """That there is a closed form."""
        score = sum(self.weights.get(name, 0.0) * count for name, count in features.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))

    def learn(self, features: Counter[str], label: int) -> bool:
        """Answer, and then be told; whether the answer was right."""
        error = label - self.probability(features)
        for name, count in features.items():
            self.weights[name] = self.weights.get(name, 0.0) + RATE * error * count
        return abs(error) < 0.5


def features_of(tokens: Sequence[str]) -> Counter[str]:
    """What the model sees of a function in prefix notation."""
    return Counter([*tokens, *(f"{first} {second}" for first, second in pairwise(tokens)), "anything"])


def train(rows: RowStream, model: Classifier, number: int) -> None:
    """Learn from so many rows, and say how it goes."""
    right = labels = 0
    for count, row in enumerate(islice(rows, number), start=1):
        label = int(row["status"] != Status.NONELEMENTARY)
        right += model.learn(features_of(row["problem_prefix"].split()), label)
        labels += label
        if count % REPORT == 0:
            most = operators(row["index"])[1]
            print(f"up to {most} operators: {right}% right, {labels}% have a closed form")
            right = labels = 0


def main(path: Path, number: int) -> None:
    state = json.loads(path.read_text()) if path.exists() else {"rows": None, "weights": {}}
    model = Classifier(state["weights"])
    with stream(SPEC, operators=operators, selection=DECIDED) as rows:
        if state["rows"]:
            rows.load_state_dict(state["rows"])
        train(rows, model, number)
        path.write_text(json.dumps({"rows": rows.state_dict(), "weights": model.weights}))


if __name__ == "__main__":
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), number)
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "state.json", number)
