"""The pages of `torch-judge serve`: those of `torch-judge web`, for users who sign in.

`gate` decides who may come in, `seats` has a site for each user, `records` their history, `docket` the queue.
"""
