"""The processes.

`forkserver.client.ForkServer` starts them, `doctor.examine` looks at what keeps them apart.
"""
