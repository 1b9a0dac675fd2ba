"""A bare HTTP/1.1 client on one kept connection, so that the measuring costs little beside what is measured."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Wire:
    """One connection; requests wait for each other."""

    port: int
    headers: str = ""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None, extra: str = "") -> tuple[int, bytes]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self.reader is not None
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n{self.headers}{extra}\r\n"
        )
        self.writer.write(head.encode() + content)
        reply = await self.reader.readuntil(b"\r\n\r\n")
        status = int(reply[9:12])
        length = 0
        at = reply.lower().find(b"content-length:")
        if at >= 0:
            length = int(reply[at + 15 : reply.index(b"\r", at)])
        return status, await self.reader.readexactly(length) if length else b""


@dataclass
class Loop:
    """What a closed loop of annotators did: seconds of each claim, and how many tasks were done when."""

    claims: list[float] = field(default_factory=list)
    done_at: list[float] = field(default_factory=list)
    seconds: float = 0

    @property
    def rate(self) -> float:
        return len(self.done_at) / self.seconds

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.claims)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Turn = Callable[[Wire, Loop], Awaitable[bool]]


async def run(wires: list[Wire], turn: Turn, *, seconds: float) -> Loop:
    """Every wire takes turns without a pause until the time is over or there is nothing left."""
    loop = Loop()
    start = time.perf_counter()

    async def work(wire: Wire) -> None:
        while time.perf_counter() - start < seconds and await turn(wire, loop):
            loop.done_at.append(time.perf_counter() - start)

    await asyncio.gather(*(work(wire) for wire in wires))
    loop.seconds = time.perf_counter() - start
    return loop
