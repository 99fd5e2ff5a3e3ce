"""A trained integrator: answers to problems, by beam search, none of them checked."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from asyncgen.learn import folder as folders
from asyncgen.learn.data.batches import problems_of
from asyncgen.learn.data.examples import constants_of
from asyncgen.learn.data.vocabulary import ids_of, tokens_of
from asyncgen.learn.decoding.beams import search
from asyncgen.learn.networks.choice import network
from asyncgen.problems.published import in_published_notation

Tokens = tuple[str, ...]
MOST_TOKENS = 512  # of a problem
_AT_ONCE = 1280  # beams


class Written(NamedTuple):
    """An answer, and the logarithm of the probability that the model gives it."""

    answer: Tokens
    score: float


class Integrator:
    """A model on a device. Not to be used by two threads at once."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        """Load the model in this folder. Raises UsageError."""
        self.configuration = folders.read(folder, "integrator")
        found: Any = network(self.configuration.model)
        folders.load(found, folder, device)
        self.network = found
        self.device = device
        self._published = self.configuration.data["notation"] == "published"

    def answers(
        self, problems: Sequence[Tokens], beams: int, length: int | None = None
    ) -> list[list[Written]]:
        """The best answers to each problem, best first, at most `beams`, each at most `length` tokens.

        By default the length is that of the longest answer that the model was trained with. A problem of more
        than MOST_TOKENS gets none. Raises UsageError for tokens that are not in the vocabulary.
        """
        found: list[list[Written]] = [[] for _ in problems]
        most = length or self.configuration.longest
        for places in self._batches(problems, max(1, _AT_ONCE // beams)):
            batch = [problems[place] for place in places]
            for place, written in zip(places, self._written(batch, beams, most), strict=True):
                found[place] = written
        return found

    def _batches(self, problems: Sequence[Tokens], size: int) -> Iterator[list[int]]:
        """Places of problems of about the same length."""
        places = [place for place, problem in enumerate(problems) if 0 < len(problem) <= MOST_TOKENS]
        places.sort(key=lambda place: len(problems[place]))
        for start in range(0, len(places), size):
            yield places[start : start + size]

    def _written(self, problems: Sequence[Tokens], beams: int, length: int) -> list[list[Written]]:
        shown = [in_published_notation(problem) for problem in problems] if self._published else problems
        ids = problems_of([ids_of(problem) for problem in shown]).to(self.device)
        constants = torch.tensor([constants_of(problem) for problem in problems], device=self.device)
        found = search(self.network, ids, constants, beams, length)
        rows = zip(found.answers.tolist(), found.scores.tolist(), strict=True)
        return [
            [
                Written(tokens_of(answer), score)
                for answer, score in zip(answers, scores, strict=True)
                if score > float("-inf")
            ]
            for answers, scores in rows
        ]
