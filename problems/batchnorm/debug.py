torch.manual_seed(0)
x = 3 + 2 * torch.randn(6, 4)
gamma, beta = torch.ones(4), torch.zeros(4)
running_mean, running_var = torch.zeros(4), torch.ones(4)

trained = my_batch_norm(x, gamma, beta, running_mean, running_var, momentum=0.3)
print("training:  mean of each feature", trained.mean(dim=0), "(should be near 0)")
print("           std of each feature ", trained.std(dim=0, correction=0), "(should be near 1)")
print("running_mean is now", running_mean)
print("running_var is now ", running_var)

inferred = my_batch_norm(x, gamma, beta, running_mean, running_var, training=False)
print("inference: mean of each feature", inferred.mean(dim=0), "(not 0: the running statistics lag behind)")
