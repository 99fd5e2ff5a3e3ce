"""The table of a store of given functions that says how far their file was read, so that a resume need not.

It holds nothing but what the same file would tell again. So it is no part of a version of the tables: it is
made where it is needed, and may be dropped.
"""

MAKE = """
CREATE TABLE IF NOT EXISTS lines (
    line INTEGER PRIMARY KEY,
    start INTEGER NOT NULL,
    functions INTEGER NOT NULL,
    bad INTEGER NOT NULL
)
"""
IS_THERE = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'lines'"
SELECT = "SELECT line, start, functions, bad FROM lines ORDER BY line"
ADD = "INSERT INTO lines (line, start, functions, bad) VALUES (?, ?, ?, ?) ON CONFLICT (line) DO NOTHING"
