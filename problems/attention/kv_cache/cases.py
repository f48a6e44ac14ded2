"""The hidden suite of attention with a cache.

All parameters are filled with drawn numbers by name, and so is the cache: what is in it was never projected, so that it
must be used as it is. Whether the returned keys and values carry gradients is open, so they are looked at without their graph.
"""

from functools import partial

import numpy as np
import torch

from torch_judge.authoring import (
    Argument,
    Observer,
    Result,
    Size,
    Tolerance,
    WrongAnswer,
    build,
    case,
    counterexample,
    deep_copy,
    describe,
    fill,
    gradients,
    linear_of,
    load_state,
    signed,
    tensor,
    upstream,
)

ROUNDED_AT_LARGE_SCORES = Tolerance(relative=1e-6, of_scale=1e-7)
"""Scores of 10000 have four digits less behind the point."""

LAYERS = ("W_q", "W_k", "W_v", "W_o")


def parts(module, d_model, num_heads=None):
    """Return the four layers."""
    return {name: linear_of(module, name, d_model, d_model) for name in LAYERS}


def parameters(module, d_model):
    """Return the parameters by the names that a learner reads."""
    return {f"{name}.{kind}": getattr(each, kind) for name, each in parts(module, d_model).items() for kind in ("weight", "bias")}


def shares(first, second):
    """Tell whether two tensors lie in the same memory."""
    place = first.untyped_storage().data_ptr()
    return place != 0 and place == second.untyped_storage().data_ptr()


def unpack(returned, passed=()):
    """Take the results apart; K and V without their graph, and never in the memory of what was passed in."""
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise WrongAnswer(f"result: expected (output, (K, V)), found {kind_of(returned)}")
    output, cache = returned
    if not isinstance(cache, tuple | list) or len(cache) != 2:
        raise WrongAnswer(f"returned cache: expected a tuple (K, V), found {kind_of(cache)}")
    for name, value in zip(("output", "returned K", "returned V"), (output, *cache), strict=True):
        if type(value) is not torch.Tensor:
            raise WrongAnswer(f"{name}: expected a tensor, found {kind_of(value)}")
        for other, tensor_passed in passed:
            if shares(value, tensor_passed):
                raise WrongAnswer(f"{name}: expected a new tensor, found one that shares memory with {other}")
    return output, cache[0].detach().clone(), cache[1].detach().clone()


def kind_of(value):
    """Say what a value is."""
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else f"a value of type {type(value).__name__}"


def call(module, x, K, V):
    """Call with a cache; without one where it holds no tokens."""
    way = "cache by position" if K.shape[2] else "no cache"
    return unpack(WAYS[way](module, x, (K, V)), tuple(passed_by(way, x, (K, V)).items()))


RESULTS = [
    Result("output", shape="batch new heads*d_k"),
    Result("returned K", number=True),  # whether they carry gradients is open
    Result("returned V", number=True),
]
observer = Observer(RESULTS, unpack=lambda returned: returned)
WAYS = {
    "cache by position": lambda module, x, cache: module(x, cache),
    "cache by name": lambda module, x, cache: module(x, cache=cache),
    "no cache": lambda module, x, cache: module(x),
    "None by position": lambda module, x, cache: module(x, None),
    "cache=None": lambda module, x, cache: module(x, cache=None),
}


def passed_by(way, x, cache):
    """Return what is passed to a call in one of these ways, by the names that a learner reads."""
    return {"x": x} | ({"K of the cache": cache[0], "V of the cache": cache[1]} if way.startswith("cache by") else {})


def watched_throughout(module, rng, ways):
    """Call in these ways, twice with gradients, once where nothing needs one, once in float32: observe all that standard cases do."""
    seen, kept, names = {}, [], ("output", "K", "V")

    def call(way, label, *, dtype=torch.float64, learns=True):
        x, cache = tokens(rng, 2, 2, 6, dtype).requires_grad_(learns), cached(rng, 2, 3, 4, 2, dtype)
        passed = passed_by(way, x, cache)

        def make():
            results = unpack(WAYS[way](module, x, cache), tuple(passed.items()))
            kept.append(results[0])
            return results

        if dtype is torch.float32:
            seen[label] = {name: str(each.dtype) for name, each in zip(names, make(), strict=True)}
        else:
            held = partial(parameters, module, 6)
            seen[label] = observer.observe(make, passed, rng, held=held, module=module, where=label)

    for way in ways:
        call(way, way)
        call(way, f"{way}, again")
    module.requires_grad_(False)
    for way in ways:
        call(way, f"{way}, nothing requires grad", learns=False)
    module.float()
    for way in ways:
        call(way, f"{way}, in float32", dtype=torch.float32, learns=False)
    seen["earlier outputs, afterwards"] = [each.detach().clone() for each in kept]
    return seen


suite = describe(
    sizes={
        "batch": Size(2, large=130),
        "new": Size(4, large=34),
        "past": Size(5, large=5),  # by hand it is a thousand
        "heads": Size(3, large=18),
        "d_k": Size(7, large=18),
    },
    made_with={"d_model": "heads*d_k", "num_heads": "heads"},
    also_by_name=True,
    parts=parts,
    call=call,
    unpack=lambda returned: returned,
    parameters=[
        # the scores stay as they are where all numbers are large or tiny, or else the weights would be 0 and 1 only;
        # small, for where all numbers are negative they add up
        Argument("W_q.weight", "heads*d_k heads*d_k", between=(0.03, 0.12), far=1, scales=-1),
        Argument("W_q.bias", "heads*d_k", between=(0.3, 0.9), far=1, scales=0, ones=False),
        Argument("W_k.weight", "heads*d_k heads*d_k", between=(0.03, 0.12), far=1, scales=-1),
        Argument("W_k.bias", "heads*d_k", between=(0.3, 0.9), far=1, scales=0, ones=False),
        Argument("W_v.weight", "heads*d_k heads*d_k", between=(0.2, 0.7), far=1, scales=0),
        Argument("W_v.bias", "heads*d_k", between=(0.3, 0.9), far=1, zeros=False),
        Argument("W_o.weight", "heads*d_k heads*d_k", between=(0.2, 0.7), far=1, scales=0),
        Argument("W_o.bias", "heads*d_k", between=(0.3, 0.9), far=90, zeros=False),
    ],
    arguments=[
        Argument("x", "batch new heads*d_k", also=["batch new heads*d_k"], between=(0.3, 1.2), far=1),
        Argument("K", "batch heads past d_k", also=["batch heads 0 d_k"], between=(0.3, 1.6), far=1, scales=0, differentiable=False),
        Argument("V", "batch heads past d_k", also=["batch heads 0 d_k"], far=1, differentiable=False),
    ],
    results=RESULTS,
    without={
        "works_with_small_sizes: * 2": "cases by hand have two heads, two features a head, two new tokens",
        "works_when_only_one_tensor_requires_grad: only *.bias requires grad": "a case by hand, smaller",
    },
)


def draw_values(rng, d_model):
    """Draw numbers for all parameters, in the order of `parameters`."""
    values = []
    for size in (0.9, 0.9, 1.0, 1.0):
        values += [size * rng.normal(size=(d_model, d_model)) / np.sqrt(d_model), signed(rng, 0.4, 1.1, d_model)]
    return values


def filled(KVCacheAttention, d_model, num_heads, values, dtype=torch.float64):
    """Make a module whose parameters have these values."""
    module = build(KVCacheAttention, d_model, num_heads)
    parts(module, d_model)
    module.to(dtype)
    for (name, target), each in zip(parameters(module, d_model).items(), values, strict=True):
        fill(name, target, each)
    return module


def drawn(KVCacheAttention, rng, d_model, num_heads, dtype=torch.float64):
    """Make a module and give its layers numbers from `rng`."""
    values = draw_values(rng, d_model)
    values[-1][0] += 70  # a result is not clamped, however it comes about
    return filled(KVCacheAttention, d_model, num_heads, values, dtype)


def tokens(rng, batch, length, d_model, dtype=torch.float64):
    """Draw new tokens."""
    return tensor(rng.uniform(-1.9, 2.1, (batch, length, d_model)), dtype)


def cached(rng, batch, heads, past, d_k, dtype=torch.float64):
    """Draw a cache that no projection made."""
    return tuple(tensor(rng.uniform(low, high, (batch, heads, past, d_k)), dtype) for low, high in ((-1.8, 1.6), (0.4, 3.1)))


def step(module, x, cache=None):
    """Make a call; return what is compared, and the cache as it was returned."""
    passed = [("x", x)] if cache is None else [("x", x), ("K of the cache", cache[0]), ("V of the cache", cache[1])]
    returned = module(x) if cache is None else module(x, cache=cache)
    output, K, V = unpack(returned, passed)
    return {"output": output.detach().clone(), "K": K, "V": V}, returned[1]


def with_gradients(module, rng, x, d_model, cache=None):
    """Make a call; return its results, and the gradients of x and of all parameters."""
    x.requires_grad_()
    output, K, V = unpack(module(x) if cache is None else module(x, cache))
    return {"output": output, "K": K, "V": V, **gradients(output, {"x": x, **parameters(module, d_model)}, upstream(rng, x))}


@case(rejects=["no_causal_mask", "mask_hides_the_token_itself"])
def without_a_cache_it_is_causal_attention(KVCacheAttention, rng):
    """Without a cache, each token sees itself and the earlier ones, and the returned K and V are those of all tokens."""
    module = drawn(KVCacheAttention, rng, 6, 3)
    return {
        "five tokens": with_gradients(module, rng, tokens(rng, 2, 5, 6), 6),
        "one token": without_noise(with_gradients(module, rng, tokens(rng, 2, 1, 6), 6)),
        "cache=None": step(lambda x: module(x, cache=None), tokens(rng, 2, 2, 6))[0],
    }


@case(rejects=["cache_ignored", "cached_keys_projected_again", "attention_to_new_tokens_only"])
def cache_of_drawn_numbers_is_used(KVCacheAttention, rng):
    """What is in the cache is used as it is, whoever made it: one new token looks at three cached ones and at itself."""
    module, cache = drawn(KVCacheAttention, rng, 6, 2), cached(rng, 2, 2, 3, 3)
    return with_gradients(module, rng, tokens(rng, 2, 1, 6), 6, cache)


@case(rejects=["chunk_not_masked", "causal_from_the_first_key"])
def a_chunk_is_masked_too(KVCacheAttention, rng):
    """Several new tokens on a cache: each sees all cached tokens and the new ones up to itself, whether more are cached or more are
    new.
    """
    module = drawn(KVCacheAttention, rng, 6, 3)
    return {
        f"{new} new on {past} cached": with_gradients(module, rng, tokens(rng, 2, new, 6), 6, cached(rng, 2, 3, past, 2))
        for new, past in ((4, 3), (2, 6), (5, 1), (6, 6))
    }


@case(title="whole = prefill + chunk + single tokens", rejects=["new_tokens_only_returned", "cache_behind_the_new_tokens", "one_mask_for_all_lengths"])
def in_pieces_as_in_one_call(KVCacheAttention, rng):
    """A text in one call gives the same as its first two tokens, the next three, and three single ones, each call with the cache
    that the one before returned. The whole comes out the same again after these.
    """
    module, x = drawn(KVCacheAttention, rng, 6, 2), tokens(rng, 2, 8, 6)
    seen = {"whole": step(module, x)[0]}
    for recorded in (True, False):
        with torch.set_grad_enabled(recorded):
            cache = None
            for start, stop in ((0, 2), (2, 5), (5, 6), (6, 7), (7, 8)):
                label = f"tokens {start} to {stop - 1}{'' if recorded else ' under torch.no_grad()'}"
                seen[label], cache = step(module, x[:, start:stop], cache)
    return seen | {"whole, after its pieces": step(module, x)[0]}


@case(rejects=["cache_in_the_module"])
def two_texts_can_be_written_in_turn(KVCacheAttention, rng):
    """Each text has its own cache, and the module remembers neither: two are written in turn, of other lengths."""
    module = drawn(KVCacheAttention, rng, 4, 2).eval()
    seen, caches = {}, {"first": None, "second": None}
    with torch.no_grad():
        for n in range(4):
            for name, batch, length in (("first", 2, 3 - n % 3), ("second", 2, 1 + n % 2)):
                seen[f"{name} text, call {n + 1}"], caches[name] = step(module, tokens(rng, batch, length, 4), caches[name])
        seen["a third text, without a cache"] = step(module, tokens(rng, 2, 2, 4))[0]
    return seen


@case(rejects=["buffer_kept_in_the_module", "cache_extended_in_place"])
def one_beginning_can_be_continued_in_two_ways(KVCacheAttention, rng):
    """The cache that was passed in stays as it is, in shape and numbers, and can be used again; returned caches never change."""
    module = drawn(KVCacheAttention, rng, 4, 2).eval()

    def continue_twice():
        seen = {}
        seen["beginning"], beginning = step(module, tokens(rng, 2, 3, 4))
        seen["one continuation"], one = step(module, tokens(rng, 2, 2, 4), beginning)
        seen["another"], other = step(module, tokens(rng, 2, 2, 4), beginning)
        seen["one, continued"] = step(module, tokens(rng, 2, 1, 4), one)[0]
        seen["another, continued"] = step(module, tokens(rng, 2, 1, 4), other)[0]
        caches = (("of the beginning", beginning), ("of one continuation", one), ("of another", other))
        return seen | {f"K and V {name}, afterwards": [each.clone() for each in cache] for name, cache in caches}

    with torch.no_grad():
        seen = continue_twice()
    with torch.inference_mode():
        return seen | {f"{name}, under torch.inference_mode()": value for name, value in continue_twice().items()}


@case(rejects=["heads_split_without_transpose", "heads_joined_without_transpose", "heads_interleaved", "scaled_by_the_whole_width"])
def works_with_every_number_of_heads(KVCacheAttention, rng):
    """Head h owns the features from h * d_k to (h + 1) * d_k - 1, and scores are divided by sqrt(d_k): for one head, several heads, and as
    many heads as features.
    """
    values, x = draw_values(rng, 12), tokens(rng, 2, 3, 12)
    seen = {}
    for heads in (1, 2, 3, 6, 12):
        module = filled(KVCacheAttention, 12, heads, values)
        seen[f"num_heads {heads}"] = step(module, x)[0]
        seen[f"num_heads {heads}, with a cache"] = step(module, x, cached(rng, 2, heads, 4, 12 // heads))[0]
    return seen


@case(rejects=["fill_too_small", "softmax_without_shift"], tolerance=ROUNDED_AT_LARGE_SCORES)
def large_scores_stay_finite(KVCacheAttention, rng):
    """Scores up to 20000 in either direction, at hidden places too, leave the output and all gradients finite and right."""
    seen = {}
    for name, factor, queries, keys in (("of both signs", 40, 0, 0), ("about -15000", 1, 86, -86), ("about 15000", 1, -86, -86)):
        values = draw_values(rng, 8)
        values[0], values[2] = factor * values[0], factor * values[2]
        values[1], values[3] = values[1] + queries, values[3] + keys
        module = filled(KVCacheAttention, 8, 2, values)
        K, V = cached(rng, 2, 2, 3, 4)
        seen[name] = without_noise(with_gradients(module, rng, tokens(rng, 2, 5, 8), 8))
        seen[f"{name}, with a cache"] = without_noise(with_gradients(module, rng, tokens(rng, 2, 4, 8), 8, (K * factor + keys, V)))
    return seen


def without_noise(seen):
    """Of the gradients of x, W_q and W_k look only whether they are finite: a softmax that is sure may leave rounding of them."""
    noisy = {name: bool(value.isfinite().all()) for name, value in seen.items() if name.startswith(("gradient of x", "gradient of W_q", "gradient of W_k"))}
    return {name: value for name, value in seen.items() if name not in noisy} | {"finite": noisy}


@case(rejects=["only_the_last_tokens_kept"])
def works_with_long_texts(KVCacheAttention, rng):
    """A text may have up to 1024 tokens: one new token, or several, see all that is cached, and a long text in one call is right too."""
    module, cache = drawn(KVCacheAttention, rng, 4, 2), cached(rng, 1, 2, 1020, 2)
    with torch.no_grad():
        seen = {f"{new} new on 1020 cached": step(module, tokens(rng, 1, new, 4), cache)[0] for new in (1, 4)}
        seen["150 tokens without a cache"] = step(module, tokens(rng, 1, 150, 4))[0]
    return seen


@case(title="cache goes by position, by name, as None")
def the_cache_may_be_passed_by_name(KVCacheAttention, rng):
    """cache is passed by position or by name; cache=None and nothing passed are the same. Each call gives its results and gradients
    and leaves all else as it was.
    """
    return watched_throughout(drawn(KVCacheAttention, rng, 6, 3), rng, ("cache by name", "cache=None", "None by position"))


@case()
def works_when_biases_of_queries_and_keys_are_ones(KVCacheAttention, rng):
    """All numbers of W_q.bias and W_k.bias may be 1."""
    module = drawn(KVCacheAttention, rng, 6, 3)
    for name in ("W_q.bias", "W_k.bias"):
        fill(name, parameters(module, 6)[name], np.ones(6))
    return watched_throughout(module, rng, ("cache by position",))


@case(title="only one bias requires grad")
def works_when_only_one_bias_requires_grad(KVCacheAttention, rng):
    """One bias gets its gradient where neither x nor any other parameter requires one, with a cache and without one."""
    module, seen = drawn(KVCacheAttention, rng, 4, 2), {}
    held = parameters(module, 4)
    for name in (f"{each}.bias" for each in LAYERS):
        for other, parameter in held.items():
            parameter.requires_grad_(other == name)
        x = tokens(rng, 2, 2, 4)
        results = module(x, cached(rng, 2, 2, 3, 2)), module(x)
        for way, (output, _) in zip(("with a cache", "without one"), results, strict=True):
            if way == "with a cache" or name != "W_k.bias":  # without one it has no influence
                seen[f"only {name}, {way}"] = gradients(output, {name: held[name]}, upstream(rng, x))
    return seen


@case(title="loaded states and replaced layers take effect")
def a_loaded_state_counts(KVCacheAttention, rng):
    """A module that loads the state dict of another computes like it, also after calls of both, and shares nothing with it. A
    layer that replaces another is used from then on.
    """
    first, second = drawn(KVCacheAttention, rng, 6, 3), drawn(KVCacheAttention, rng, 6, 3)
    seen = {f"the {name}": step(module, tokens(rng, 2, 2, 6))[0] for name, module in (("first", first), ("second", second))}
    load_state(second, first.state_dict())
    seen |= watched_throughout(second, rng, ("cache by position",))
    second.double()
    with torch.no_grad():
        for each in first.parameters():
            each.mul_(1.4)
    x = tokens(rng, 2, 2, 6)
    seen |= {"after a step of the first": step(second, x)[0], "the first after it": step(first, x)[0]}
    for name in LAYERS:
        setattr(second, name, deep_copy(getattr(second, name)))
        fill(f"{name}.weight", getattr(second, name).weight, getattr(first, name).weight)
    return seen | {"after every layer was replaced": step(second, x)[0]}


@case(rejects=["cache_only_in_eval"])
def training_uses_the_cache_too(KVCacheAttention, rng):
    """The mode decides nothing, and gradients may be recorded over several calls: x gets its gradient from the call that it is in."""
    module, beginning = drawn(KVCacheAttention, rng, 6, 2).train(), tokens(rng, 2, 3, 6)
    x = tokens(rng, 2, 2, 6).requires_grad_()
    with torch.inference_mode():
        inferred = step(module, x, step(module, beginning)[1])[0]
    _, cache = module(beginning)
    output, K, V = unpack(module(x, cache))
    seen = {"under torch.inference_mode() before": inferred, "output": output, "K": K, "V": V, **gradients(output, {"x": x}, upstream(rng, x))}
    cache = tuple(each.requires_grad_() for each in cached(rng, 2, 2, 3, 3))
    module(x, cache)
    return seen | {"a cache that requires grad, afterwards": [each.requires_grad for each in cache]}


@case(rejects=["biases_left_out"])
def has_the_parameters_of_its_four_layers(KVCacheAttention, rng):
    """The state dict holds W_q, W_k, W_v and W_o by these names, there are no other parameters, and a call adds nothing."""
    module = build(KVCacheAttention, 6, 3)
    parts(module, 6)
    before = module.state_dict()
    before = {name: value.clone() for name, value in before.items()}
    with torch.no_grad():
        _, cache = module(tokens(rng, 2, 3, 6, torch.float32))
        module(tokens(rng, 2, 1, 6, torch.float32), cache)
    after = module.state_dict()
    names = [f"{name}.{kind}" for name in LAYERS for kind in ("weight", "bias")]
    return {
        "missing in the state dict": [name for name in names if name not in before],
        "shapes of parameters": sorted(list(each.shape) for each in module.parameters()),
        "all require gradients": all(each.requires_grad for each in module.parameters()),
        "two calls change the state dict": list(before) != list(after) or not all(torch.equal(before[n], after[n]) for n in before),
    }


@case()
def weights_are_drawn_anew_for_each_module(KVCacheAttention, rng):
    """Two new modules have other weights: no call and no constructor seeds a generator."""
    one, other = (parts(build(KVCacheAttention, 12, 3), 12) for _ in range(2))
    return {f"W_{name}: the same twice": torch.equal(one[f"W_{name}"].weight, other[f"W_{name}"].weight) for name in "qkvo"}


def small_call(draw):
    """Draw the sizes of a new module, or a small module with plain parameters, new tokens, and perhaps a cache."""
    new, with_cache, evaluation, upstream, again = (draw.boolean() for _ in range(5))
    num_heads, d_k = draw.choice(((1, 1), (1, 2), (2, 1), (2, 2)))
    d_model = num_heads * d_k
    call = {"d_model": d_model, "num_heads": num_heads}
    if new:
        return call
    batch, length = draw.choice(((1, 1), (1, 2), (2, 1), (1, 3), (2, 2)))
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive

    def array(shape, low, high, plainest=0):
        return tensor(draw.array(shape, low, high, plainest=plainest), dtype)

    call["x"] = array((batch, length, d_model), -2, 3)
    if with_cache:
        past = draw.choice((1, 2, 3))
        call |= {f"{name} of the cache": array((batch, num_heads, past, d_k), -2, 3) for name in "KV"}
    for name in LAYERS:
        call |= {f"{name}.weight": array((d_model, d_model), -2, 2), f"{name}.bias": array(d_model, -1, 2)}
    if evaluation:
        call["mode"] = "eval"
    if again:
        call["a second call"] = "with the same x, and the cache that the first one returned"
    if upstream:
        call["upstream gradient"] = array((batch, length, d_model), -2, 3, 1)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-4, of_scale=1e-4))
def answers_of_a_small_module(KVCacheAttention, call):
    """What a new module is made of, or what a module returns, sends back, and changes that is not its own."""
    d_model, num_heads = call["d_model"], call["num_heads"]
    if "x" not in call:
        module = build(KVCacheAttention, d_model, num_heads)
        parts(module, d_model)
        return {"shapes of parameters": sorted(list(each.shape) for each in module.parameters())}
    x, values = call["x"], [value for name, value in call.items() if name.startswith("W_")]
    module = filled(KVCacheAttention, d_model, num_heads, values, x.dtype).train("mode" not in call)
    cache = (call["K of the cache"], call["V of the cache"]) if "K of the cache" in call else None
    before = [each.clone() for each in (x, *(cache or ()))]
    inputs = {"x": x.requires_grad_(), **parameters(module, d_model)} if "upstream gradient" in call else {}
    returned = module(x) if cache is None else module(x, cache)
    output, K, V = unpack(returned)
    seen = {"output": output, "returned K": K, "returned V": V}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    for name, old, value in zip(("x", "K of the cache", "V of the cache"), before, (x, *(cache or ())), strict=False):
        if not torch.equal(old, value):
            seen[f"{name} after the call"] = value
    if "a second call" in call:
        seen["output of the second call"] = unpack(module(x, returned[1]))[0]
    return seen
