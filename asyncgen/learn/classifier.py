"""A trained classifier: the probability of each class, for functions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from asyncgen.learn import folder as folders
from asyncgen.learn.calibration import probabilities
from asyncgen.learn.data.batches import Numbers, problems_of
from asyncgen.learn.data.corpus import Corpus
from asyncgen.learn.data.vocabulary import ids_of
from asyncgen.learn.metrics import Floats
from asyncgen.learn.networks.bert import Bert
from asyncgen.learn.networks.choice import classifier
from asyncgen.problems.published import in_published_notation

Tokens = tuple[str, ...]


class Classifier:
    """A model on a device. Not to be used by two threads at once.

    shares: of each class among the rows that it was trained on.
    """

    def __init__(self, folder: Path, device: torch.device) -> None:
        """Load the model in this folder. Raises UsageError."""
        self.configuration = folders.read(folder, "classifier")
        self.classes = list(self.configuration.classes)
        self.network = classifier(self.configuration.model, len(self.classes), folder)
        folders.load(self.network, folder, device)
        self.device = device
        figures, alike = self.configuration.figures, [1 / len(self.classes)] * len(self.classes)
        self.temperature = float(figures.get("temperature", 1.0))
        self.shares: Floats = np.array(figures.get("shares", alike))
        self._published = self.configuration.data["notation"] == "published"

    @torch.inference_mode()
    def probabilities(self, problems: Sequence[Tokens]) -> Floats:
        """Of each class, for each problem: (problems, classes). Raises UsageError for strange tokens."""
        if not problems:
            return np.zeros((0, len(self.classes)))
        shown = [in_published_notation(problem) for problem in problems] if self._published else problems
        placed = problems_of([ids_of(problem) for problem in shown]).to(self.device)
        return probabilities(self.network(placed).float(), self.temperature)

    def cut(self, corpus: Corpus, numbers: Numbers) -> int:
        """Of how many problems the network does not read the end, as there is a longest text for it."""
        if not isinstance(self.network, Bert):
            return 0
        return self.network.too_long(corpus.problem(number) for number in numbers.tolist())
