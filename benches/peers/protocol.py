"""What all peers in Python share: arguments, the conversation with the harness, numbers.

Arguments: workload, n, f32 or f64, threads, steps, `noise` or `quiet`, `cpu` or `wall`, file of the
connectome. A peer says `ready`, makes a run for each line it reads, and answers with seconds and
moments.
"""

import json
import os
import sys
import time

if hasattr(os, "sched_setaffinity"):  # one core, also for libraries with threads of their own
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np

WORKLOAD, PRECISION = sys.argv[1], sys.argv[3]
N, STEPS = int(sys.argv[2]), int(sys.argv[5])
NOISY, CLOCK = sys.argv[6] == "noise", sys.argv[7]
REAL = np.dtype("float32" if PRECISION == "f32" else "float64").type
EVERY = 1000


def uniform(stream, count):
    """Numbers in [0, 1): the output function of SplitMix64 of the places of a stream."""
    with np.errstate(over="ignore"):
        z = (np.uint64(stream << 40) + np.arange(1, count + 1, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def connectome():
    """Weights, lengths in mm and delays in steps, [target, source]."""
    data = open(sys.argv[8], "rb").read()
    n = int(np.frombuffer(data, "<u8", 1)[0])
    both = np.frombuffer(data, "<f8", 2 * n * n, 8).reshape(2, n, n)
    delays = np.frombuffer(data, "<i4", n * n, 8 + 16 * n * n).reshape(n, n)
    return both[0].copy(), both[1].copy(), delays.copy()


def currents():
    return [(20 * uniform(stream, N) - 5).astype(REAL) for stream in (0, 1)]


def dense_weights():
    return [
        ((-1) ** kind * 2 / N * uniform(20 + kind, N * N)).reshape(N, N).astype(REAL) for kind in range(4)
    ]


def sparse_connections(inputs=50):
    pairs = (N + 1) // 2
    sources = [(uniform(30 + kind, pairs * inputs) * pairs).astype(np.int32) for kind in range(4)]
    weights = [((-1) ** kind * 0.02 * uniform(40 + kind, pairs * inputs)).astype(REAL) for kind in range(4)]
    return pairs, inputs, sources, weights


def unit_inputs():
    """P, Q and the initial x, y of W7."""
    scales = [2.0, 1.0, 0.05, 0.05]
    return [(scale * uniform(stream, N)).astype(REAL) for stream, scale in enumerate(scales)]


def brain_start(n):
    nodes = np.arange(n)
    return (0.05 * (nodes % 7) / 7).astype(REAL), (0.05 * (nodes % 5) / 5).astype(REAL)


def serve(reset, run):
    """`reset()` gives a state, `run(state)` the numbers that are compared; only `run` is timed."""
    clock = time.process_time if CLOCK == "cpu" else time.perf_counter
    print("ready", flush=True)
    for _ in sys.stdin:
        state = reset()
        begin = clock()
        values = run(state)
        seconds = clock() - begin
        values = np.asarray(values, np.float64).ravel()
        deviations = values - values.mean()
        answer = {
            "seconds": seconds,
            "samples": values.size,
            "mean": values.mean(),
            "variance": (deviations**2).mean(),
            "fourth": (deviations**4).mean(),
        }
        print(json.dumps(answer), flush=True)
