"""asyncgen whose workers build problems with fake_kinds: `python -m building`, as if it were the command."""

import dataclasses

from asyncgen.calls.settings import Settings
from asyncgen.command.main import main
from asyncgen.jobs import run
from asyncgen.jobs.labelling import scheduler_settings
from asyncgen.jobs.limits import Limits, Workforce
from asyncgen.problems.spec import Spec


def with_fakes(limits: Limits, workforce: Workforce, spec: Spec | None = None) -> Settings:
    """The settings of the job, but for what workers inherit."""
    heavy = scheduler_settings(limits, workforce, spec)
    return dataclasses.replace(heavy, preload=("fake_kinds:install",))


if __name__ == "__main__":
    run.scheduler_settings = with_fakes
    main()
