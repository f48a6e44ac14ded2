"""Cross-entropy of a softmax, after C. Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.108,
averaged over the batch.
"""

import torch


def cross_entropy_loss(logits, targets):
    """Average -log softmax(logits) at the target over the rows."""
    # -log(exp(t) / sum exp) = log(sum exp) - t: no probability is ever made, so that none can round to 0.
    # logsumexp subtracts the maximum of each row before it exponentiates, and adds it back.
    normaliser = torch.logsumexp(logits, dim=1)

    # gather wants an index of as many dimensions as the logits: one column, for one number of each row.
    at_target = logits.gather(1, targets.unsqueeze(1)).squeeze(1)
    return (normaliser - at_target).mean()
