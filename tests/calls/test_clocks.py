"""When a call is over a limit, and when to look at it next; no time passes here."""

from dataclasses import dataclass

import pytest

from asyncgen.calls.clocks import FAR, IDLE, Limits, Look, Over, Watch


@dataclass
class Page:
    """What a worker says of itself."""

    begun: int = 1
    when: float = 0.0


def looks(limits: Limits, page: Page, *times: tuple[float, float | None]) -> list[Over | None]:
    """What each look shows: at this time, with so many CPU seconds used."""
    watch = Watch(limits, 1, 0.0)
    return [watch.look(page, now, used).over for now, used in times]


def test_the_first_look_is_when_a_limit_may_have_been_reached():
    """The shortest one; half of a CPU limit, since two threads use it up in half the time."""
    assert Limits().first_look is None
    assert Limits(wall=5.0, load=60.0).first_look == 5.0
    assert Limits(wall=5.0, cpu=4.0, load=60.0).first_look == 2.0


def test_the_clock_starts_when_the_call_has_begun():
    """However long it was loading before."""
    watch = Watch(Limits(wall=1.0, load=60.0), 7, 100.0)
    page = Page(begun=6, when=90.0)
    assert watch.look(page, 130.0) == Look(None, 1.0)  # it may begin in the next moment
    page.begun, page.when = 7, 130.5
    assert watch.look(page, 131.0) == Look(None, 0.5)
    assert watch.look(page, 131.5).over is Over.WALL


def test_loading_has_a_limit_of_its_own():
    """From the sending of the call."""
    watch = Watch(Limits(wall=100.0, load=60.0), 7, 100.0)
    assert watch.look(Page(begun=6), 140.0) == Look(None, 20.0)
    assert watch.look(Page(begun=6), 160.0).over is Over.LOAD


@pytest.mark.parametrize(
    ("times", "over"),
    [
        ([(2.0, 1.9), (3.0, 2.9), (4.1, 4.0)], [None, None, Over.CPU]),
        ([(2.0, 4.1)], [Over.CPU]),  # several threads
        ([(5.0, 0.0), (14.9, 0.0), (15.1, 0.0)], [None, None, Over.IDLE]),
        ([(2.0, 0.0), (13.9, 0.0), (14.1, 0.0)], [None, None, Over.IDLE]),
        ([(2.0, 0.0), (8.0, 0.5), (14.1, 0.5), (18.1, 0.5)], [None, None, None, Over.IDLE]),
        ([(2.0, 0.1), (12.0, 0.3), (22.0, 0.5), (39.0, 0.8), (40.1, 1.0)], [None] * 4 + [Over.FAR]),
    ],
)
def test_a_cpu_limit(times: list[tuple[float, float | None]], over: list[Over | None]):
    """CPU used up, none used for IDLE seconds behind the limit, or FAR times the limit gone by."""
    assert (FAR, IDLE) == (10, 10.0)
    assert looks(Limits(cpu=4.0), Page(), *times) == over


def test_a_small_limit_is_not_far_before_it_is_idle():
    """A tenth of a second is soon over where others compute too."""
    watch = Watch(Limits(cpu=0.1), 1, 0.0)
    assert watch.look(Page(), 10.0, 0.09).over is None
    assert watch.look(Page(), 10.2, 0.09).over is Over.FAR


def test_where_workers_share_cores_they_have_more_time():
    """So that a machine that has too much to do ends no call that it would have made in time."""
    watch = Watch(Limits(cpu=4.0), 1, 0.0)
    assert watch.look(Page(), 41.0, 1.0, crowd=8.0).over is None
    assert watch.look(Page(), 321.0, 3.0, crowd=8.0).over is Over.FAR


def test_cpu_is_asked_for_only_when_it_may_matter():
    """To measure it costs a message."""
    watch = Watch(Limits(cpu=4.0), 1, 0.0)
    assert not watch.needs_cpu(Page(begun=0), 100.0)
    assert not watch.needs_cpu(Page(), 1.9)
    assert watch.needs_cpu(Page(), 2.0)
    assert watch.look(Page(), 1.5) == Look(None, 0.5)


def test_looks_come_closer_to_each_other_towards_the_limit():
    """But not closer than twenty milliseconds, and not farther apart than what shows that a call is idle."""
    watch = Watch(Limits(cpu=4.0), 1, 0.0)
    waits = [watch.look(Page(), 2 + used, used).again for used in (2.0, 3.0, 3.9, 3.99)]
    assert waits == pytest.approx([1.0, 0.5, 0.05, 0.02])
    assert Watch(Limits(cpu=400.0), 1, 0.0).look(Page(), 200.0, 0.0).again == IDLE / 4
