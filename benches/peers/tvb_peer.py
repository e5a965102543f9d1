"""The Virtual Brain: its own Wilson-Cowan model with the constants of W5, linear coupling."""

import logging

import numpy as np
from protocol import *

from tvb.datatypes.connectivity import Connectivity
from tvb.simulator import coupling, integrators, models, monitors, noise
from tvb.simulator.simulator import Simulator

logging.disable(logging.CRITICAL)
weights, lengths, _ = connectome()
CONSTANTS = dict(
    c_ee=16, c_ei=12, c_ie=15, c_ii=3, tau_e=2.5, tau_i=3.75, a_e=1.3, b_e=4, a_i=2, b_i=3.7, c_e=1, c_i=1,
    theta_e=0, theta_i=0, r_e=1, r_i=1, k_e=1, k_i=1, P=1.25, Q=0, alpha_e=1, alpha_i=1,
)


def reset():
    labels = np.array([str(node) for node in range(N)])
    brain = Connectivity(
        weights=weights, tract_lengths=lengths, region_labels=labels, centres=np.zeros((N, 3)), speed=np.array([10.0])
    )
    model = models.WilsonCowan(**{name: np.array([float(value)]) for name, value in CONSTANTS.items()})
    model.shift_sigmoid = np.array([False])
    kicks = noise.Additive(nsig=np.array([0.5 * (0.01 * NOISY) ** 2]))
    e, i = brain_start(N)
    past = np.broadcast_to(np.stack([e, i])[None, :, :, None], (1, 2, N, 1)).astype(float)
    simulator = Simulator(
        model=model, connectivity=brain, coupling=coupling.Linear(a=np.array([0.6])),
        integrator=integrators.EulerStochastic(dt=0.1, noise=kicks),
        monitors=(monitors.SubSample(period=0.1 * EVERY),), simulation_length=STEPS * 0.1,
        initial_conditions=np.repeat(past, 200, axis=0),
    )
    simulator.configure()
    simulator.current_step = 0  # or steps would be counted from the past, and looks taken at others
    return simulator


def run(simulator):
    ((_, data),) = simulator.run()
    return data[:, 0, :, 0].mean(axis=1)


serve(reset, run)
