def evaluate(model, loader, loss_fn):
    """Return the mean loss of a model over all samples of a loader, as a Python float.

    model: an nn.Module. loader: an iterable of (inputs, targets). loss_fn(predictions, targets): the mean
    loss of a batch. Evaluates in evaluation mode and without gradients, and leaves everything as it was.
    """
    raise NotImplementedError
