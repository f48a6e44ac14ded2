"""Drawing: numbers that tell mistakes apart."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from torch_judge.authoring.tensors import draw_batch, signed, standard, tensor, upstream


@pytest.mark.parametrize("shape", [6, (6,), (2, 3), (3, 1, 2)])
def test_signed_numbers_change_their_sign_from_one_to_the_next(shape) -> None:
    drawn = [signed(np.random.default_rng(seed), 1.5, 2.5, shape) for seed in range(40)]
    for each in drawn:
        assert each.shape == ((shape,) if isinstance(shape, int) else shape)
        assert ((abs(each) >= 1.5) & (abs(each) <= 2.5)).all()
        assert (np.diff(np.sign(each.ravel())) != 0).all()
    assert len({np.sign(each.flat[0]) for each in drawn}) == 2


@pytest.mark.parametrize(("shape", "over"), [((7, 3), 0), ((4, 5), -1), ((2, 3, 4, 5), (0, 2, 3))])
def test_standard_numbers_have_mean_0_and_biased_variance_1(shape, over) -> None:
    drawn = standard(np.random.default_rng(1), shape, over=over)
    assert drawn.shape == shape
    np.testing.assert_allclose(drawn.mean(axis=over), 0, atol=1e-12)
    np.testing.assert_allclose((drawn**2).mean(axis=over), 1)


def test_a_single_number_is_standardised_to_0() -> None:
    assert standard(np.random.default_rng(1), (1, 3), over=0).tolist() == [[0.0, 0.0, 0.0]]


def test_a_tensor_has_exactly_its_dtype() -> None:
    assert tensor(np.ones(2)).dtype is torch.float32
    assert tensor([1, 2]).dtype is torch.float32
    assert tensor(np.ones(2), torch.float64).dtype is torch.float64


def test_the_gradient_from_above_has_the_outputs_shape_and_dtype() -> None:
    above = upstream(np.random.default_rng(1), torch.zeros(2, 3, dtype=torch.float64, requires_grad=True))
    assert above.shape == (2, 3)
    assert above.dtype is torch.float64
    assert not above.requires_grad
    assert above.unique().numel() == 6


def test_a_batch_has_the_statistics_that_it_promises() -> None:
    batch = draw_batch(np.random.default_rng(3), 6, 4, torch.float64, scale=10.0)
    means, deviations = batch.mean(0).abs(), batch.std(0, unbiased=False)
    assert batch.shape == (6, 4)
    assert bool(((means > 11 - 1e-9) & (means < 29)).all())
    assert bool(((deviations > 13 - 1e-9) & (deviations < 23)).all())
    assert draw_batch(np.random.default_rng(3), 6, 4).dtype is torch.float32
