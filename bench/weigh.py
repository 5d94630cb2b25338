"""Runs a program with the environment of this script and prints its peak resident memory in KiB.

The kernel reports the peak to this script, the parent process. The peak is never below the memory that this
script uses when it starts the program, about 13 MiB: the kernel counts it for the program, too.
"""

import os
import sys

NO_ANSWER = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=NO_ANSWER)
_, status, used = os.wait4(child, 0)
print(used.ru_maxrss)
sys.exit(status != 0)
