"""Checks the template by checkov. The argument is the file that infra/policies.py writes.

The template says which findings are expected, and why. It is an error, too, if one of them does not come.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Without --skip-download checkov asks its maker for descriptions of its checks.
COMMAND = [sys.executable, "-m", "checkov.main", "--framework", "cloudformation", "--file", "infra/template.yaml",
           "--skip-download", "--output", "json", "--compact"]


def main() -> int:
    """Prints each difference. The exit code is 1 if there is one."""
    expected = {skip["id"] for skip in json.loads(Path(sys.argv[1]).read_text())["expected"]["checkov"]}
    answer = subprocess.run(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    report = json.loads(answer.stdout)
    failed = report["results"]["failed_checks"]
    for check in failed:
        if check["check_id"] not in expected:
            print(f"  {check['resource']}: {check['check_id']}: {check['check_name']}")
    found = {check["check_id"] for check in failed}
    for name in sorted(expected - found):
        print(f"  nothing fails {name}: remove it from the template's Metadata")
    print(f"{report['summary']['passed']} passed, {len(failed)} expected or found")
    return 1 if found != expected else 0


if __name__ == "__main__":
    sys.exit(main())
