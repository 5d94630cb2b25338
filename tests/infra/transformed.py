"""Writes the template after SAM's transformation, once for each case, into the folder that is the argument.

SAM itself and cfn-lint transform the template with the defaults of its parameters only.
"""

import json
import sys
from pathlib import Path

from infra import stack

if __name__ == "__main__":
    source = stack.read_template()
    for name, parameters in stack.CASES.items():
        path = Path(sys.argv[1]) / f"{name.replace(' ', '-')}.json"
        path.write_text(json.dumps(stack.build(source, parameters).transformed, indent=1))
