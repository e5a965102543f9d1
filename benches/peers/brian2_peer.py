"""Brian2: uncoupled workloads, in C++ by way of Cython. It cannot clip within an update, so that rates
are clipped by a second pass."""

import numpy as np
from protocol import *

import brian2 as b2
from brian2 import ms, second

b2.BrianLogger.log_level_error()
b2.prefs.codegen.target = "cython"
b2.prefs.core.default_float_dtype = REAL
b2.defaultclock.dt = 0.1 * ms

PAIRS = """
dve/dt = (-ve + 0.066*clip(Ie, 0, inf))/(20*ms){e} : 1
dvi/dt = (-vi + 0.351*clip(Ii, 0, inf))/(10*ms){i} : 1
Ie : 1 (constant)
Ii : 1 (constant)
"""
NOISE = " + kick*xi_{k}/({tau}*ms)*second**0.5"
UNITS = """
dx/dt = (-x + (1 - x)*(1/(1 + exp(-1.2*(12*x - 4*y + P - 2.8))) - 1/(1 + exp(1.2*2.8))))/ms : 1
dy/dt = (-y + (1 - y)*(1/(1 + exp(-(13*x - 11*y + Q - 4))) - 1/(1 + exp(4.0))))/ms : 1
P : 1 (constant)
Q : 1 (constant)
"""


def pairs():
    is_noisy = WORKLOAD == "W2" and NOISY
    terms = [NOISE.format(k=k, tau=tau) if is_noisy else "" for k, tau in (("e", 20), ("i", 10))]
    group = b2.NeuronGroup(N, PAIRS.format(e=terms[0], i=terms[1]), method="euler", namespace={"kick": 1.0})
    group.run_regularly("ve = clip(ve, 0, inf)\nvi = clip(vi, 0, inf)", dt=0.1 * ms, when="after_groups")
    group.Ie, group.Ii = currents()
    return group, ("ve", "vi"), (0, 0)


def units():
    group = b2.NeuronGroup(N, UNITS, method="euler")
    group.P, group.Q, x, y = unit_inputs()
    return group, ("x", "y"), (x, y)


if WORKLOAD not in ("W1", "W2", "W7"):
    raise SystemExit(f"the script for Brian2 has no {WORKLOAD}")
group, names, start = units() if WORKLOAD == "W7" else pairs()
network = b2.Network(group)


def reset():
    for name, values in zip(names, start):
        setattr(group, name, values)


def run(_):
    network.run(STEPS * 0.1 * ms)
    return sum(np.asarray(getattr(group, name), float) for name in names)


serve(reset, run)
