"""Running several programs as one: started together, restarted when one dies, stopped cleanly."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable

POLL = 0.2  # seconds
STOP_WITHIN = 20.0  # seconds a program gets to finish what it is doing
TOO_MANY_RESTARTS = 5  # within a minute: the program is broken, not unlucky


class Program:
    """A child process in a process group of its own, so that its own children go with it."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.starts: list[float] = []

    def start(self) -> None:
        self.starts = [moment for moment in self.starts if moment > time.monotonic() - 60]
        self.starts.append(time.monotonic())
        self.process = subprocess.Popen(self.command, start_new_session=True)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_broken(self) -> bool:
        return len(self.starts) > TOO_MANY_RESTARTS

    def signal(self, number: int) -> None:
        """Send a signal to the program; SIGKILL goes to all of its group, orphans of a killed parent included."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            elif self.is_running:
                self.process.send_signal(number)


def supervise(programs: list[Program], say: Callable[[str], None]) -> int:
    """Run the programs until SIGTERM or SIGINT, or until one of them is broken; return the exit status."""
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, frame: stopping.append(received))
    for program in programs:
        program.start()
    status = 0
    while not stopping:
        for program in programs:
            if program.is_running:
                continue
            program.signal(signal.SIGKILL)
            if program.is_broken:
                say(f"{program.name} keeps dying; stopping everything")
                status = 1
                stopping.append(0)
                break
            say(f"{program.name} ended unexpectedly; starting it again")
            program.start()
        time.sleep(POLL)
    for program in programs:
        program.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_WITHIN
    while any(program.is_running for program in programs) and time.monotonic() < deadline:
        time.sleep(POLL)
    for program in programs:
        program.signal(signal.SIGKILL)
        if program.process is not None:
            program.process.wait()
    return status
