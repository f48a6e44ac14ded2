def relu(x):
    return x.masked_fill(x < 0, 0.0)
