"""Who listens to what: the one list of listeners, filled from the rooms."""

from collections.abc import Callable

from assay.storage import Session, outbox
from assay.storage.outbox import Message

LISTENERS: dict[str, tuple[Callable[[Session, list[Message]], None], tuple[str, ...]]] = {
    # listener's name -> (what it does with a list of messages, the kinds of event it hears)
}


def subscribe() -> None:
    """Have the outbox keep these events for these listeners. Every door that changes things calls it once."""
    for name, (_, kinds) in LISTENERS.items():
        for kind in kinds:
            outbox.subscribe(kind, name)
