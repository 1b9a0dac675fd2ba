"""What the server writes down about itself: one line each, on standard error."""

import logging


def set_up_logs() -> None:
    """Warnings and errors, without the repetitions of a connection pool whose database is away."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    logging.getLogger("procrastinate.utils").setLevel(logging.CRITICAL)  # a trace for every lost connection
