"""Uses Chinese names and comments throughout.

Expected: accepted
"""

import torch


# 批量归一化:训练时使用批次统计量
def 批量归一化(输入, 缩放, 平移, 均值, 方差, 极小值):
    """按特征归一化。"""
    标准化 = (输入 - 均值) / torch.sqrt(方差 + 极小值)
    return 缩放 * 标准化 + 平移


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if not training:
        return 批量归一化(x, gamma, beta, running_mean, running_var, eps)
    均值 = x.mean(dim=0)
    方差 = (x - 均值).pow(2).mean(dim=0)
    with torch.no_grad():
        running_mean.copy_((1 - momentum) * running_mean + momentum * 均值)
        running_var.copy_((1 - momentum) * running_var + momentum * 方差)
    print("均值:", 均值.tolist())
    return 批量归一化(x, gamma, beta, 均值, 方差, eps)
