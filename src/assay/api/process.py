"""One serving process: `python -m assay.api.process SOCKET LIFELINE`, started by `assay serve` only.

SOCKET is an inherited listening socket. LIFELINE is the reading end of a pipe that only the parent can write to: when
the parent ends, however it ends, the pipe closes and this process ends too, so that the port is free again.
"""

import os
import socket
import sys
import threading

import uvicorn

from assay.api.logs import set_up_logs
from assay.api.main import create_app

FAREWELL_SECONDS = 10  # for requests at work when asked to stop


def main(listening: int, lifeline: int) -> None:
    set_up_logs()
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()
    config = uvicorn.Config(
        create_app(),
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=listening)])


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns only when the other end is closed
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
