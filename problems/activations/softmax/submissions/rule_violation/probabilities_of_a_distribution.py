"""You let torch.distributions make the probabilities. It calls the built-in softmax for that."""

import torch


def my_softmax(x, dim=-1):
    return torch.distributions.Categorical(logits=x.movedim(dim, -1)).probs.movedim(-1, dim)
