"""An interpreter that finds this folder first uses the ways of macOS: see as_macos.py."""

import as_macos

as_macos.apply(setattr, delattr)
