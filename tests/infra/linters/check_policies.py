"""Checks the policies of roles by parliament. The argument is the file that infra/policies.py writes.

The template says which findings are expected, and why. It is an error, too, if one of them does not come.
"""

import json
import sys
from pathlib import Path

from parliament import analyze_policy_string


def main() -> int:
    """Prints each difference. The exit code is 1 if there is one."""
    described = json.loads(Path(sys.argv[1]).read_text())
    found = {(name, finding.issue): finding.detail for name, policy in described["roles"].items()
             for finding in analyze_policy_string(json.dumps(policy)).findings}
    expected = {(skip["policy"], skip["id"]) for skip in described["expected"]["parliament"]}
    for name, issue in sorted(found.keys() - expected):
        print(f"  {name}: {issue}: {found[name, issue]}")
    for name, issue in sorted(expected - found.keys()):
        print(f"  {name} no longer has {issue}: remove it from the template's Metadata")
    print(f"{len(described['roles'])} policies, {len(found)} findings")
    return 1 if found.keys() != expected else 0


if __name__ == "__main__":
    sys.exit(main())
