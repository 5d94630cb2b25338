"""Third-party programs that emulate AWS, in pinned versions.

SAM CLI is in template_tools.py.
"""

from pathlib import Path

from dev import template_tools

EMULATOR_PINS = Path(__file__).parent / "deploy" / "requirements.txt"


def emulator() -> Path:
    """Returns the programs of ministack's environment, which has clients of AWS, too."""
    return template_tools.environment("emulator", EMULATOR_PINS, "ministack, an emulator of AWS (pip, under a minute, once)")
