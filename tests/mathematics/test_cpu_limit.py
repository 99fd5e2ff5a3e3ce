"""CPU limits: a call that uses too much is cut, whatever it does, and no other."""

import signal
import time

import pytest

from asyncgen.mathematics.cpu_limit import EXPIRED, within


def burn(seconds: float) -> str:
    """Use this much CPU."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return "done"


def test_a_limit_ends_a_call_that_goes_on() -> None:
    """A call that uses more CPU than its CPU limit is cut; one that uses less is not."""
    assert within(0.02, lambda: burn(60)) is EXPIRED
    assert within(60, lambda: burn(0.001)) == "done"


def test_a_swallowed_cut_is_still_a_cut() -> None:
    """A call that catches everything and returns in time for nobody is reported as cut."""

    def stubborn() -> str:
        try:
            return burn(60)
        except BaseException:
            return "caught"

    assert within(0.02, stubborn) is EXPIRED


def test_a_cut_is_repeated_until_it_takes() -> None:
    """A call that swallows the first cut and goes on is cut again."""

    def deaf_once() -> str:
        try:
            burn(60)
        except BaseException:
            burn(60)
        return "never"

    assert within(0.02, deaf_once) is EXPIRED


def test_no_cut_leaks_out_of_a_limit_that_ends_just_then() -> None:
    """However close the end of the call and of the CPU limit, a value comes back and nothing raises."""
    results = {within(0.0004, lambda: burn(0.0004)) for _ in range(100)}
    assert results <= {EXPIRED, "done"}
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_limits_do_not_nest_and_leave_the_handler_alone() -> None:
    """A limit inside a limit is refused, and the signal's handler is what it was before."""
    before = signal.getsignal(signal.SIGPROF)
    with pytest.raises(RuntimeError, match="nest"):
        within(5, lambda: within(1, lambda: None))
    assert signal.getsignal(signal.SIGPROF) is before
    assert within(5, lambda: 1) == 1
