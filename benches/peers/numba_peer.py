"""numba: loops as one would write them by hand, compiled with fastmath on the first run."""

import math

import numba
import numpy as np
from protocol import *

jit = numba.njit(fastmath=True, error_model="numpy")
RATE_E, RATE_I, GAIN_E, GAIN_I = REAL(0.1 / 20), REAL(0.1 / 10), REAL(0.066), REAL(0.351)
NORMAL = np.random.standard_normal


@jit
def relax(e, i, into_e, into_i, base_e, base_i):
    zero = e.dtype.type(0)
    for n in range(e.size):
        e[n] = max(e[n] + RATE_E * (GAIN_E * max(into_e[n] + base_e, zero) - e[n]), zero)
        i[n] = max(i[n] + RATE_I * (GAIN_I * max(into_i[n] + base_i, zero) - i[n]), zero)


@jit
def pairs(e, i, into_e, into_i, steps):
    for _ in range(steps):
        relax(e, i, into_e, into_i, e.dtype.type(0), e.dtype.type(0))


@jit
def noisy(e, i, into_e, into_i, kick_e, kick_i, steps):
    zero = e.dtype.type(0)
    for _ in range(steps):
        for n in range(e.size):
            e[n] = max(e[n] + RATE_E * (GAIN_E * max(into_e[n], zero) - e[n]) + kick_e * NORMAL(), zero)
            i[n] = max(i[n] + RATE_I * (GAIN_I * max(into_i[n], zero) - i[n]) + kick_i * NORMAL(), zero)


@jit
def dense(w0, w1, w2, w3, e, i, steps):
    for _ in range(steps):
        into_e, into_i = np.dot(w0, e) + np.dot(w1, i), np.dot(w2, e) + np.dot(w3, i)
        relax(e, i, into_e, into_i, e.dtype.type(10), e.dtype.type(5))


@jit
def gather(weights, sources, rates, into, inputs):
    for n in range(into.size):
        total = into.dtype.type(0)
        for k in range(n * inputs, (n + 1) * inputs):
            total += weights[k] * rates[sources[k]]
        into[n] += total


@jit
def sparse(w0, w1, w2, w3, s0, s1, s2, s3, e, i, into_e, into_i, inputs, steps):
    for _ in range(steps):
        into_e[:] = 0
        into_i[:] = 0
        gather(w0, s0, e, into_e, inputs)
        gather(w1, s1, i, into_e, inputs)
        gather(w2, s2, e, into_i, inputs)
        gather(w3, s3, i, into_i, inputs)
        relax(e, i, into_e, into_i, e.dtype.type(10), e.dtype.type(5))


@jit
def logistic(x):
    return 1 / (1 + math.exp(-x))


@jit
def brain(weights, delays, past, e, i, sigma, steps, means):
    one, n, mask = e.dtype.type(1), e.size, past.shape[1] - 1
    arriving = np.zeros_like(e)
    dt, kick = one * 0.1, sigma * math.sqrt(one * 0.1)
    for step in range(steps):
        for k in range(n):
            past[k, step & mask] = e[k]
        for k in range(n):
            total = one * 0
            for j in range(n):
                total += weights[k, j] * past[j, (step - delays[k, j]) & mask]
            arriving[k] = total
        for k in range(n):
            a, b = e[k], i[k]
            s = logistic(one * 1.3 * (16 * a - 12 * b + one * 1.25 + one * 0.6 * arriving[k] - 4))
            r = logistic(2 * (15 * a - 3 * b - one * 3.7))
            e[k] = a + dt * ((1 - a) * s - a) / (one * 2.5)
            i[k] = b + dt * ((1 - b) * r - b) / (one * 3.75)
            if sigma > 0:
                e[k] += kick * NORMAL()
                i[k] += kick * NORMAL()
        if (step + 1) % EVERY == 0:
            means[(step + 1) // EVERY - 1] = e.mean()


@jit
def units(x, y, u, v, p, q, sigma, decay, gain, is_driven, steps):
    one = x.dtype.type(1)
    rest_x, rest_y, dt = logistic(-one * 1.2 * 2.8), logistic(-one * 4), one * 0.1
    for _ in range(steps):
        for n in range(x.size):
            a, b = x[n], y[n]
            s = logistic(one * 1.2 * (12 * a - 4 * b + p[n] + sigma * u[n] - one * 2.8)) - rest_x
            r = logistic(13 * a - 11 * b + q[n] + sigma * v[n] - 4) - rest_y
            x[n] = a + dt * ((1 - a) * s - a)
            y[n] = b + dt * ((1 - b) * r - b)
            if is_driven:
                u[n] = decay * u[n] + gain * NORMAL()
                v[n] = decay * v[n] + gain * NORMAL()


def zeros(count, arrays):
    return [np.zeros(count, REAL) for _ in range(arrays)]


if WORKLOAD == "W1":
    into = currents()

    def run(state):
        pairs(*state, *into, STEPS)
        return state[0].astype(float) + state[1]

    serve(lambda: zeros(N, 2), run)
elif WORKLOAD == "W2":
    into = currents()
    kicks = [REAL(0.5 * NOISY), REAL(1.0 * NOISY)]

    def run(state):
        noisy(*state, *into, *kicks, STEPS)
        return state[0].astype(float) + state[1]

    serve(lambda: zeros(N, 2), run)
elif WORKLOAD == "W3":
    weights = dense_weights()

    def run(state):
        dense(*weights, *state, STEPS)
        return state[0].astype(float) + state[1]

    serve(lambda: zeros(N, 2), run)
elif WORKLOAD == "W4":
    count, inputs, sources, weights = sparse_connections()

    def run(state):
        sparse(*weights, *sources, *state, inputs, STEPS)
        return state[0].astype(float) + state[1]

    serve(lambda: zeros(count, 4), run)
elif WORKLOAD == "W5":
    weights, _, delays = connectome()
    room = 1 << int(delays.max() + 1).bit_length()

    def reset():
        e, i = brain_start(N)
        return np.repeat(e[:, None], room, axis=1), e, i

    def run(state):
        means = np.zeros(STEPS // EVERY)
        brain(weights.astype(REAL), delays, *state, REAL(0.01 * NOISY), STEPS, means)
        return means

    serve(reset, run)
else:
    p, q, x, y = unit_inputs()
    is_driven = WORKLOAD == "W7-OU"
    sigma = REAL(math.sqrt(0.025) * (is_driven and NOISY))
    decay, gain = REAL(math.exp(-0.02)), REAL(math.sqrt(-math.expm1(-0.04)))

    def run(state):
        units(*state, p, q, sigma, decay, gain, is_driven, STEPS)
        return state[0].astype(float) + state[1]

    def start():
        noise = np.random.standard_normal((2, N)).astype(REAL) * is_driven
        return [x.copy(), y.copy(), noise[0], noise[1]]

    serve(start, run)
