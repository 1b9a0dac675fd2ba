"""Outcomes for the customer: lots are inspected and certified; certified lots become signed releases."""
