"""Runs a program with the environment of this script. Prints its peak resident memory in KiB, and its CPU
time (user and system) in milliseconds.

The kernel reports the peak to this script, the parent process. The peak is never below the memory that this
script uses when it starts the program, about 13 MiB: the kernel counts it for the program, too.
"""

import os
import sys

NO_ANSWER = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=NO_ANSWER)
_, status, used = os.wait4(child, 0)
print(used.ru_maxrss, 1e3 * (used.ru_utime + used.ru_stime))
sys.exit(status != 0)
