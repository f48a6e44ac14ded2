"""The update through .data, as older code has it."""


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        running_mean.data = (1 - momentum) * running_mean.data + momentum * mean.data
        running_var.data *= 1 - momentum
        running_var.data += momentum * var.data
    else:
        mean, var = running_mean.data, running_var.data
    return gamma * (x - mean) / (var + eps).sqrt() + beta
