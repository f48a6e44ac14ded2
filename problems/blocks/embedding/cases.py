"""The hidden suite of an embedding.

The table is filled with drawn numbers, so that nothing depends on initial ones, and the results are compared to the bit. The
standard cases come from the description; by hand are single indices, no indices, repeated ones, and what a new layer is.
"""

import numpy as np
import torch
from torch import nn

from torch_judge.authoring import (
    Argument,
    Result,
    Tolerance,
    WrongAnswer,
    build,
    case,
    counterexample,
    deep_copy,
    describe,
    fill,
    gradients,
    load_state,
    signed,
    tensor,
    tensor_of,
)

EXACT = Tolerance(relative=0.0, of_scale=0.0)
"""Rows are copied, or multiplied by 1 and added to zeros."""

suite = describe(
    sizes={"num_embeddings": 7, "embedding_dim": 5, "texts": 2, "positions": 3},
    made_with=["num_embeddings", "embedding_dim"],
    parameters=[Argument("weight", "num_embeddings embedding_dim")],
    arguments=[
        Argument(
            "indices",
            "texts positions",
            also=["positions", "texts 1 positions", "texts positions 1 4"],
            integers=(0, "num_embeddings"),
        )
    ],
    results=[Result("output", shape="texts positions embedding_dim")],
)


def filled(Layer, values, dtype=torch.float32):
    """Make a layer whose table holds these numbers."""
    layer = build(Layer, *values.shape)
    tensor_of(layer, "weight")
    layer.to(dtype)
    fill("weight", tensor_of(layer, "weight"), values)
    return layer


def drawn(Layer, rng, rows, features, dtype=torch.float32):
    """Make a layer whose table holds drawn numbers; none is 0 or 1, and all differ."""
    return filled(Layer, signed(rng, 1.2, 3.4, (rows, features)), dtype)


def mixed(rng, rows, *shape):
    """Draw indices in no order."""
    return torch.from_numpy(rng.integers(0, rows, shape))


@case(rejects=["columns_looked_up", "indices_shifted_by_one", "row_zero_is_zeros"], tolerance=EXACT)
def looks_up_rows_of_weight(Layer, rng):
    """Each index gives its row of weight, to the last digit: in any order, more than once, the first and the last one too, and
    thousands of them.
    """
    layer = drawn(Layer, rng, 6, 6)
    order = torch.from_numpy(np.concatenate([rng.permutation(6), rng.integers(0, 6, 3)]))
    seen = {"each row": layer(order), "of two dimensions": layer(mixed(rng, 6, 2, 4)), "of three": layer(mixed(rng, 6, 2, 1, 3))}
    return seen | {"9000 indices": drawn(Layer, rng, 5, 1)(mixed(rng, 5, 9000))}


@case(rejects=["squeezed_output"], tolerance=EXACT)
def works_with_a_single_index(Layer, rng):
    """A single index, a tensor without dimensions, gives one row of shape (embedding_dim,), and that row gets the gradient."""
    seen = {}
    for name, dtype, features in (("float32", torch.float32, 3), ("float64", torch.float64, 3), ("one feature", torch.float64, 1)):
        layer = drawn(Layer, rng, 5, features, dtype)
        for mode in ("train", "eval"):
            index = torch.tensor(int(rng.integers(0, 5)))
            before = index.clone(), tensor_of(layer, "weight").detach().clone()
            output = getattr(layer, mode)()(index)
            found = gradients(output, {"weight": tensor_of(layer, "weight")}, tensor(rng.normal(size=features)))
            with torch.no_grad():
                off = layer(index).clone()
            seen[f"{name}, {mode}"] = {"output": output.clone(), "output under torch.no_grad()": off, **found}
            if not (torch.equal(index, before[0]) and torch.equal(tensor_of(layer, "weight"), before[1])):
                raise WrongAnswer("index or weight after the call: expected the same as before, found another")
            tensor_of(layer, "weight").data.mul_(0.5)
            with torch.no_grad():
                seen[f"{name}, {mode}, after a step"] = layer(index).clone()
    with torch.inference_mode():
        seen["under torch.inference_mode()"] = layer(torch.tensor(3)).clone()
    if not tensor_of(layer, "weight").is_leaf:
        raise WrongAnswer("weight: expected a parameter, found the result of a computation")
    layer.weight.requires_grad_(False)
    seen["requires_grad where weight does not"] = layer(torch.tensor(2)).requires_grad
    return seen


@case(rejects=["row_zero_is_zeros"], tolerance=EXACT)
def single_index_of_every_row(Layer, rng):
    """Every row can be looked up alone, as an index without dimensions or with one; weight may have one row, or one number."""
    layer = drawn(Layer, rng, 4, 3)
    seen = {f"row {n}": (layer(torch.tensor(n)), layer(torch.tensor([n])), layer(torch.tensor([[n]]))) for n in range(4)}
    alone = drawn(Layer, rng, 1, 1)
    return seen | {"one number": (alone(torch.tensor(0)), alone(torch.tensor([0])), alone(torch.tensor([[0], [0]])))}


@case()
def works_without_any_index(Layer, rng):
    """Where there is nothing to look up, the result is empty: of the shape of indices, with embedding_dim behind it."""
    seen = {}
    for shape in ((0,), (2, 0), (0, 3), (2, 0, 1)):
        for dtype in (torch.float32, torch.float64):
            layer = drawn(Layer, rng, 5, 4, dtype)
            seen[f"{shape}, {dtype}"] = layer(torch.zeros(shape, dtype=torch.int64)).detach().clone()
    return seen


@case(rejects=["repeated_indices_count_once", "gradient_averaged_over_repeats", "weight_detached", "sparse_gradient"])
def gradients_of_repeated_indices_add_up(Layer, rng):
    """A row gets the sum of the gradients of all its places, and a row that does not occur gets zeros, in a dense tensor."""
    layer = drawn(Layer, rng, 6, 3, torch.float64)
    weight = tensor_of(layer, "weight")
    most = int(rng.integers(0, 6))
    seen = {}
    for name, indices in (
        ("mixed", torch.tensor([[most, 2, most, 4], [0, most, 0, 2]])),
        ("one row only", torch.full((5,), most)),
        ("each row once", torch.from_numpy(rng.permutation(6))),
    ):
        output = layer(indices)
        found = gradients(output, {"weight": weight}, tensor(rng.normal(size=(*indices.shape, 3)), torch.float64))
        if found["gradient of weight"].layout is not torch.strided:
            raise WrongAnswer("gradient of weight: expected a dense tensor, found a sparse one")
        seen[name] = {"output": output, **found}
    large = drawn(Layer, rng, 9000, 1, torch.float64)
    found = gradients(large(torch.tensor([3, 8999, 3])), {"weight": large.weight}, tensor(rng.normal(size=(3, 1)), torch.float64))
    if found["gradient of weight"].layout is not torch.strided:
        raise WrongAnswer("gradient of weight, of a large table: expected a dense tensor, found a sparse one")
    return seen | {"a large table": found}


@case(rejects=["gradient_of_row_zero_is_zero"])
def row_zero_learns_like_any_other(Layer, rng):
    """Index 0 is no padding: its row comes out as it is, and gets its gradient."""
    layer = drawn(Layer, rng, 4, 3, torch.float64)
    indices = torch.tensor([[0, 0, 2], [1, 0, 3]])
    output = layer(indices)
    return {"output": output, **gradients(output, {"weight": layer.weight}, tensor(rng.normal(size=(2, 3, 3)), torch.float64))}


@case()
def output_shares_no_memory_with_weight(Layer, rng):
    """The result is a new tensor, also where it holds all rows in order, or only one of them."""
    layer = drawn(Layer, rng, 4, 3)
    weight, seen = tensor_of(layer, "weight"), {}
    for mode in ("train", "eval"):
        getattr(layer, mode)()
        for name, indices in (("all rows", torch.arange(4)), ("one row", torch.tensor([2])), ("the first rows", torch.arange(2))):
            for grad in (True, False):
                with torch.set_grad_enabled(grad):
                    output = layer(indices)
                if not isinstance(output, torch.Tensor):
                    raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
                if output.untyped_storage().data_ptr() == weight.untyped_storage().data_ptr():
                    raise WrongAnswer(f"output of {name}: expected a new tensor, found one that shares memory with weight")
                seen[f"{name}, {mode}{'' if grad else ', under torch.no_grad()'}"] = output.detach().clone()
    return seen


@case(rejects=["last_row_never_used"], tolerance=EXACT)
def works_with_a_large_table(Layer, rng):
    """Every row of a large table can be looked up, the last ones too; indices come back unchanged."""
    layer = drawn(Layer, rng, 70_000, 1)
    indices = torch.from_numpy(np.concatenate([rng.integers(0, 70_000, 150), [0, 69_999]]))
    before = indices.clone()
    output = layer(indices)
    return {"output": output.detach().clone(), "indices are unchanged": torch.equal(indices, before)}


@case()
def two_calls_add_their_gradients(Layer, rng):
    """Two calls before backward() both count, and weight.grad adds up over steps, as with any other parameter."""
    layer, seen = drawn(Layer, rng, 5, 3, torch.float64), {}
    for step in ("one step", "two steps"):
        outputs = [layer(mixed(rng, 5, 4)), layer(mixed(rng, 5, 2, 2))]
        for output, shape in zip(outputs, ((4, 3), (2, 2, 3)), strict=True):
            if tuple(output.shape) != shape:
                raise WrongAnswer(f"output: expected shape {shape}, found {tuple(output.shape)}")
            if not output.requires_grad:
                raise WrongAnswer("output: no gradient can flow back from it, it is cut off from the graph")
        sum((output * tensor(rng.normal(size=output.shape), torch.float64)).sum() for output in outputs).backward()
        if layer.weight.grad is None:
            raise WrongAnswer("weight.grad: expected a tensor, found None")
        seen[step] = layer.weight.grad.clone()
    return seen


@case(rejects=["extra_bias", "weight_is_no_parameter", "weight_does_not_require_grad"])
def has_one_parameter(Layer, rng):
    """weight is the only parameter, of shape (num_embeddings, embedding_dim), in float32; there are no buffers."""
    layer = build(Layer, 5, 3)
    weight = tensor_of(layer, "weight")
    return {
        "parameters": {name: list(each.shape) for name, each in layer.named_parameters()},
        "buffers": [name for name, _ in layer.named_buffers()],
        "state dict": sorted(layer.state_dict()),
        "weight is an nn.Parameter": isinstance(weight, nn.Parameter),
        "weight.dtype": str(weight.dtype),
        "weight.requires_grad": weight.requires_grad,
        "training": layer.training,
    }


def equal_rows(weight):
    """Tell whether two rows are the same."""
    return len({tuple(row) for row in weight.detach().tolist()}) < len(weight)


def constant_row(weight):
    """Tell whether a row holds one number only."""
    return any(len(set(row)) == 1 for row in weight.detach().tolist())


@case(
    rejects=[
        "weight_starts_at_zero",
        "rows_start_equal",
        "seeded_in_the_constructor",
        "numbered_from_zero",
        "numbers_of_a_row_start_equal",
        "own_generator_with_a_fixed_seed",
        "row_zero_starts_at_zero",
    ]
)
def a_new_layer_has_the_right_initial_state(Layer, rng):
    """weight is drawn at random: the numbers of a row differ, so do the rows, and so do two layers; all are finite. The
    constructor seeds nothing.
    """
    seed = torch.initial_seed()
    first, second = (tensor_of(build(Layer, 40, 16), "weight") for _ in range(2))
    after = torch.initial_seed()
    torch.manual_seed(int(rng.integers(1, 1 << 30)))
    third, large = tensor_of(build(Layer, 40, 16), "weight"), tensor_of(build(Layer, 600, 4), "weight")
    return {
        "all finite": bool(torch.isfinite(first).all()),
        "two rows are equal": equal_rows(first) or equal_rows(second) or equal_rows(large),
        "a row is constant": constant_row(first) or constant_row(second),
        "two layers share a row": equal_rows(torch.cat([first, second, third])),
        "two layers share memory": first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr(),
        "the numbers are counted through": len(first.detach().flatten().diff().unique()) == 1,
        "the generator was seeded": seed != after,
    }


@case()
def loaded_rows_survive_a_new_layer(Layer, rng):
    """Layers of the same sizes do not know of each other: a new one changes nothing in one that was filled."""
    layer, indices = drawn(Layer, rng, 5, 4), mixed(rng, 5, 2, 3)
    build(Layer, 5, 4)
    other = drawn(Layer, rng, 5, 4)
    return {"first": layer(indices), "second": other(indices)}


@case()
def a_frozen_layer_in_float32_stays_so(Layer, rng):
    """Where weight requires no gradient, no result does, in float32 too: for copies, loaded layers, other shapes and new numbers."""
    layer = drawn(Layer, rng, 5, 3)
    loaded, copied = build(Layer, 5, 3), deep_copy(layer)
    load_state(loaded, layer.state_dict())
    seen = {}
    for name, each in (("layer", layer), ("copy", copied), ("loaded", loaded)):
        tensor_of(each, "weight").requires_grad_(False)
        first, other = mixed(rng, 5, 2, 3), mixed(rng, 5, 4)
        for step in ("a call", "again", "another shape", "eval, written", "training, written", "new numbers"):
            if step == "new numbers":
                fill("weight", each.weight, signed(rng, 1.2, 3.4, (5, 3)))
            if step.endswith("written"):
                each.training = step.startswith("training")
            output = each(other if step == "another shape" else first)
            if not isinstance(output, torch.Tensor):
                raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
            seen[f"{name}, {step}"] = {"output": output.detach().clone(), "requires_grad": output.requires_grad}
    return seen


def small_call(draw):
    """Draw the sizes of a new layer, or a small table and indices."""
    new, upstream, evaluation = (draw.boolean() for _ in range(3))
    rows, features = draw.integer(1, 3), draw.integer(1, 2)
    call = {"num_embeddings": rows, "embedding_dim": features}
    if new:
        return call
    shape = draw.choice(((1,), (2,), (1, 1), (1, 2), (2, 1), (), (3,), (0,), (2, 2), (1, 1, 2)))
    dtype = torch.float64 if upstream else torch.float32
    call["weight"] = tensor(draw.array((rows, features), 1, 9, plainest=1), dtype)
    call["indices"] = torch.tensor([draw.integer(0, rows - 1) for _ in range(int(np.prod(shape)))], dtype=torch.int64).reshape(shape)
    if evaluation:
        call["mode"] = "eval"
    if upstream and call["indices"].numel():
        call["upstream gradient"] = tensor(draw.array((*shape, features), -2, 3, plainest=1), dtype)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call)
def answers_of_a_small_table(Layer, call):
    """What a new layer is made of, or what a small table gives and learns."""
    rows, features = call["num_embeddings"], call["embedding_dim"]
    layer = build(Layer, rows, features)
    if "weight" not in call:
        weight = tensor_of(layer, "weight")
        return {
            "parameters": ", ".join(f"{name} {tuple(each.shape)}" for name, each in layer.named_parameters()),
            "number of buffers": len(list(layer.buffers())),
            "weight.requires_grad": weight.requires_grad,
            "two rows are equal": equal_rows(weight),
            "a row is constant": features > 1 and constant_row(weight),
            "two new layers are equal": torch.equal(weight, tensor_of(build(Layer, rows, features), "weight")),
        }
    weight = tensor_of(layer, "weight")
    fill("weight", weight, call["weight"])
    layer.to(call["weight"].dtype).train("mode" not in call)
    before = call["indices"].clone()
    output = layer(call["indices"])
    seen = {"output": output if call["indices"].numel() else output.detach()}
    if "upstream gradient" in call:
        seen |= gradients(output, {"weight": tensor_of(layer, "weight")}, call["upstream gradient"])
        if seen["gradient of weight"].layout is not torch.strided:
            seen["gradient of weight is sparse"] = True
            seen["gradient of weight"] = seen["gradient of weight"].to_dense()
    if not torch.equal(tensor_of(layer, "weight"), call["weight"]):
        seen["weight after the call"] = tensor_of(layer, "weight")
    if not torch.equal(call["indices"], before):
        seen["indices after the call"] = call["indices"]
    return seen
