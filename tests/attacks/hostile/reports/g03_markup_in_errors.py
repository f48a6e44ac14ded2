"""Raises errors whose type and text are HTML, Markdown, LaTeX and XML that would run in a browser.

Expected: run-time error
"""

Error = type("<img src=x onerror=alert(1)>", (Exception,), {})


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    print("<script>alert(1)</script> [link](javascript:alert(1)) $\\unicode{x}$ ]]> &lt; =cmd|' /C calc'!A0")
    raise Error("<script>alert(1)</script><iframe src='javascript:alert(1)'>]]><!--")
