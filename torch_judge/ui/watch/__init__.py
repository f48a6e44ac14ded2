"""`torch-judge watch`: judge a file at each save."""
