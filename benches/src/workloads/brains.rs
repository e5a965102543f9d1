//! W6: brains as in W5 that differ in how strongly their nodes are coupled, one simulation after the
//! other on each thread.

use std::sync::atomic::{AtomicUsize, Ordering};

use rate_model::lanes::Real;
use rate_model::prelude::*;

use super::brain;
use crate::connectome::Connectome;
use crate::error::Error;
use crate::harness::{Moments, Outcome, Prepared, Request, seconds};
use crate::models::Node as M;

/// Nodes of each brain.
const NODES: usize = 80;

/// From one brain to the next, G grows by this.
const GROWTH: f64 = 0.01;

struct Brains<T> {
    connectome: Connectome,
    request: Request,
    precision: std::marker::PhantomData<T>,
}

#[allow(clippy::unnecessary_wraps, reason = "like all workloads; brains are set up while it runs")]
pub(super) fn prepare<T: Real>(request: &Request) -> Result<Box<dyn Prepared>, Error> {
    let (connectome, request) = (Connectome::new(NODES), request.clone());
    Ok(Box::new(Brains::<T> { connectome, request, precision: std::marker::PhantomData }))
}

impl<T: Real> Brains<T> {
    /// Takes brains that are left until there are none; at each look the sum of their means.
    fn work(&self, next: &AtomicUsize) -> Result<Vec<f64>, Error> {
        let mut sums = Vec::new();
        loop {
            let point = next.fetch_add(1, Ordering::Relaxed);
            if point >= self.request.n {
                return Ok(sums);
            }
            let params = [(M::G, GROWTH * point as f64)];
            let seed = point as u64;
            let (mut simulation, nodes) =
                brain::simulation::<T>(&self.connectome, &self.request, &params, seed)?;
            simulation.run(steps(self.request.steps))?;
            add(&mut sums, &brain::means(&simulation, nodes)?);
        }
    }
}

fn add(sums: &mut Vec<f64>, means: &[f64]) {
    sums.resize(means.len().max(sums.len()), 0.0);
    sums.iter_mut().zip(means).for_each(|(sum, mean)| *sum += mean);
}

impl<T: Real> Prepared for Brains<T> {
    fn run(&mut self) -> Result<Outcome, Error> {
        let next = AtomicUsize::new(0);
        let (seconds, parts) = seconds(self.request.clock, || {
            std::thread::scope(|scope| {
                let start = |_| scope.spawn(|| self.work(&next));
                let threads: Vec<_> = (0..self.request.threads).map(start).collect();
                let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                };
                threads.into_iter().map(join).collect::<Result<Vec<_>, Error>>()
            })
        });
        let mut sums = Vec::new();
        parts?.iter().for_each(|part| add(&mut sums, part));
        let count = self.request.n as f64;
        let means: Vec<f64> = sums.into_iter().map(|sum| sum / count).collect();
        Ok(Outcome { seconds, moments: Moments::of(&means) })
    }
}
