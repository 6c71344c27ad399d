"""How a process that stays waits for its end."""

from __future__ import annotations

import subprocess
import sys

WAITS = """\
import signal, threading
from planbot.service.ending import Ending
ending = Ending()
signal.signal(signal.SIGTERM, lambda *_: ending.tell())

def take():
    while not waiting.is_set():
        pass
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

waiting = threading.Event()
thread = threading.Thread(target=take)
thread.start()
threading.Timer(0.2, waiting.set).start()
ending.wait()
print("ended")
"""


def test_a_signal_that_another_thread_takes_ends_the_wait() -> None:
    done = subprocess.run([sys.executable, "-c", WAITS], check=True, capture_output=True, text=True)
    assert done.stdout == "ended\n"
