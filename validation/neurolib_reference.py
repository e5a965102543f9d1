"""Trajectories of neurolib. `python neurolib_reference.py` writes `expected/neurolib_*.csv`."""

import numpy as np
from neurolib.models.fhn import FHNModel
from neurolib.models.hopf import HopfModel
from neurolib.models.wc import WCModel
from neurolib.models.ww import WWModel

import network

# Name, model, its parameters, names and initial values of its states.
CASES = [
    ("wilson_cowan", WCModel, {"K_gl": 0.6, "exc_ext": 0.7}, {"exc": 0.05, "inh": 0.06}),
    ("hopf_diffusive", HopfModel, {"K_gl": 0.1, "coupling": "diffusive"}, {"x": 0.1, "y": 0.2}),
    ("hopf_additive", HopfModel, {"K_gl": 0.03, "coupling": "additive"}, {"x": 0.1, "y": 0.2}),
    ("fhn_diffusive", FHNModel, {"K_gl": 0.05, "coupling": "diffusive"}, {"x": 0.1, "y": 0.2}),
    ("wong_wang", WWModel, {"K_gl": 0.3}, {"se": 0.1, "si": 0.05}),
]
DT = 0.1


def run(model, params, start):
    model = model(Cmat=network.WEIGHTS.copy(), Dmat=network.LENGTHS.copy(), seed=0)
    model.params.update(params, signalV=network.SPEED, dt=DT, duration=network.STEPS * DT)
    rows = int(np.around(network.LENGTHS / network.SPEED / DT).max()) + 1
    inits = [name for name in model.init_vars if name.endswith("_init")]
    for state, (init, value) in enumerate(zip(inits, start.values(), strict=True)):
        past = [
            [network.history(value, state, region, -(rows - 1 - row) * DT) for row in range(rows)]
            for region in range(network.N)
        ]
        model.params[init] = np.array(past)
    model.run()
    # The first column of an output is the state after one step.
    return {
        step: np.array([model.outputs[name][:, step - 1] for name in start])
        for step in network.SAMPLED
    }


if __name__ == "__main__":
    network.write_network()
    for name, model, params, start in CASES:
        network.write(f"neurolib_{name}", start, {"euler": run(model, params, start)})
