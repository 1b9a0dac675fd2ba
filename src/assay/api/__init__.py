"""The HTTP door: collects the routes of the rooms, turns errors into problem+json, serves the pages."""
