//! Members of a sweep in groups: those that are like each other run side by side.

use std::marker::PhantomData;

use super::{Attempt, Sweep, SweepPoint, caught};
use crate::error::Error;
use crate::lanes::Real;
use crate::network::{FEW_MEMBERS, Size};
use crate::simulation::Simulation;
use crate::time::Span;
use crate::units::BLOCK;

/// About how many units run side by side: several full blocks, and little enough memory to be near.
const TOGETHER: usize = 512;

/// How many members run side by side because of their matrices.
const MOST: usize = 8;

/// How many bytes of matrices do not stay near.
const LARGE: usize = 1 << 20;

/// How many bytes of weights and of the past members of a group may have of their own.
const ROOM: usize = 256 << 20;

/// How members are built, how long they run, and what is read of them.
pub(super) struct Members<T, K, B, R> {
    pub(super) build: B,
    pub(super) span: Span,
    pub(super) read: R,
    pub(super) kind: PhantomData<fn() -> (T, K)>,
}

/// A member that has been built, and which of its group it is.
struct Member<T, K> {
    place: usize,
    simulation: Simulation<T>,
    key: K,
}

impl<T: Real, K> Member<T, K> {
    /// Whether it gains from running beside another, whose weights it takes over where they are the same: of its own it
    /// may have no more than of these, nor more than there is room for.
    fn joins(&mut self, first: &Self, room: &mut usize) -> bool {
        if self.simulation.units() < BLOCK {
            return true;
        }
        if !first.simulation.is_like(&self.simulation) {
            return false;
        }
        let all = self.simulation.weights().total();
        let own = self.simulation.share_weights(&first.simulation).total();
        let joins = own <= *room && 2 * own <= all;
        *room -= if joins { own } else { 0 };
        joins
    }

    /// Whether so many like this gain from running side by side.
    fn gains(&self, members: usize) -> bool {
        let Size { lists, matrices, .. } = self.simulation.weights();
        let least = if lists > matrices { FEW_MEMBERS } else { 2 };
        members >= if self.simulation.units() < BLOCK { 2 } else { least }
    }
}

impl<T, K, B, R> Members<T, K, B, R>
where
    T: Real,
    B: Fn(&SweepPoint) -> Result<(Simulation<T>, K), Error>,
    R: Fn(&Simulation<T>, &K) -> Result<Vec<f64>, Error>,
{
    /// How many members like the first make a group.
    pub(super) fn group_size(&self, first: &SweepPoint) -> usize {
        match caught(|| (self.build)(first)) {
            Ok((simulation, _)) if simulation.units() < BLOCK => {
                TOGETHER / simulation.units().max(1)
            }
            // Those that fill blocks by themselves have their past in a nearer cache alone; but if they have
            // the same weights, each that is read serves several of them: with lists as many as have their values in a
            // line of the cache.
            Ok((simulation, _)) => match simulation.weights() {
                Size { lists, matrices, .. } if lists > matrices => 64 / size_of::<T>(),
                Size { matrices, .. } if matrices > LARGE => MOST,
                _ => 1,
            },
            Err(_) => 1,
        }
    }

    /// Runs a group.
    pub(super) fn run(&self, sweep: &Sweep, points: &[SweepPoint]) -> Vec<Attempt> {
        let mut results: Vec<Option<Attempt>> = vec![None; points.len()];
        let (mut waiting, mut room) = (Vec::<Member<T, K>>::new(), ROOM);
        for (place, point) in points.iter().enumerate() {
            let mut member = match caught(|| (self.build)(point)) {
                Ok((simulation, key)) => Member { place, simulation, key },
                Err(problem) => {
                    results[place] = Some(Err(problem));
                    continue;
                }
            };
            if waiting.first().is_none_or(|first| member.joins(first, &mut room)) {
                waiting.push(member);
            } else {
                let Member { simulation, key, .. } = &mut member;
                results[place] = Some(sweep.attempt(|| self.finish(simulation, key)));
            }
        }
        while let Some(first) = waiting.pop() {
            let is_like = |other: &Member<T, K>| first.simulation.is_like(&other.simulation);
            let (mut alike, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_like);
            waiting = others;
            alike.push(first);
            for (place, result) in self.run_alike(sweep, points, alike) {
                results[place] = Some(result);
            }
        }
        let missing = || Err("it was not run".to_owned());
        results.into_iter().map(|result| result.unwrap_or_else(missing)).collect()
    }

    /// Runs members that are like each other.
    fn run_alike(
        &self,
        sweep: &Sweep,
        points: &[SweepPoint],
        mut members: Vec<Member<T, K>>,
    ) -> Vec<(usize, Attempt)> {
        if !members.first().is_some_and(|first| first.gains(members.len())) {
            let alone = |Member { place, mut simulation, key }: Member<T, K>| {
                (place, sweep.attempt(|| self.finish(&mut simulation, &key)))
            };
            return members.into_iter().map(alone).collect();
        }
        let mut together: Vec<_> =
            members.iter_mut().map(|member| &mut member.simulation).collect();
        if caught(|| Simulation::run_abreast(&mut together, self.span)).is_ok() {
            let read = |Member { place, simulation, key }: &Member<T, K>| {
                (*place, sweep.attempt(|| (self.read)(simulation, key)))
            };
            return members.iter().map(read).collect();
        }
        // What is wrong with one of them must not end the others.
        let alone = |place: usize| {
            let attempt = || {
                let (mut simulation, key) = (self.build)(&points[place])?;
                self.finish(&mut simulation, &key)
            };
            (place, sweep.attempt(attempt))
        };
        members.into_iter().map(|member| alone(member.place)).collect()
    }

    /// Runs one member, and reads what it comes to.
    fn finish(&self, simulation: &mut Simulation<T>, key: &K) -> Result<Vec<f64>, Error> {
        simulation.run(self.span)?;
        (self.read)(simulation, key)
    }
}
