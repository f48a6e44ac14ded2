"""Adds input and AST transformers to the notebook's kernel, which would blank all later tests.

Expected: wrong answer, run-time error
"""

import ast


class DropAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()


try:
    shell = get_ipython()
except NameError:
    from types import SimpleNamespace

    shell = SimpleNamespace(input_transformers_cleanup=[], ast_transformers=[])
shell.input_transformers_cleanup.append(lambda lines: ["pass\n"])
shell.ast_transformers.append(DropAsserts())


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x
