"""The parts of the documentation that are read from the code when it is built, so that they stay true to it.

Each module makes the Markdown of one page; `extension` makes them known to Sphinx. All but that one need
nothing besides asyncgen, so that tests look at them without building the site.
"""
