"""The door for background work: hands events to those who listen, runs timers and jobs."""
