"""BrainPy 2.9 (JAX): its own threshold-linear and Wilson-Cowan models where they have the equations of
the workload, stepped by one jitted loop. Compiled on the first run."""

import math

import numpy as np
from protocol import *

import brainpy as bp
import brainpy.math as bm
import jax
import jax.numpy as jnp

bm.set_platform("cpu")
if PRECISION == "f64":
    bm.enable_x64()
    bm.set_float(jnp.float64)

DT = 1e-4 if WORKLOAD in ("W1", "W2", "W3", "W4") else 0.1  # BrainPy's models have these in s and in ms
bm.set(dt=DT)
bp.share.save(dt=DT)


def loop(body):
    """All steps as one compiled program."""

    def step(k):
        bp.share.save(i=k, t=k * DT)
        return body(k)

    compiled = bm.jit(lambda indices: bm.for_loop(step, indices))
    indices = jnp.arange(STEPS)
    return lambda: compiled(indices)


def restart(variables, values):
    for variable, value in zip(variables, values):
        variable.value = jnp.asarray(value, REAL)


def both(model):
    names = ("e", "i") if hasattr(model, "e") else ("x", "y")
    first, second = (getattr(model, name).value for name in names)
    jax.block_until_ready(bm.as_jax(first))
    return np.asarray(first, float) + np.asarray(second, float)


def threshold_linear(count, inputs, noise=0.0):
    """A model stepped with the inputs that a function gives."""
    model = bp.rates.ThresholdLinearModel(count, noise_e=noise, noise_i=noise, input_var=False)
    zero = np.zeros(count)

    def body(_):
        model.update(*inputs(model))

    go = loop(body)

    def run(_):
        go()
        return both(model)

    serve(lambda: restart((model.e, model.i), (zero, zero)), run)


def brain():
    weights, _, delays = connectome()
    length = int(delays.max()) + 1
    weights, delays = jnp.asarray(weights, REAL), jnp.asarray(delays)
    sources = jnp.broadcast_to(jnp.arange(N), (N, N))
    sigma = 0.01 * math.sqrt(DT) * NOISY
    e, i, past = bm.Variable(jnp.zeros(N, REAL)), bm.Variable(jnp.zeros(N, REAL)), bm.Variable(jnp.zeros((length, N), REAL))
    rng = bm.random.RandomState(1)

    def body(k):
        a, b = bm.as_jax(e.value), bm.as_jax(i.value)
        buffer = bm.as_jax(past.value).at[k % length].set(a)
        past.value = buffer
        c = (weights * buffer[(k - delays) % length, sources]).sum(axis=1)
        s = jax.nn.sigmoid(1.3 * (16 * a - 12 * b + 1.25 + 0.6 * c - 4))
        r = jax.nn.sigmoid(2 * (15 * a - 3 * b - 3.7))
        z = bm.as_jax(rng.normal(size=(2, N))).astype(REAL) * REAL(sigma) if NOISY else jnp.zeros((2, N), REAL)
        e.value = a + DT * ((1 - a) * s - a) / 2.5 + z[0]
        i.value = b + DT * ((1 - b) * r - b) / 3.75 + z[1]
        return e.value.mean()

    go = loop(body)

    def reset():
        a, b = brain_start(N)
        restart((e, i, past), (a, b, np.broadcast_to(a, (length, N))))

    serve(reset, lambda _: np.asarray(bm.as_jax(go()))[EVERY - 1 :: EVERY])


def units():
    p, q, x, y = unit_inputs()
    is_driven = WORKLOAD == "W7-OU"
    model = bp.rates.WilsonCowanModel(N, method="euler", input_var=False)
    u, v = bm.Variable(jnp.zeros(N, REAL)), bm.Variable(jnp.zeros(N, REAL))
    rng = bm.random.RandomState(1)
    decay, gain, sigma = math.exp(-0.02), math.sqrt(-math.expm1(-0.04)), math.sqrt(0.025) * NOISY
    p, q = jnp.asarray(p), jnp.asarray(q)

    def body(_):
        if not is_driven:
            model.update(p, q)
            return
        model.update(p + REAL(sigma) * u.value, q + REAL(sigma) * v.value)
        z = bm.as_jax(rng.normal(size=(2, N))).astype(REAL)
        u.value = REAL(decay) * u.value + REAL(gain) * z[0]
        v.value = REAL(decay) * v.value + REAL(gain) * z[1]

    go = loop(body)

    def run(_):
        go()
        return both(model)

    def reset():
        noise = np.random.default_rng(1).standard_normal((2, N))
        restart((model.x, model.y, u, v), (x, y, noise[0], noise[1]))

    serve(reset, run)


if WORKLOAD in ("W1", "W2"):
    into = [jnp.asarray(values) for values in currents()]
    threshold_linear(N, lambda _: into, 1.0 if WORKLOAD == "W2" and NOISY else 0.0)
elif WORKLOAD == "W3":
    w = [jnp.asarray(values) for values in dense_weights()]

    def inputs(model):
        e, i = bm.as_jax(model.e.value), bm.as_jax(model.i.value)
        return w[0] @ e + w[1] @ i + 10, w[2] @ e + w[3] @ i + 5

    threshold_linear(N, inputs)
elif WORKLOAD == "W4":
    count, each, sources, weights = sparse_connections()
    starts = jnp.asarray(np.arange(count + 1) * each, jnp.int32)
    w, s = [jnp.asarray(values) for values in weights], [jnp.asarray(values) for values in sources]

    def times(kind, rates):
        return bm.as_jax(bm.sparse.csrmv(w[kind], s[kind], starts, rates, shape=(count, count)))

    def inputs(model):
        e, i = bm.as_jax(model.e.value), bm.as_jax(model.i.value)
        return times(0, e) + times(1, i) + 10, times(2, e) + times(3, i) + 5

    threshold_linear(count, inputs)
elif WORKLOAD == "W5":
    brain()
else:
    units()
