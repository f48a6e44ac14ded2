import torch

torch.manual_seed(0)
logits = torch.randn(4, 3, requires_grad=True)
targets = torch.tensor([2, 0, 1, 2])

loss = cross_entropy_loss(logits, targets)
loss.backward()
print("shape", tuple(loss.shape), "dtype", loss.dtype, "loss", loss.item())
print("gradient, its rows should sum to 0:\n", logits.grad)

log_of_3 = torch.tensor(3.0).log()
example = torch.stack([torch.zeros(2), log_of_3.expand(2)], dim=1)
print("the example:", cross_entropy_loss(example, torch.tensor([1, 0])), "should be 0.8370")
print("equal logits:", cross_entropy_loss(torch.zeros(2, 5), torch.tensor([3, 1])), "should be log 5 = 1.6094")
wrong = torch.tensor([[10000.0, 0.0], [0.0, 10000.0]])
print("confidently wrong:", cross_entropy_loss(wrong, torch.tensor([1, 0])), "should be 10000")
