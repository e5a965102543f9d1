"""Trajectories of The Virtual Brain. `python tvb_reference.py` writes `expected/tvb_*.csv`."""

import logging

import numpy as np
from tvb.datatypes.connectivity import Connectivity
from tvb.simulator import coupling, integrators, models, monitors
from tvb.simulator.history import BaseHistory, DenseHistory, SparseHistory
from tvb.simulator.simulator import Simulator

import network

INTEGRATORS = {
    "euler": integrators.EulerDeterministic,
    "heun": integrators.HeunDeterministic,
    "rk4": integrators.RungeKutta4thOrderDeterministic,
}

a = np.array
# Name, model, states at t = 0 in region 0, step, coupling functions by name.
CASES = [
    (
        "wilson_cowan",
        models.WilsonCowan(P=a([0.5])),
        [0.1, 0.05],
        0.1,
        {"linear": coupling.Linear(a=a([0.6]), b=a([0.1])), "difference": coupling.Difference(a=a([0.4]))},
    ),
    (
        "jansen_rit",
        models.JansenRit(),
        [0.1, 18.0, 11.0, 0.01, 0.02, 0.03],
        0.1,
        {
            "linear": coupling.Linear(a=a([0.0005])),
            "difference": coupling.Difference(a=a([0.003])),
            "sigmoidal": coupling.SigmoidalJansenRit(a=a([3.0])),
        },
    ),
    (
        "sup_hopf",
        models.SupHopf(a=a([0.1]), omega=a([0.2])),
        [0.1, 0.2],
        0.1,
        {"linear": coupling.Linear(a=a([0.03])), "difference": coupling.Difference(a=a([0.05]))},
    ),
    (
        "montbrio_pazo_roxin",
        models.MontbrioPazoRoxin(),
        [0.3, -1.0],
        0.02,
        {"linear": coupling.Linear(a=a([0.5]), b=a([0.2])), "difference": coupling.Difference(a=a([0.4]))},
    ),
    (
        "reduced_wong_wang",
        models.ReducedWongWang(),
        [0.1],
        0.1,
        {"linear": coupling.Linear(a=a([0.2])), "difference": coupling.Difference(a=a([0.2]))},
    ),
]


def keep_double_precision():
    """TVB keeps its history and its weights in single precision; here in double."""
    for owner in (BaseHistory, DenseHistory, SparseHistory):
        for field in vars(owner).values():
            if getattr(field, "dtype", None) == "f":
                field.dtype = "d"


def connectivity():
    return Connectivity(
        weights=network.WEIGHTS.copy(),
        tract_lengths=network.LENGTHS.copy(),
        speed=a([network.SPEED]),
        centres=np.zeros((network.N, 3)),
        region_labels=a([f"region{i}" for i in range(network.N)]),
    )


def run(model, start, dt, function, integrator):
    simulator = Simulator(
        model=model,
        connectivity=connectivity(),
        coupling=function,
        integrator=integrator(dt=dt),
        monitors=[monitors.Raw(variables_of_interest=np.arange(len(start)))],
    )
    model.variables_of_interest = list(model.state_variables)
    simulator.preconfigure()
    simulator.connectivity.set_idelays(dt)
    # As many rows as TVB keeps: only then do its rows of the past stand where it reads them.
    rows = simulator.connectivity.horizon
    past = np.zeros((rows, len(start), network.N, 1))
    for row in range(rows):
        for state, value in enumerate(start):
            for region in range(network.N):
                t = -(rows - 1 - row) * dt
                past[row, state, region, 0] = network.history(value, state, region, t)
    simulator.initial_conditions = past
    simulator.configure()
    assert simulator.history.buffer.dtype == np.float64
    ((_, values),) = simulator.run(n_steps=network.STEPS)
    # The first row of Raw is the state after one step.
    return {step: values[step - 1, :, :, 0] for step in network.SAMPLED}


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # of a random state, at every run
    keep_double_precision()
    network.write_network()
    for name, model, start, dt, functions in CASES:
        for label, function in functions.items():
            trajectories = {
                key: run(model, start, dt, function, integrator)
                for key, integrator in INTEGRATORS.items()
            }
            network.write(f"tvb_{name}_{label}", model.state_variables, trajectories)
