"""Brings its own tests, argument parser and main guard, and asserts about itself when imported.

Expected: accepted
"""

import argparse
import unittest

import torch


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    assert x.ndim == 2, "expected (N, D)"
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)


class Tests(unittest.TestCase):
    def test_mean(self):
        x = torch.randn(8, 3)
        out = my_batch_norm(x, torch.ones(3), torch.zeros(3), torch.zeros(3), torch.ones(3))
        self.assertTrue(torch.allclose(out.mean(0), torch.zeros(3), atol=1e-5))


assert unittest.defaultTestLoader.loadTestsFromTestCase(Tests).countTestCases() == 1
Tests("test_mean").test_mean()

if __name__ == "__main__":
    argparse.ArgumentParser().parse_args()
    unittest.main()
