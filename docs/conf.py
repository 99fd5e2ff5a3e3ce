"""How Sphinx builds the documentation: `make docs`. Nothing is fetched from the network."""

import sys
from pathlib import Path

import asyncgen

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "asyncgen"
author = "The asyncgen maintainers"
version = release = asyncgen.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "mathml", "reference.extension"]
exclude_patterns = ["_ext"]

myst_enable_extensions = ["dollarmath"]
html_math_renderer = "mathml"  # which browsers typeset without a script from elsewhere
smartquotes = False  # --flag stays --flag
myst_heading_anchors = 4  # headings can be linked to, by the names that they have on code hosts
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autoclass_content = "both"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
# Names of other projects are not looked up: that would need the network.
# Type variables, and what only asyncgen itself makes and passes on, have no entry.
nitpick_ignore_regex = [
    ("py:.*", r"(?!asyncgen\b).*"),
    ("py:.*", r"asyncgen\.calls\.clocks\.Limits"),
    ("py:.*", r"asyncgen\..*\.(Item|Value|T|Changes|Runners|Core|Line|Made|Maker|Patience|Canceller|Steps)"),
    ("py:.*", r"asyncgen\..*\.(Job|FunctionFile|Mark|Form|Wanted)"),
]

html_theme = "furo"
html_title = f"asyncgen {release}"
html_static_path = ["_static"]
html_css_files = ["asyncgen.css"]
html_show_copyright = False
html_copy_source = False
