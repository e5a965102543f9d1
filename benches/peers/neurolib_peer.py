"""neurolib: its own Wilson-Cowan model with the constants of W5. Its noise is of another kind (an
Ornstein-Uhlenbeck process added to each equation), so that only runs without noise can agree. It keeps
all states of all steps."""

import logging

import numpy as np
from protocol import *

from neurolib.models.wc import WCModel

logging.disable(logging.CRITICAL)
weights, lengths, _ = connectome()


def reset():
    e, i = brain_start(N)
    model = WCModel(Cmat=weights, Dmat=lengths, seed=0)
    model.params.update(
        signalV=10.0, dt=0.1, duration=STEPS * 0.1, K_gl=0.6, sigma_ou=0.01 * NOISY,
        a_exc=1.3, mu_exc=4.0, a_inh=2.0, mu_inh=3.7, exc_ext=1.25, inh_ext=0.0,
        exc_init=e[:, None].astype(float), inh_init=i[:, None].astype(float),
    )
    return model


def run(model):
    model.run()
    return model.exc.mean(axis=0)[EVERY - 1 :: EVERY]


serve(reset, run)
