//! Simulations that are like each other, run side by side: what each computes fills a part of the
//! vectors, and comes out with the same bits as if it ran alone.

use super::Simulation;
use crate::crew::Threads;
use crate::error::Error;
use crate::lanes::Real;
use crate::moments::Measure;
use crate::network::{Network, Size, Stages};
use crate::simulation::Options;
use crate::time::{Span, steps};

impl<T: Real> Simulation<T> {
    /// How many units all populations have.
    pub(crate) fn units(&self) -> usize {
        self.network.units()
    }

    /// How many bytes its weights have.
    pub(crate) fn weights(&self) -> Size {
        self.network.weights()
    }

    /// Takes over the weights of a simulation like this, where they are the same; how many bytes there are of others.
    pub(crate) fn share_weights(&mut self, other: &Self) -> Size {
        self.network.share_weights(&other.network)
    }

    /// Whether another can run beside this one. Neither has begun; their networks are like each other,
    /// and their options are the same but for the seed. What looks at all states at once keeps a
    /// simulation alone: steps that adapt, noise drawn by state or mixed across units, pieces on disk.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let how = |one: &Self| (one.dt, Options { seed: 0, ..one.options }, one.choice.integrator);
        let is_free = |one: &Self| {
            let draws = one.stages.as_ref().is_some_and(Stages::draws);
            one.step == 0 && one.chunks.is_none() && one.options.tolerance.is_none() && !draws
        };
        is_free(self)
            && is_free(other)
            && how(self) == how(other)
            && self.network.is_like(&other.network)
    }

    /// Runs simulations that are like each other.
    ///
    /// # Errors
    /// Those of any of them. None of them can be used then.
    pub(crate) fn run_abreast(members: &mut [&mut Self], span: Span) -> Result<(), Error> {
        let seeds: Vec<u64> = members.iter().map(|member| member.options.seed).collect();
        let (dt, integrator) = (members[0].dt, members[0].choice.integrator);
        // Whether a step is too long was asked of each.
        let options = Options {
            threads: Threads::Exactly(1),
            progress: false,
            check_stability: false,
            ..members[0].options
        };
        let count = match span {
            Span::Steps(count) => count,
            Span::Duration(duration) => duration.steps(dt)?,
        };
        let mut networks: Vec<_> = members.iter_mut().map(|member| &mut member.network).collect();
        let lent = Network::count_stimuli(&networks);
        let network = Network::beside(&mut networks, &seeds);
        let mut all = Self::with_options(network, dt, options)?;
        if all.choice.integrator != integrator {
            return Err(Error::Abreast { problem: "they come to different methods".to_owned() });
        }
        all.take_watchers(members);
        all.run(steps(count))?;
        all.hand_out(members, &lent)
    }

    /// Takes over what watches the members: statistics that all take alike as one.
    fn take_watchers(&mut self, members: &mut [&mut Self]) {
        let taken = members.iter_mut().map(|member| std::mem::take(&mut member.measures));
        let taken: Vec<Vec<Measure>> = taken.collect();
        let are_alike = taken.iter().all(|measures| {
            let first = &taken[0];
            let pairs = measures.iter().zip(first);
            measures.len() == first.len()
                && pairs.into_iter().all(|(one, first)| one.is_like(first))
        });
        if are_alike {
            for place in 0..taken[0].len() {
                let parts: Vec<&Measure> = taken.iter().map(|measures| &measures[place]).collect();
                self.measures.push(Measure::beside(&parts));
            }
        }
        for (index, member) in members.iter_mut().enumerate() {
            let offset =
                |population: usize| index * member.network.populations[population].units.len;
            for mut recorder in std::mem::take(&mut member.recorders) {
                recorder.offset = offset(recorder.population);
                self.recorders.push(recorder);
            }
        }
        if !are_alike {
            for (index, measures) in taken.into_iter().enumerate() {
                for mut measure in measures {
                    let units = self.network.populations[measure.population].units.len;
                    measure.offset = index * units / members.len();
                    self.measures.push(measure);
                }
            }
        }
    }

    /// Gives each member what has become of it.
    fn hand_out(mut self, members: &mut [&mut Self], lent: &[usize]) -> Result<(), Error> {
        let mut networks: Vec<_> = members.iter_mut().map(|member| &mut member.network).collect();
        self.network.give_back(&mut networks, lent);
        for (index, member) in members.iter_mut().enumerate() {
            let populations = self.network.of_member(index, &member.network, self.step);
            let populations = populations.map_err(|problem| Error::Abreast { problem })?;
            member.go_on_from(self.step, populations, None);
        }
        let (populations, count) = (&self.network.populations, members.len());
        let owner =
            |offset: usize, population: usize| offset / (populations[population].units.len / count);
        for mut recorder in std::mem::take(&mut self.recorders) {
            let member = owner(recorder.offset, recorder.population);
            recorder.offset = 0;
            members[member].recorders.push(recorder);
        }
        for mut measure in std::mem::take(&mut self.measures) {
            if measure.units() == populations[measure.population].units.len {
                for (member, own) in members.iter_mut().zip(measure.divide(count)) {
                    member.measures.push(own);
                }
                continue;
            }
            let member = owner(measure.offset, measure.population);
            measure.offset = 0;
            members[member].measures.push(measure);
        }
        Ok(())
    }
}
