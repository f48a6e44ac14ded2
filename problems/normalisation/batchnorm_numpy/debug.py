import numpy as np

rng = np.random.default_rng(0)
x = 3 + 2 * rng.normal(size=(6, 4))
gamma, beta = np.array([1.0, 2.0, -1.0, 0.5]), np.array([0.0, 5.0, 0.0, -1.0])
running_mean, running_var = np.zeros(4), np.ones(4)

output, new_mean, new_var = batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1)
print("training: shape", output.shape, "dtype", output.dtype)
print("  mean of each feature, should be beta: ", output.mean(axis=0).round(4))
print("  deviation of each, should be |gamma|: ", output.std(axis=0).round(4))
print("  new running mean, a tenth of", x.mean(axis=0).round(4), "is", new_mean.round(4))
print("  new running variance                  ", new_var.round(4))
print("  the old ones are unchanged:", (running_mean == 0).all() and (running_var == 1).all())

output, same_mean, same_var = batchnorm_forward(x[:2], gamma, beta, new_mean, new_var, is_training=False)
print("inference on two rows:\n", output.round(4))
print("  running statistics handed back:", np.array_equal(same_mean, new_mean) and np.array_equal(same_var, new_var))
