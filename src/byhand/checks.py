"""A check: one quantity, computed in two ways, and how far apart the two are."""

from dataclasses import dataclass

TOLERANCE = 1e-6
"""Largest relative error that passes."""


@dataclass(frozen=True)
class Check:
    """Largest relative error of one quantity of a subject: a layer, a loss, a network."""

    subject: str
    quantity: str
    error: float

    @property
    def passed(self) -> bool:
        """Whether the error is within TOLERANCE; an error that is no number is not."""
        return self.error <= TOLERANCE
