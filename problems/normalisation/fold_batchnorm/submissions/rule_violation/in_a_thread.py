"""You call the helper in a thread of its own. The rule holds for the whole process."""

from concurrent.futures import ThreadPoolExecutor

from torch.nn.utils.fusion import fuse_conv_bn_eval


def fold_batchnorm(conv, bn):
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(fuse_conv_bn_eval, conv.eval(), bn.eval()).result()
