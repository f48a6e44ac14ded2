"""What a problem is about: a closed list, which the folders of a bank are named by."""

from __future__ import annotations

from enum import StrEnum

from .naming import spell


class Topic(StrEnum):
    """A field of machine learning, in the order in which a learner meets them."""

    CLASSIC = "classic"
    ACTIVATIONS = "activations"
    LOSSES = "losses"
    NORMALISATION = "normalisation"
    ATTENTION = "attention"
    POSITIONS = "positions"
    VISION = "vision"
    SEQUENCES = "sequences"
    BLOCKS = "blocks"
    TRAINING = "training"
    """Optimisers, schedules and loops."""
    EFFICIENCY = "efficiency"
    DECODING = "decoding"
    TOKENISATION = "tokenisation"
    REINFORCEMENT_LEARNING = "reinforcement_learning"

    @property
    def words(self) -> str:
        """What a person calls the topic."""
        return spell(self.value)
