"""What the main job's tests have their workers do in place of solving. Workers import it; no SymPy."""

import os
import signal
import time
from collections.abc import Mapping
from functools import partial

from asyncgen.problems.errors import UsageError
from asyncgen.problems.records import Outcome, Problem, Status

Plan = Mapping[int, str]


def answer(problem: Problem, status: Status = Status.UNSOLVED, reason: str = "trivial") -> Outcome:
    """An outcome that nobody had to work for."""
    proof = "nobody" if status is Status.NONELEMENTARY else None
    return problem.outcome(status, reason=reason, proof=proof)


def follow(plan: Plan, problem: Problem) -> Outcome:
    """Do what the plan says for this index: end with a status, or misbehave; otherwise answer at once."""
    action, _, argument = plan.get(problem.index, "unsolved").partition(":")
    if action not in ACTIONS:
        return answer(problem, Status(action), argument or "planned")
    return ACTIONS[action](problem, argument)


def hang(problem: Problem, _: str) -> Outcome:
    """Wait for a signal that never comes."""
    signal.pause()
    return answer(problem)


def burn(problem: Problem, _: str) -> Outcome:
    """Use CPU until killed."""
    while True:
        pass


def allocate(problem: Problem, size: str) -> Outcome:
    """Hold so many resident bytes until killed."""
    held = b"x" * int(size)
    return hang(problem, str(len(held)))


def leave(_: Problem, code: str) -> Outcome:
    """End the process without a word."""
    os._exit(int(code))


def die(problem: Problem, number: str) -> Outcome:
    """End the process by a signal."""
    os.kill(os.getpid(), int(number))
    return hang(problem, "")


def fail(_: Problem, message: str) -> Outcome:
    """Raise an exception."""
    raise ValueError(message)


def misuse(_: Problem) -> Outcome:
    """Do as a worker does that is asked for what does not exist."""
    raise UsageError("no such kind")


def announce(problem: Problem, path: str) -> Outcome:
    """Tell a test that the call runs, in which process, and hang."""
    write(path, str(os.getpid()))
    return hang(problem, "")


def gate(problem: Problem, path: str) -> Outcome:
    """Tell a test that the call runs, and answer when it allows that by a second file."""
    write(path, str(os.getpid()))
    while not os.path.exists(f"{path}.open"):
        time.sleep(0.002)
    return answer(problem)


def slow(problem: Problem, seconds: str) -> Outcome:
    """Use so many seconds of CPU, then answer."""
    end = time.process_time() + float(seconds)
    while time.process_time() < end:
        pass
    return answer(problem)


def write(path: str, text: str) -> None:
    with open(f"{path}.part", "w") as file:
        file.write(text)
    os.replace(f"{path}.part", path)


ACTIONS = {
    "hang": hang,
    "burn": burn,
    "allocate": allocate,
    "exit": leave,
    "signal": die,
    "raise": fail,
    "announce": announce,
    "gate": gate,
    "slow": slow,
}


def planned(plan: Plan) -> "partial[Outcome]":
    """The function for the workers: `follow` with this plan."""
    return partial(follow, dict(plan))
