"""The network that all simulators run: six regions, asymmetric weights, delays of 2 to 28 ms.

Rows are targets, columns sources. Histories before t = 0 are straight lines, different for each region
and state, so that a delay that is one step off, or reads the wrong region, shows from the first step.
"""

import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
N = 6
SPEED = 3.0  # mm/ms
STEPS = 2000
SAMPLED = [1, 2, 3, 10, 30, 100, 300, 1000, 2000]


def weight(i, j):
    return 0.0 if i == j or (i + 2 * j) % 7 == 0 else ((7 * i + 3 * j) % 5 + 1) / 10


def length(i, j):
    return 0.0 if i == j else 6.0 + 14.7 * abs(i - j) + 1.3 * ((3 * i + 5 * j) % 4)


WEIGHTS = np.array([[weight(i, j) for j in range(N)] for i in range(N)])
LENGTHS = np.array([[length(i, j) for j in range(N)] for i in range(N)])


def history(start, state, region, t):
    """The value of a state at t <= 0, where `start` is its value at t = 0 in region 0."""
    return start * (1 + 0.1 * region + 0.002 * t * (1 + state + region))


def write(name, states, trajectories):
    """Writes {integrator: {step: [state, region]}} to `expected/name.csv`."""
    lines = ["integrator,step,state," + ",".join(f"region{i}" for i in range(N))]
    for integrator, samples in trajectories.items():
        for step, values in samples.items():
            for state, row in zip(states, values, strict=True):
                assert np.isfinite(row).all(), (name, integrator, step, state)
                numbers = ",".join(f"{x:.17g}" for x in row)
                lines.append(f"{integrator},{step},{state},{numbers}")
    (HERE / "expected").mkdir(exist_ok=True)
    (HERE / "expected" / f"{name}.csv").write_text("\n".join(lines) + "\n")


def write_network():
    for name, matrix in (("weights", WEIGHTS), ("lengths", LENGTHS)):
        rows = (",".join(f"{x:.17g}" for x in row) for row in matrix)
        (HERE / f"{name}.csv").write_text("\n".join(rows) + "\n")
