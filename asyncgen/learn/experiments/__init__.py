"""Experiments: many trainings on the same data, each in a process of its own, compared in the end.

TRIALS.toml ──plan──▶ trials, and those that a search chooses ──running──▶ scheduler ──▶ trial (a process)
rows ──▶ record (experiment.json), results.csv, curves.png, best/
"""
