//! Networks that are like each other, side by side in one: their units share blocks, and so vectors.

use super::population::Built;
use super::projection::Link;
use super::{Network, Port};
use crate::lanes::Real;
use crate::units::Column;

impl<T: Real> Network<T> {
    /// Whether another differs in no more than parameters, initial values, what is sent to inputs,
    /// weights and the delays of single connections.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        fn pairwise<A>(one: &[A], other: &[A], is_like: fn(&A, &A) -> bool) -> bool {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_like(one, other))
        }
        fn ports<T>(network: &Network<T>) -> impl Iterator<Item = (bool, &[usize])> {
            let ports = network.ports.iter().flatten();
            ports.map(|port| (port.connected, port.projections.as_slice()))
        }
        pairwise(&self.populations, &other.populations, Built::is_like)
            && ports(self).eq(ports(other))
            && pairwise(&self.projections, &other.projections, Link::is_like)
    }

    /// One network of several that are like each other, with a seed each. It borrows their stimuli: see
    /// [`Network::give_back`].
    pub(crate) fn beside(members: &mut [&mut Self], seeds: &[u64]) -> Self {
        let mut all = Self::with_precision();
        for index in 0..members[0].populations.len() {
            let parts: Vec<_> = members.iter().map(|member| &member.populations[index]).collect();
            all.populations.push(Built::beside(&parts, seeds));
            let each = parts[0].units.len;
            let ports = (0..members[0].ports[index].len())
                .map(|port| port_beside(members, [index, port], each))
                .collect();
            all.ports.push(ports);
        }
        for index in 0..members[0].projections.len() {
            let parts: Vec<_> = members.iter().map(|member| &member.projections[index]).collect();
            all.projections.push(Link::beside(&parts));
        }
        all
    }

    /// Gives stimuli back to the networks that they were borrowed from.
    pub(crate) fn give_back(&mut self, members: &mut [&mut Self], lent: &[usize]) {
        let mut counts = lent.iter();
        for index in 0..self.ports.len() {
            for port in 0..self.ports[index].len() {
                let mut drives = std::mem::take(&mut self.ports[index][port].drives).into_iter();
                for member in &mut *members {
                    let count = counts.next().copied().unwrap_or(0);
                    let own = &mut member.ports[index][port].drives;
                    own.extend(drives.by_ref().take(count));
                    for drive in own {
                        drive.set_part(None);
                    }
                }
            }
        }
    }

    /// How many stimuli each input of each of several networks has, in the order of
    /// [`Network::give_back`].
    pub(crate) fn count_stimuli(members: &[&mut Self]) -> Vec<usize> {
        let mut counts = Vec::new();
        for index in 0..members[0].ports.len() {
            for port in 0..members[0].ports[index].len() {
                counts.extend(members.iter().map(|member| member.ports[index][port].drives.len()));
            }
        }
        counts
    }

    /// What the populations of one of several networks side by side have become.
    pub(crate) fn of_member(
        &self,
        member: usize,
        before: &Self,
        step: u64,
    ) -> Result<Vec<Built<T>>, String> {
        let pairs = self.populations.iter().zip(&before.populations);
        pairs.map(|(all, one)| all.of_member(member, one, step)).collect()
    }
}

/// One input of networks side by side, with the stimuli of all.
fn port_beside<T: Real>(
    members: &mut [&mut Network<T>],
    [population, input]: [usize; 2],
    each: usize,
) -> Port<T> {
    let first = &members[0].ports[population][input];
    let (connected, projections) = (first.connected, first.projections.clone());
    let base = Column::per_unit(each * members.len(), |unit| {
        members[unit / each].ports[population][input].base.get(unit % each)
    });
    let mut drives = Vec::new();
    for (member, network) in members.iter_mut().enumerate() {
        let from = drives.len();
        drives.append(&mut network.ports[population][input].drives);
        for drive in &mut drives[from..] {
            drive.set_part(Some(member * each..(member + 1) * each));
        }
    }
    Port { base, connected, drives, settled: false, projections }
}
