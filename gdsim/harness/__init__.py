"""Trials for an optimizer: ours, a user's, one of PyTorch's or of optax.

<<<<<<< HEAD
report = gdsim.check(gdsim.target("adam", learning_rate=0.01), trials=("truth", "robust"))
report = gdsim.check(gdsim.target(MyAdam), quick=True)
=======
    report = gdsim.check(gdsim.target("adam", learning_rate=0.01), trials=("truth", "robust"))
    report = gdsim.check(gdsim.target(MyAdam), quick=True)

``targets`` makes a target of what a user names, ``check`` puts families of trials to it, ``replay`` shows the run of one.
>>>>>>> next
"""
