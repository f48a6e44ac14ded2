"""The hidden suite of the cross-entropy loss.

A loss is one number, so that much can hide behind it: the gradient is looked at nearly everywhere, and rows have losses
and heights of their own. The standard cases come from the description; by hand are the cases that say what the loss is,
and that it is stable.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    Argument,
    Observer,
    Result,
    Size,
    Tolerance,
    case,
    describe,
    gradients,
    signed,
    tensor,
    upstream,
)

LOSS = Result("loss", shape="")
DIGITS_OF_FLOAT32 = Tolerance(relative=1e-4, of_scale=1e-4)
"""What is left of them where logits lie around 70, or in the hundreds."""
DIGITS_AT_TEN_THOUSAND = Tolerance(relative=2e-3, of_scale=2e-3)
"""float32 numbers are 0.001 apart there: logsumexp minus the target's logit is right too, and has these digits."""

observer = Observer([LOSS])


def draw_high(rng, shape):
    """Draw numbers that differ by a few units, and lie so high that a clamp before exp shows."""
    return rng.uniform(56.0, 72.0) + rng.uniform(-2.3, 2.3, shape)


call = describe(
    sizes={"batch": Size(7), "classes": Size(5)},
    arguments=[
        # a thousandfold, the digits of a gradient would be rounding
        Argument("logits", "batch classes", draw=draw_high, far=50.0, scales=0.5, offset=100.0),
        Argument("targets", "batch", integers=(0, "classes")),
    ],
    results=[LOSS],
    tolerance_in_float32=DIGITS_OF_FLOAT32,
    without={"works_on_tiny_values": "a case by hand has smaller ones"},
)


def draw(rng, rows, classes, dtype=torch.float64):
    """Draw logits with differences of a few units, and targets."""
    logits = tensor(rng.uniform(-2.3, 2.3, (rows, classes)), dtype)
    return logits, torch.from_numpy(rng.integers(0, classes, rows))


def observe(cross_entropy_loss, rng, logits, targets):
    """Return the loss and the gradient of the logits, and see that nothing else happens."""
    logits.requires_grad_()
    tensors = {"logits": logits, "targets": targets}
    return observer.observe(lambda: cross_entropy_loss(logits, targets), tensors, rng)


@case(
    title="averages -log softmax at the targets",
    rejects=["sum_over_the_batch", "mean_over_every_entry", "every_target_in_every_row"],
)
def averages_the_loss_of_the_rows(cross_entropy_loss, rng):
    """The loss of a row is minus the logarithm of the softmax at its target; the result is the mean over the rows."""
    return observe(cross_entropy_loss, rng, *draw(rng, 6, 4))


@case(rejects=["softmax_over_the_batch"])
def softmax_is_over_the_classes(cross_entropy_loss, rng):
    """Each row of logits has a softmax of its own, also where there are as many rows as classes."""
    logits, targets = draw(rng, 4, 4)
    logits += tensor(signed(rng, 3.0, 9.0, (4, 1)), logits.dtype)
    return observe(cross_entropy_loss, rng, logits, targets)


@case(rejects=["class_zero_ignored", "classes_counted_from_one", "first_row_for_all"])
def the_first_and_the_last_class_count(cross_entropy_loss, rng):
    """Classes are counted from 0 to C - 1, and rows of each of them count alike, also where there are thousands."""
    logits, _ = draw(rng, 5, 3)
    seen = observe(cross_entropy_loss, rng, logits, torch.tensor([0, 2, 0, 1, 2]))
    logits, _ = draw(rng, 3, 1500)
    return seen | {"loss of 1500 classes": cross_entropy_loss(logits, torch.tensor([1499, 0, 1499]))}


@case()
def all_targets_may_be_the_same_class(cross_entropy_loss, rng):
    """All rows may have the same class; the other classes are then only in the denominators."""
    logits, targets = draw(rng, 5, 4)
    return {
        f"class {number}": observe(cross_entropy_loss, rng, logits.detach().clone(), torch.full_like(targets, number))
        for number in (0, 1, 3)
    }


@case(title="gradient is (softmax - one_hot) / B", rejects=["denominator_detached", "wrong_backward_not_averaged", "wrong_backward_ignores_the_upstream"])
def gradient_is_softmax_minus_one_hot(cross_entropy_loss, rng):
    """The gradient of the logits is (softmax - one_hot) / B, times the gradient from above."""
    logits, targets = draw(rng, 3, 5)
    logits.requires_grad_()
    loss = cross_entropy_loss(logits, targets)
    return gradients(loss, {"logits": logits}, upstream(rng, torch.empty((), dtype=torch.float64)))


@case()
def gradient_may_be_scaled(cross_entropy_loss, rng):
    """The gradient from above may be in the thousands, as where a loss is scaled for short dtypes."""
    logits, targets = draw(rng, 3, 4)
    logits.requires_grad_()
    loss = cross_entropy_loss(logits, targets)
    return gradients(loss, {"logits": logits}, tensor(signed(rng, 2e3, 7e4, 1)[0], torch.float64))


@case()
def the_same_tensors_may_be_filled_anew(cross_entropy_loss, rng):
    """Tensors may be passed in again with other numbers in them: the loss is that of the numbers."""
    logits, targets = draw(rng, 5, 3)
    seen = {}
    for turn in ("at first", "other logits", "other targets"):
        seen[turn] = cross_entropy_loss(logits, targets.view(5))
        if turn == "at first":
            logits.copy_(draw(rng, 5, 3)[0])
        else:
            targets.copy_((targets + 1) % 3)
    return seen


@case()
def gradients_flow_to_what_made_the_logits(cross_entropy_loss, rng):
    """Logits are the result of a layer: its weight gets a gradient, and the logits stay as they were."""
    x, targets = draw(rng, 6, 3)
    weight = draw(rng, 3, 4)[0].requires_grad_()
    targets = targets % 4
    logits = x @ weight
    before = logits.detach().clone()
    loss = cross_entropy_loss(logits, targets)
    seen = gradients(loss, {"weight": weight}, upstream(rng, torch.empty((), dtype=torch.float64)))
    return {"loss": loss, **seen, "change of the logits": logits.detach() - before}


@case(rejects=["no_maximum_subtracted", "one_maximum_for_the_whole_batch", "maximum_not_added_back"])
def rows_may_lie_around_ten_thousand(cross_entropy_loss, rng):
    """One row lies around 10,000, the next around -10,000. The loss depends on differences within a row only."""
    logits, targets = draw(rng, 6, 5)
    heights = tensor(signed(rng, 9e3, 1.1e4, (6, 1)), logits.dtype)
    return observe(cross_entropy_loss, rng, logits + heights, targets)


@case(rejects=["logarithm_of_a_softmax", "eps_inside_the_logarithm", "probabilities_clamped"])
def a_confidently_wrong_row_has_a_large_loss(cross_entropy_loss, rng):
    """Where the target's logit lies 10,000 below the largest, the loss of the row is 10,000, or a million, and the gradient is
    that of any other.
    """
    logits, targets = draw(rng, 4, 3)
    logits[1, targets[1]] -= float(rng.uniform(9e3, 1.1e4))
    logits[3, (targets[3] + 1) % 3] += float(rng.uniform(9e5, 1.1e6))
    return observe(cross_entropy_loss, rng, logits, targets)


@case()
def a_moderately_wrong_row_is_not_capped(cross_entropy_loss, rng):
    """Where the target's probability is 1e-9 to 1e-17, the loss is 20 to 40."""
    logits, targets = draw(rng, 5, 4)
    logits[torch.arange(5), targets] -= tensor(rng.uniform(20.0, 40.0, 5), logits.dtype)
    return observe(cross_entropy_loss, rng, logits, targets)


@case()
def a_confidently_right_row_has_a_loss_near_zero(cross_entropy_loss, rng):
    """Where the target's logit lies far above the others, the row adds nothing, and its gradient is 0."""
    logits, targets = draw(rng, 4, 5)
    logits[0, targets[0]] += float(rng.uniform(9e3, 1.1e4))
    logits[2, targets[2]] += 48.0
    return observe(cross_entropy_loss, rng, logits, targets)


@case(tolerance=DIGITS_OF_FLOAT32)
def float32_logits_of_a_few_hundred_do_not_overflow(cross_entropy_loss, rng):
    """exp overflows from 89 on in float32, and a probability of 1e-46 is 0. Neither may be seen."""
    logits, targets = draw(rng, 4, 5, torch.float32)
    logits += tensor([[110.0], [-130.0], [250.0], [-310.0]])
    logits[2, targets[2]] -= float(rng.uniform(200.0, 300.0))
    return observe(cross_entropy_loss, rng, logits, targets)


@case(tolerance=DIGITS_AT_TEN_THOUSAND)
def float32_rows_around_ten_thousand_are_stable(cross_entropy_loss, rng):
    """In float32 too, rows may lie around 10,000 and around -10,000."""
    logits, targets = draw(rng, 6, 4, torch.float32)
    return observe(cross_entropy_loss, rng, logits + tensor(signed(rng, 9e3, 1.1e4, (6, 1))), targets)


@case(title="equal logits give log(C)", rejects=["mean_inside_the_logarithm"])
def equal_logits_give_the_logarithm_of_c(cross_entropy_loss, rng):
    """Where the logits of a row are equal, each class has probability 1/C. Beside it stands an ordinary row."""
    logits, targets = draw(rng, 2, 6)
    logits[0] = float(np.round(rng.uniform(-3, 3), 2))
    pair, which = draw(rng, 2, 2)
    pair[1] = float(np.round(rng.uniform(-3, 3), 2))
    return {"both rows": observe(cross_entropy_loss, rng, logits, targets), "two classes": observe(cross_entropy_loss, rng, pair, which)}


@case(title="tells logits of a millionth apart")
def tells_tiny_logits_apart(cross_entropy_loss, rng):
    """Logits near 0 give a loss near log(C), and not exactly that."""
    logits, targets = draw(rng, 4, 5)
    narrow = {"logits": logits.float() * 2e-5, "targets": targets}
    without = observer.observe(lambda: cross_entropy_loss(*narrow.values()), narrow, rng, where="in float32")
    return observe(cross_entropy_loss, rng, logits * 1e-5, targets) | {"loss in float32": without["loss"]}


@case()
def one_class_has_loss_zero(cross_entropy_loss, rng):
    """With one class there is nothing to predict: the loss is 0, and so is the gradient. Two classes are like any number."""
    return {
        "one class": observe(cross_entropy_loss, rng, *draw(rng, 3, 1)),
        "two classes": observe(cross_entropy_loss, rng, *draw(rng, 3, 2)),
    }


@case(rejects=["loss_of_each_row_returned", "one_dimension_kept"])
def one_row_gives_its_own_loss(cross_entropy_loss, rng):
    """With B = 1 the loss is that of the row, as a tensor without dimensions."""
    return observe(cross_entropy_loss, rng, *draw(rng, 1, 4))
