"""Runs the emulator for as long as its own standard input is open: guard.py PROGRAM

Whoever started it may die of anything, kill -9 included: its end of the pipe closes with it, and then the emulator and
all functions' processes end, for they are in this process's group and nobody else is.
"""

import os
import signal
import subprocess
import sys
import threading

STOP_SECS = 5


def end_the_group(program):
    os.killpg(0, signal.SIGTERM)
    try:
        program.wait(STOP_SECS)
    except subprocess.TimeoutExpired:
        pass
    os.killpg(0, signal.SIGKILL)


def main():
    if os.getpgrp() != os.getpid():
        sys.exit("error: guard.py ends its whole group, so it must be started in one of its own")
    # A handler and not SIG_IGN, which the emulator would inherit.
    signal.signal(signal.SIGTERM, lambda *_: None)
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def watch():
        while os.read(0, 1):
            pass
        end_the_group(program)

    threading.Thread(target=watch, daemon=True).start()
    print(f"the emulator ended by itself with status {program.wait()}", flush=True)
    end_the_group(program)


main()
