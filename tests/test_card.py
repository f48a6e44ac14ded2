from torch_judge.verdict import *
def hostile():
    return Report("double","x",Verdict.WRONG_ANSWER,1,0.1,(CaseResult("a","</style><script>window.stolen=1</script>",Verdict.WRONG_ANSWER,"s\n<img src=http://attacker/x onerror='window.stolen=1'> $x^2$ \\(y\\)",0,"$$z$$"),),())
