"""The hidden suite of evaluating a model.

The models and losses are the suite's own, filled from `rng`. Batches differ in size and in their targets, so that each has
another loss. Models report what they see through a list outside of them, so that a copy of the model may be evaluated.

The standard cases come from a description of the tensors of which the model and the batches are made; what a call may not
change in the model is looked at where they are made. By hand are the cases that say what it is to evaluate.
"""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from torch_judge.authoring import Argument, Option, Result, Size, Tolerance, WrongAnswer, case, counterexample, describe, tensor


def measured(evaluate, *arguments):
    """Return what a call returns; a float of NumPy's is a Python float too."""
    value = evaluate(*arguments)
    return float(value) if isinstance(value, float) else value


def filled(rng, model, dtype=torch.float32):
    """Give every parameter and every running statistic of a model values from `rng`."""
    model.to(dtype)
    with torch.no_grad():
        for each in model.parameters():
            each.copy_(tensor(rng.uniform(0.3, 0.9, tuple(each.shape)) * rng.choice([-1.0, 1.0], tuple(each.shape))))
        for each in model.modules():
            if isinstance(each, nn.BatchNorm1d):
                each.running_mean.copy_(tensor(rng.uniform(0.4, 1.4, tuple(each.running_mean.shape))))
                each.running_var.copy_(tensor(rng.uniform(2.2, 3.7, tuple(each.running_var.shape))))
    return model


def linear(rng, features=4, dtype=torch.float32):
    """Make a model that does the same in both modes."""
    return filled(rng, nn.Sequential(nn.Linear(features, 1)), dtype)


def network(rng, features=4):
    """Make a model with batch norm and dropout, in training."""
    return filled(
        rng, nn.Sequential(nn.Linear(features, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.4), nn.Linear(6, 1))
    )


def mixed(rng, features=4):
    """Make a model in training with a backbone in evaluation, whose dropout is in training."""
    backbone = nn.Sequential(nn.Linear(features, 6), nn.BatchNorm1d(6), nn.Dropout(0.3))
    head = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 1))
    model = filled(rng, nn.Sequential(backbone, head))
    model.train()
    backbone.eval()
    backbone[2].train()
    return model


def batches(rng, *sizes, features=4, dtype=torch.float32):
    """Draw a batch of each size; the targets lie about another centre in each."""
    centres = 2.0 + 1.7 * rng.permutation(len(sizes))
    return [
        (tensor(rng.normal(size=(size, features)), dtype), tensor(centre + rng.normal(size=(size, 1)), dtype))
        for size, centre in zip(sizes, centres, strict=True)
    ]


def pinball(predictions, targets):
    """Compute a mean loss that takes too high and too low differently."""
    gap = targets - predictions
    return torch.maximum(0.8 * gap, -0.3 * gap).mean()


def squared(predictions, targets):
    """Compute the mean squared error, without a warning where shapes are broadcast."""
    return ((predictions - targets) ** 2).mean()


def modes(model):
    """Return the mode of every module, by name."""
    return {f"{name or 'model'}.training": module.training for name, module in model.named_modules()}


def contents(model):
    """Return the parameters and buffers of a model, with what hangs on them."""
    found = {name: value.detach().clone() for name, value in model.state_dict().items()}
    for name, each in model.named_parameters():
        found[f"{name}.requires_grad"] = each.requires_grad
        found[f"{name}.grad"] = None if each.grad is None else each.grad.clone()
    return found


def caught(evaluate, *arguments):
    """Return what a call raises, None if it raises nothing."""
    try:
        evaluate(*arguments)
    except BaseException as error:
        return error
    return None


def after(model, raised, error):
    """Observe what a call that was to fail has left behind."""
    return {
        "raised": type(raised).__name__,
        "the same exception": raised is error,
        "gradients are recorded": torch.is_grad_enabled(),
        **modes(model),
    }


def everything(model):
    """Return all that a call has to leave as it is: of the model, and of the caller's settings."""
    return {
        **modes(model),
        **contents(model),
        **{f"hooks of {name or 'the model'}": count_hooks(module) for name, module in model.named_modules()},
        "whether gradients are recorded": torch.is_grad_enabled(),
        "the default dtype": torch.get_default_dtype(),
        "the seed of the caller's generator": torch.initial_seed(),
    }


def count_hooks(module):
    """Count the hooks of a module."""
    return len(module._forward_hooks) + len(module._forward_pre_hooks) + len(module._backward_hooks)


def watched(evaluate, model, loader, loss_fn):
    """Return what a call returns, and see that everything is as it was before."""
    before = everything(model)
    result = measured(evaluate, model, loader, loss_fn)
    after = everything(model)
    for name, value in before.items():
        if name not in after or not same(value, after[name]):
            raise WrongAnswer(f"{name} after the call: expected what it was before, found something else")
    return result


def same(one, other):
    """Tell whether two tensors, or what stands in the place of one, are the same."""
    return torch.equal(one, other) if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor) else one == other


def measure(evaluate, inputs, targets, weight, bias, gamma, beta, running_mean, running_var):
    """Make a model and a loader of tensors, and evaluate."""
    model = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(2), nn.Dropout(0.5))
    model[0].weight, model[0].bias = nn.Parameter(weight), nn.Parameter(bias)
    model[1].weight, model[1].bias = nn.Parameter(gamma), nn.Parameter(beta)
    model[1].running_mean, model[1].running_var = running_mean, running_var
    return watched(evaluate, model, list(zip(inputs.split(4), targets.split(4), strict=True)), pinball)


def held(name, shape="2", **how):
    """Describe what the model holds; a loss sends nothing back to it."""
    return Argument(name, shape, differentiable=False, views=False, **how)


call = describe(
    sizes={"samples": Size(10, large=130, one=False), "features": Size(4, large=1)},
    arguments=[
        Argument("inputs", "samples features", differentiable=False, zeros=False, ones=False),
        Argument("targets", "samples 2", between=(101, 197), differentiable=False, zeros=False, ones=False),
        held("weight", "2 features"),
        held("bias"),
        held("gamma"),
        held("beta"),
        held("running_mean", zeros=False, ones=False),
        held("running_var", between=(1.3, 3.1), positive=True, scales=2, zeros=False, ones=False),
    ],
    results=[Result("result", number=True, shape="")],
    call=measure,
    float32=False,
    draws=True,  # a loader does
    tolerance=Tolerance(relative=1e-5, of_scale=1e-5),
    without={
        "works_with_equal_sizes": "What is written reduces no axis: the model and the loss do.",
        "works_when_values_are_all_equal": "The numbers are handed on and not looked at; zeros and ones stand for all.",
        "works_when_values_are_all_negative": "The numbers are handed on and not looked at; a case by hand has losses below 0.",
        "works_on_non_contiguous_input": "The tensors are handed on and not read.",
    },
)


class Broken(Exception):
    """What the suite's own models, loaders and losses raise."""


class Halved(nn.Module):
    """A layer of a class of its own, which halves in evaluation and does not in training."""

    def forward(self, x):
        return x if self.training else x / 2


class Shifted(nn.Module):
    """A model that looks at its own mode."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return self.body(x) + (4.1 if self.training else 0.6)


class Pooled(nn.Module):
    """A layer that averages over the steps of a sequence."""

    def forward(self, x):
        return x.mean(dim=1)


@case(
    rejects=[
        "mean_of_batch_means",
        "losses_added_up",
        "losses_divided_by_samples",
        "divided_by_the_number_of_batches",
        "first_batch_size_for_all",
        "last_batch_only",
        "first_batch_only",
        "loss_arguments_swapped",
        "softmax_before_the_loss",
        "returns_a_tensor",
    ]
)
def the_result_is_the_mean_over_all_samples(evaluate, rng):
    """Each batch's mean loss counts as often as the batch has samples; the sum is divided by the number of all samples."""
    return {"result": measured(evaluate, linear(rng), batches(rng, 5, 5, 5, 2), pinball)}


@case(rejects=["forgot_eval", "only_the_flag_of_the_model"])
def dropout_and_batch_norm_are_in_eval_mode(evaluate, rng):
    """All layers are in eval mode while the batches run: no dropout, and no statistics of the batch."""
    return {"result": measured(evaluate, network(rng), batches(rng, 7, 7, 3), pinball)}


@case(rejects=["only_known_layers_switched"])
def custom_layers_are_in_eval_mode_too(evaluate, rng):
    """A layer of a class that you do not know may look at self.training: every module of the model is in eval mode."""
    model = nn.Sequential(linear(rng), nn.Sequential(Halved(), nn.Identity()))
    return {"result": measured(evaluate, model, batches(rng, 3, 2), pinball)}


@case()
def the_model_itself_is_in_eval_mode_too(evaluate, rng):
    """The model's own forward may look at self.training, and so may the modules right under it."""
    return {"result": measured(evaluate, Shifted(linear(rng)), batches(rng, 3, 4), pinball)}


@case(
    title="parameters, gradients and buffers do not change",
    rejects=[
        "forgot_eval",
        "only_the_flag_of_the_model",
        "gradients_zeroed",
        "parameters_left_frozen",
        "backward_left_in",
    ]
)
def parameters_gradients_and_buffers_do_not_change(evaluate, rng):
    """Evaluation changes nothing: not the parameters, not their gradients or requires_grad, and not the buffers."""
    model = network(rng)
    loader = batches(rng, 4, 3)
    for each in model.parameters():
        each.grad = tensor(rng.normal(size=tuple(each.shape)))
    model[0].weight.requires_grad_(False)
    model[4].bias.grad = None
    evaluate(model, loader, pinball)
    return contents(model)


@case(rejects=["left_in_eval_mode", "always_in_training_mode_afterwards", "one_mode_for_all_restored"])
def every_module_gets_its_own_mode_back(evaluate, rng):
    """A model may be in mixed modes, a frozen part in eval mode inside a model in training: each module gets its own
    mode back.
    """
    model = nn.Sequential(mixed(rng), *(nn.Identity().train(n % 3 == 0) for n in range(12)))
    evaluate(model, batches(rng, 4, 3), pinball)
    return modes(model)


@case(rejects=["always_in_training_mode_afterwards"])
def a_model_in_eval_mode_stays_in_eval_mode(evaluate, rng):
    """A model that was in eval mode before the call is in eval mode after it."""
    model = network(rng).eval()
    results = []
    for far in (3.0, 2000.0):
        loader = batches(rng, 4, 3)
        loader[0][1][0] = far
        results.append(watched(evaluate, model, loader, pinball))
    return {"results": results, **modes(model)}


@case(rejects=["restored_from_the_top_down"])
def a_module_used_in_two_places_gets_its_mode_back(evaluate, rng):
    """One module may be part of two others: to give the second of these its mode back must not change the module's."""
    shared = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
    model = filled(rng, nn.Sequential(nn.Sequential(shared), nn.Sequential(shared, nn.Linear(4, 1))))
    model.train()
    shared.eval()
    result = measured(evaluate, model, batches(rng, 3, 5), pinball)
    return {"result": result, **modes(model)}


@case(
    rejects=[
        "not_restored_after_an_error",
        "failing_batches_skipped",
        "error_replaced",
        "gradients_left_off_after_an_error",
    ]
)
def modes_are_restored_when_the_loss_raises(evaluate, rng):
    """When loss_fn raises, the same exception reaches the caller, every module has its mode back, and gradients are recorded as before."""
    model, error = mixed(rng), Broken("the loss")
    seen = []

    def loss(predictions, targets):
        seen.append(len(targets))
        if len(seen) == 2:
            raise error
        return pinball(predictions, targets)

    return after(model, caught(evaluate, model, batches(rng, 3, 3, 2), loss), error)


@case(rejects=["not_restored_after_an_error", "failing_batches_skipped"])
def modes_are_restored_when_the_model_raises(evaluate, rng):
    """When the model raises, the same exception reaches the caller and every module has its mode back."""
    error = Broken("the model")

    class Fragile(nn.Module):
        def forward(self, x):
            if len(x) == 2:
                raise error
            return x

    model = nn.Sequential(Fragile(), mixed(rng))
    return after(model, caught(evaluate, model, batches(rng, 3, 2, 3), pinball), error)


@case(rejects=["not_restored_after_an_error", "loader_not_guarded", "error_replaced"])
def modes_are_restored_when_the_loader_raises(evaluate, rng):
    """When the loader raises between two batches, the same exception reaches the caller and every module has its mode back."""
    model, error = mixed(rng), Broken("the loader")

    def loader():
        yield from batches(rng, 3, 2)
        raise error

    return after(model, caught(evaluate, model, loader(), pinball), error)


@case(title="modes are restored when iter(loader) raises", rejects=["iterator_made_before_the_guard", "not_restored_after_an_error"])
def modes_are_restored_when_iter_loader_raises(evaluate, rng):
    """A loader may raise when it is asked for its iterator, before its first batch: every module has its mode back then, too."""
    model, error = mixed(rng), Broken("iter")

    class Loader:
        def __iter__(self):
            raise error

    return after(model, caught(evaluate, model, Loader(), pinball), error)


@case(title="modes are restored after any BaseException", rejects=["only_ordinary_errors_guarded"])
def modes_are_restored_after_any_base_exception(evaluate, rng):
    """Not every error is an Exception: whatever comes out of the model, the loader or the loss, every module has its mode back. A
    StopIteration and a KeyError reach the caller, too, and are no end of the loader.
    """

    class Ended(BaseException):
        pass

    def ending(*_):
        raise error

    def loader():
        yield batch
        raise error

    model, broken, batch, seen = mixed(rng), mixed(rng), batches(rng, 3)[0], {}
    broken[0].register_forward_pre_hook(ending)
    for kind in (Ended, StopIteration, KeyError):
        error = kind("of the suite")
        for name, (network, data, loss) in {
            "of the model": (broken, [batch], pinball),
            "of the loader": (model, loader(), pinball),
            "of the loss": (model, [batch], ending),
        }.items():
            if kind is not StopIteration or isinstance(data, list):  # Python makes another error of it in a generator
                seen[f"{kind.__name__} {name}"] = after(network, caught(evaluate, network, data, loss), error)
    return seen


@case(title="modes are restored after a KeyboardInterrupt", rejects=["only_ordinary_errors_guarded", "not_restored_after_an_error"])
def modes_are_restored_after_a_keyboard_interrupt(evaluate, rng):
    """A KeyboardInterrupt, as from stopping the cell, is no Exception, and still every module gets its mode back."""
    model, error = mixed(rng), KeyboardInterrupt()

    def loss(predictions, targets):
        raise error

    return after(model, caught(evaluate, model, batches(rng, 3, 3), loss), error)


@case(rejects=["no_grad_forgotten", "detached_after_the_forward"])
def the_model_runs_without_gradients(evaluate, rng):
    """Gradients are off while the model runs; otherwise every batch keeps all its activations."""
    seen = []

    class Spy(nn.Module):
        def forward(self, x):
            seen.append(x.requires_grad)
            return x

    model = nn.Sequential(linear(rng), Spy())
    result = measured(evaluate, model, batches(rng, 3, 2), pinball)
    return {"result": result, "an activation requires gradients": any(seen)}


@case(rejects=["loss_outside_no_grad", "no_grad_forgotten"])
def the_loss_runs_without_gradients(evaluate, rng):
    """A loss may have parameters of its own: gradients are off while it runs, too."""
    weight = tensor(rng.uniform(1.2, 1.9)).requires_grad_()
    seen = []

    def loss(predictions, targets):
        weighted = weight * pinball(predictions, targets)
        seen.append(weighted.requires_grad)
        return weighted

    result = measured(evaluate, linear(rng), batches(rng, 3, 2), loss)
    return {"result": result, "the loss requires gradients": any(seen)}


@case(rejects=["gradients_left_off", "gradients_always_on_afterwards"])
def the_gradient_mode_is_restored_afterwards(evaluate, rng):
    """Gradients are on after the call where they were on before, and off where they were off."""
    model, loader = linear(rng), batches(rng, 3, 2)
    evaluate(model, loader, pinball)
    normally = torch.is_grad_enabled()
    with torch.no_grad():
        evaluate(model, loader, pinball)
        under_no_grad = torch.is_grad_enabled()
    return {"recorded afterwards": normally, "recorded afterwards, under no_grad": under_no_grad}


@case(rejects=["loader_read_twice"])
def works_with_a_generator(evaluate, rng):
    """A loader may be a generator, which has no length and can be read only once, or an object with __getitem__ alone."""
    model, data = linear(rng), batches(rng, 5, 3, 3)

    class Numbered:
        def __getitem__(self, number):
            return data[number]

    return {
        "result": measured(evaluate, model, (each for each in data), pinball),
        "result with __getitem__": measured(evaluate, model, Numbered(), pinball),
    }


@case(rejects=["all_batches_collected_first"])
def each_batch_is_used_before_the_next_is_loaded(evaluate, rng):
    """A loader may bring all its batches in the same memory: a batch that is kept for later is overwritten by then."""
    drawn = batches(rng, 5, 5, 2)

    def loader():
        inputs, targets = torch.empty(5, 4), torch.empty(5, 1)
        for new_inputs, new_targets in drawn:
            n = len(new_inputs)
            inputs[:n], targets[:n] = new_inputs, new_targets
            yield inputs[:n], targets[:n]

    return {"result": measured(evaluate, linear(rng), loader(), pinball)}


@case(rejects=["one_loss_over_everything", "model_called_twice"])
def model_and_loss_are_called_once_per_batch(evaluate, rng):
    """Model and loss_fn are called for each batch, in the order of the loader, and not for anything else."""
    given, seen = [], []

    class Spy(nn.Module):
        def forward(self, x):
            given.append(len(x))
            return x

    def loss(predictions, targets):
        seen.append([len(predictions), len(targets)])
        return pinball(predictions, targets)

    result = measured(evaluate, nn.Sequential(Spy(), linear(rng)), batches(rng, 5, 3, 4), loss)
    return {"result": result, "sizes seen by the model": given, "sizes seen by loss_fn": seen}


@case(title="works with a DataLoader", rejects=["mean_of_batch_means"])
def works_with_a_dataloader(evaluate, rng):
    """A DataLoader yields lists of two tensors, its last batch may be smaller, and it need not yield all that its dataset holds."""
    inputs, targets = batches(rng, 11)[0]
    targets = targets + tensor(range(11)).unsqueeze(1)
    samples, model = TensorDataset(inputs, targets), network(rng)
    loaders = {
        "result": DataLoader(samples, batch_size=4),
        "with drop_last": DataLoader(samples, batch_size=4, drop_last=True),
        "with a sampler": DataLoader(samples, batch_size=2, sampler=[9, 2, 7, 0, 4, 10]),
    }
    return {name: measured(evaluate, model, loader, pinball) for name, loader in loaders.items()}


@case(rejects=["predictions_squeezed"])
def predictions_keep_their_shape(evaluate, rng):
    """Predictions of shape (N, 1) meet targets of shape (N, 1); a changed shape is broadcast without a word."""
    return {"result": measured(evaluate, linear(rng), batches(rng, 3, 1, 2), squared)}


@case(rejects=["weighted_by_elements"])
def batches_are_weighted_by_their_number_of_samples(evaluate, rng):
    """A batch counts with its number of samples, however many numbers a sample and its target have: sentences differ in
    length.
    """
    inputs_differ, targets_differ = [], []
    for (inputs, targets), steps in zip(batches(rng, 4, 3, 2), (2, 5, 7), strict=True):
        sentences = inputs.unsqueeze(1) + tensor(rng.normal(size=(len(inputs), steps, 4)))
        inputs_differ.append((sentences, targets))
        targets_differ.append((sentences, targets.unsqueeze(1) + tensor(rng.normal(size=(len(inputs), steps, 1)))))
    return {
        "a target for each sentence": measured(evaluate, nn.Sequential(Pooled(), linear(rng)), inputs_differ, pinball),
        "a target for each word": measured(evaluate, linear(rng), targets_differ, pinball),
    }


@case(rejects=["softmax_before_the_loss"])
def works_with_integer_inputs(evaluate, rng):
    """Inputs and targets keep their dtype: token numbers go to an embedding, class numbers to a loss."""
    model = filled(rng, nn.Sequential(nn.Embedding(9, 5), nn.Linear(5, 3)))
    loader = [(tensor(rng.integers(0, 9, n), torch.int64), tensor(rng.integers(0, 3, n), torch.int64)) for n in (6, 1)]
    return {"result": measured(evaluate, model, loader, nn.functional.cross_entropy)}


@case(rejects=["rounded_for_the_log"])
def works_with_float64_losses(evaluate, rng):
    """A model in float64 has losses in float64, which may be small or below 0; the result is a Python float as ever."""
    model, loader = linear(rng, dtype=torch.float64), batches(rng, 5, 3, 7, dtype=torch.float64)

    def small(predictions, targets):
        return 0.001 * pinball(predictions, targets)

    def below_zero(predictions, targets):
        return -small(predictions, targets)

    return {
        "all batches": measured(evaluate, model, loader, small),
        "one batch": measured(evaluate, model, loader[:1], small),
        "losses below 0": measured(evaluate, model, loader, below_zero),
    }


@case(title="NaN and inf losses show in the result", rejects=["nan_batches_skipped"])
def nan_and_inf_losses_show_in_the_result(evaluate, rng):
    """A NaN or an infinity among the losses is in the result: a model that has diverged must not look healthy."""
    model, loader = linear(rng), batches(rng, 4, 3, 2)
    loader[2][1][0] = float("inf")
    infinite = [measured(evaluate, model, loader, loss) for loss in (pinball, lambda *pair: -pinball(*pair))]
    loader[1][1][0] = float("nan")
    return {"infinite": infinite, "nan": measured(evaluate, model, loader, pinball)}


@case(rejects=["left_in_eval_mode_by_an_empty_loader"])
def modes_are_restored_after_an_empty_loader(evaluate, rng):
    """There is no mean over no samples; whatever is returned or raised then, every module has its mode back."""
    model = mixed(rng)
    caught(evaluate, model, [], pinball)
    return modes(model)


@case(title="the model's hooks run", rejects=["forward_called_directly"])
def the_models_hooks_run(evaluate, rng):
    """The model is called as model(inputs). model.forward(inputs) alone would leave out the hooks."""
    model, factor = linear(rng), float(rng.uniform(1.6, 2.7))
    model.register_forward_pre_hook(lambda _, arguments: (factor * arguments[0],))
    return {"result": measured(evaluate, model, batches(rng, 3, 2), pinball)}


@case(rejects=["losses_remembered_from_the_call_before"])
def each_call_evaluates_from_scratch(evaluate, rng):
    """A call on the same model, with the same batches, with others or with other weights, starts from nothing."""
    model, first, second = network(rng), batches(rng, 5, 3), batches(rng, 5, 3)
    second[1][1][0] = 2000.0
    results = [watched(evaluate, model, loader, pinball) for loader in (first, second, second, first, first)]
    filled(rng, model)
    return {"results": [*results, *(watched(evaluate, model, first, pinball) for _ in range(2))]}


@case()
def frozen_parameters_stay_frozen(evaluate, rng):
    """Some parameters may require grad and others not, or none: each is afterwards as it was before."""
    model, results = network(rng), {}
    for name, frozen in {**dict(model.named_parameters()), "all": model, "all of them": model}.items():
        loader = batches(rng, 4, 3)
        loader[1][1][0] += 2000.0
        model.requires_grad_(True)
        frozen.requires_grad_(False)
        results[f"without gradients of {name}"] = watched(evaluate, model, loader, pinball)
    return results


@case(rejects=["seeds_the_generator"])
def the_random_generator_is_left_alone(evaluate, rng):
    """Who seeds the generator in an evaluation gives the training after it the same random numbers each time."""
    model, loader = network(rng), batches(rng, 4, 3)
    torch.manual_seed(int(rng.integers(1000, 2**31)))
    evaluate(model, loader, pinball)
    return {"the next random numbers": torch.rand(5)}


@case(rejects=["loss_weighted_in_place"])
def batches_and_losses_are_not_changed_in_place(evaluate, rng):
    """The batches belong to the loader, and the losses to loss_fn, which may keep them for its own record."""
    loader, kept = batches(rng, 4, 3), []

    def loss(predictions, targets):
        kept.append(pinball(predictions, targets))
        return kept[-1]

    result = measured(evaluate, linear(rng), loader, loss)
    return {"result": result, "losses": [float(each) for each in kept], "batches": [list(each) for each in loader]}


@case(rejects=["twenty_batches_are_enough"])
def a_long_loader_is_read_to_its_end(evaluate, rng):
    """Fifty batches of changing sizes are all part of the mean."""
    return {"result": measured(evaluate, linear(rng), batches(rng, *rng.integers(1, 6, 50)), pinball)}


@case(rejects=["added_up_in_half_precision"])
def many_losses_are_added_up_accurately(evaluate, rng):
    """The sum is kept in float32 or better: after some hundred batches, or one of 2500 samples, one more batch still counts for what it is."""
    return {"result": measured(evaluate, linear(rng), batches(rng, 2500, *rng.integers(1, 4, 300)), pinball)}


LOSSES = {
    "the mean of (predictions - targets) ** 2": squared,
    "the mean of max(predictions - targets, 2 * (targets - predictions))": lambda p, t: torch.maximum(p - t, 2 * (t - p)).mean(),
    "a thousandth of the mean of (predictions - targets) ** 2": lambda p, t: squared(p, t) / 1000,
}
INTERRUPT = "the loss raises KeyboardInterrupt at its last batch"
FAILURES = (
    "the loss raises Broken at its last batch",
    "the model raises Broken at its last batch",
    "the loader raises Broken after its last batch",
    "iter(loader) raises Broken",
)
MODELS = (
    "nn.Sequential(nn.Linear(1, 1))",
    "nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))",
    "nn.Sequential(nn.Linear(1, 1), nn.Dropout(1.0))",
    "nn.Sequential(nn.Linear(1, 1), Halved())",
    "Shifted(nn.Linear(1, 1))",
    "nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.Identity()))",
    "nn.Sequential(nn.Sequential(shared), nn.Sequential(shared)), where shared is nn.Sequential(nn.Linear(1, 1))",
)
CLASSES = {
    "Halved": "a layer that returns x in training and x / 2 in evaluation",
    "Shifted": "returns what stands in it, and 4.1 more in training, 0.6 more in evaluation",
}
SPECIAL = (
    "",
    "failure",
    "interrupt",
    "second call",
    "generator",
    "one memory",
    "gradients",
    "frozen",
    "no_grad",
    "not a number",
    "sequences",
)
"""What else is particular in a small call, one thing at a time, so that each comes up often."""


def small_call(draw):
    """Draw a model of one or two layers, and a few batches of a few numbers."""
    special, model = draw.choice(SPECIAL), draw.choice(MODELS)
    sizes = [draw.integer(1, 3) for _ in range(draw.choice((1, 2, 3, 0)))]
    if special == "sequences":
        model = MODELS[0]
    call = {"model": model, **{name: text for name, text in CLASSES.items() if name in model}}
    call["mode"] = draw.choice(("model.train()", "model.eval()"))
    if draw.boolean():
        call["mode of its last layer"] = "eval()" if call["mode"] == "model.train()" else "train()"
    call |= {"weight": draw.number(-2, 3, plainest=1), "bias": draw.number(-2, 3)}
    if "BatchNorm" in model:
        call |= {"running_mean": draw.number(-2, 3), "running_var": draw.number(0.5, 4, plainest=1)}
    for n, size in enumerate(sizes, 1):
        shape = (size, draw.integer(1, 2), 1) if special == "sequences" else (size, 1)
        call[f"inputs of batch {n}"] = tensor(draw.array(shape, -3, 4))
        call[f"targets of batch {n}"] = tensor(draw.array(shape, -3, 4))
    if not sizes:
        call["loader"] = "[]"
    call["loss_fn"] = draw.choice(list(LOSSES))
    return call | draw_particulars(draw, special, call, len(sizes))


def draw_particulars(draw, special, call, batches):
    """Draw what is particular in a small call."""
    if special == "failure" and batches:
        return {"failure": draw.choice(FAILURES)}
    if special == "interrupt" and batches:
        return {"failure": INTERRUPT}
    if special == "not a number" and batches:
        call[f"targets of batch {batches}"][0] = float("nan")
    return {
        "second call": {"a second call": "with the first batch alone"} if batches else {},
        "generator": {"loader": "a generator"},
        "one memory": {"loader": "a generator that brings each batch in the same memory"},
        "gradients": {"weight.grad": 1.0},
        "frozen": {"weight.requires_grad": False},
        "no_grad": {"called under": "torch.no_grad()"},
    }.get(special, {})


def small_model(call):
    """Make the model that a small call describes."""
    layer = nn.Linear(1, 1)
    kinds = {"BatchNorm": nn.BatchNorm1d(1), "Dropout": nn.Dropout(1.0), "Halved": Halved()}
    second = [kind for name, kind in kinds.items() if name in call["model"]]
    if "Shifted" in call["model"]:
        model = Shifted(layer)
    elif "shared" in call["model"]:
        shared = nn.Sequential(layer)
        model = nn.Sequential(nn.Sequential(shared), nn.Sequential(shared))
    elif "Identity" in call["model"]:
        model = nn.Sequential(nn.Sequential(layer, nn.Identity()))
    else:
        model = nn.Sequential(layer, *second)
    with torch.no_grad():
        layer.weight.fill_(call["weight"]), layer.bias.fill_(call["bias"])
        if "running_mean" in call:
            second[0].running_mean.fill_(call["running_mean"]), second[0].running_var.fill_(call["running_var"])
    model.train(call["mode"] == "model.train()")
    if "mode of its last layer" in call:
        leaves = [module for module in model.modules() if not list(module.children())]
        leaves[-1].train(call["mode of its last layer"] == "train()")
    if "weight.grad" in call:
        layer.weight.grad = torch.ones(1, 1)
    layer.weight.requires_grad_("weight.requires_grad" not in call)
    return model, layer


def in_one_memory(pairs):
    """Bring each batch in the memory of the one before."""
    most = max((len(targets) for _, targets in pairs), default=0)
    held = torch.empty(most, 1), torch.empty(most, 1)
    for pair in pairs:
        for memory, values in zip(held, pair, strict=True):
            memory[: len(values)] = values
        yield tuple(memory[: len(pair[1])] for memory in held)


def small_loader(call, pairs):
    """Make the loader that a small call describes."""
    failure = call.get("failure")
    if "same memory" in call.get("loader", ""):
        return in_one_memory(pairs)
    if failure == "iter(loader) raises Broken":
        return Unreadable()
    if failure == "the loader raises Broken after its last batch":
        return break_off(pairs)
    return iter(pairs) if "generator" in call.get("loader", "") else pairs


class Unreadable:
    """A loader that cannot be read."""

    def __iter__(self):
        raise Broken("iter")


def break_off(pairs):
    """Bring each batch, and then raise."""
    yield from pairs
    raise Broken("the loader")


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def what_a_small_call_returns_and_leaves_behind(evaluate, call):
    """What the call returns or raises, the modes afterwards, and what it changed or recorded that it should not have."""
    with torch.set_grad_enabled("called under" not in call):
        return observe_small_call(evaluate, call)


def observe_small_call(evaluate, call):
    """Make the model and the loader of a small call, evaluate, and observe."""
    (model, layer), failure, recorded = small_model(call), call.get("failure"), set()
    pairs = [(call[f"inputs of batch {n}"], call[f"targets of batch {n}"]) for n in (1, 2, 3) if f"inputs of batch {n}" in call]
    before, given, seed = contents(model), [[each.clone() for each in pair] for pair in pairs], torch.initial_seed()
    scale, losses, inside, hooked = torch.ones((), requires_grad=True), [], [], []

    def watch(_, __, output):
        inside.append(len(output))
        if failure == "the model raises Broken at its last batch" and len(inside) == len(pairs):
            raise Broken("the model")
        recorded.update({"an activation"} if output.requires_grad else ())

    def loss(predictions, targets):
        if failure in (FAILURES[0], INTERRUPT) and len(losses) == len(pairs) - 1:
            raise Broken("the loss") if failure == FAILURES[0] else KeyboardInterrupt
        value = scale * LOSSES[call["loss_fn"]](predictions, targets)
        recorded.update({"the loss"} if value.requires_grad else ())
        losses.append((value, value.detach().clone()))
        return value

    layer.register_forward_hook(watch)
    model.register_forward_hook(lambda *_: hooked.append(1))
    seen, loader = {}, small_loader(call, pairs)
    if failure:
        error = caught(evaluate, model, loader, loss)
        if error is not None and not isinstance(error, Broken | KeyboardInterrupt):
            raise error  # it is shown with its line
        seen["raised"] = type(error).__name__
    elif not pairs:
        caught(evaluate, model, loader, loss)
    else:
        seen["result"] = measured(evaluate, model, loader, loss)
        seen |= {"calls of the model's hook": len(hooked), "calls of loss_fn": len(losses)}
    seen |= {f"{name} requires gradients": True for name in sorted(recorded)}
    seen |= {f"loss {n} after the call": value for n, (value, kept) in enumerate(losses, 1) if differ(value.detach(), kept)}
    if "a second call" in call:
        seen["result of the second call"] = measured(evaluate, model, pairs[:1], loss)
    seen |= {f"{write(name)}.training": module.training for name, module in model.named_modules()}
    seen["torch.is_grad_enabled()"] = torch.is_grad_enabled()
    seen |= {"the generator was seeded": True} if torch.initial_seed() != seed else {}
    for n, (pair, kept) in enumerate(zip(pairs, given, strict=True), 1):
        for name, one, old in zip(("inputs", "targets"), pair, kept, strict=True):
            seen |= {f"{name} of batch {n} after the call": one} if differ(one, old) else {}
    return seen | {f"{write(name)} after the call": value for name, value in contents(model).items() if not same(value, before[name])}


def write(name):
    """Write the name of a module, or of what it holds, as a learner reaches it: model[0].weight."""
    return "model" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in name.split(".") if part)


def differ(one, other):
    """Tell whether two tensors differ; what is not a number is like itself."""
    return not torch.equal(one.nan_to_num(7e7), other.nan_to_num(7e7))
