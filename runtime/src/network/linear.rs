//! The linearisation of a network, from the derivatives that the compiler made of its equations.

use ndarray::Array2;

use super::Network;
use super::population::Built;
use crate::error::Error;
use crate::lanes::Real;
use crate::model::{Place, TimeBase};
use crate::time::Clock;
use crate::units::fits_into_memory;

/// One state of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coordinate {
    /// The population.
    pub population: String,
    /// The state, in the modeller's spelling.
    pub state: &'static str,
    /// The label of the unit, or its index.
    pub unit: String,
}

/// The Jacobian of a whole network at its present state and inputs.
#[derive(Clone, Debug)]
pub struct Linearisation {
    /// What rows and columns stand for: population by population, state by state, unit by unit.
    pub coordinates: Vec<Coordinate>,
    /// ∂(dx/dt)/∂x, rows by columns: the unit of the row's state per that of the column's and per
    /// [`time_unit`](Self::time_unit). Shape [n, n] for n coordinates.
    pub jacobian: Array2<f64>,
    /// The unit of time of the first population; empty for models without units.
    pub time_unit: &'static str,
}

/// The partial derivatives of one population: for each unit the entries that its model lists.
struct Slopes<'a, T> {
    population: &'a Built<T>,
    entries: Vec<Vec<f64>>,
    /// From 1/(its unit of time) to 1/(that of the whole).
    scale: f64,
    /// The first of its coordinates.
    start: usize,
}

impl<T: Real> Slopes<'_, T> {
    fn states(&self) -> usize {
        self.population.info.states.len()
    }

    fn coordinate(&self, state: usize, unit: usize) -> usize {
        self.start + state * self.population.units.len + unit
    }

    /// Row, column and place of each entry.
    fn listed(&self) -> impl Iterator<Item = (usize, [usize; 2])> {
        self.population.info.jacobian.iter().copied().enumerate()
    }

    /// How its derivatives change with one of its inputs: state and place of the entry.
    fn by_input(&self, input: usize) -> impl Iterator<Item = (usize, usize)> {
        let states = self.states();
        let wanted = move |[row, column]: [usize; 2]| row < states && column == states + input;
        self.listed().filter(move |(_, at)| wanted(*at)).map(|(place, [row, _])| (row, place))
    }

    /// How what it sends changes with its states: state and, unless it is the state, the entry.
    fn of_source(&self, place: Place) -> Vec<(usize, Option<usize>)> {
        match place {
            Place::State(state) => vec![(state, None)],
            Place::Auxiliary(output) => {
                let row = self.states() + output;
                let of_row = self.listed().filter(|(_, at)| at[0] == row && at[1] < self.states());
                of_row.map(|(place, [_, column])| (column, Some(place))).collect()
            }
        }
    }
}

impl<T: Real> Network<T> {
    /// Linearises about the present states and the inputs last delivered.
    pub(crate) fn linearise(&self, step: u64, clocks: &[Clock]) -> Result<Linearisation, Error> {
        let states = |population: &Built<T>| population.info.states.len() * population.units.len;
        let states = self.populations.iter().map(states).sum();
        if !fits_into_memory::<f64>(states, states) {
            return Err(Error::JacobianTooLarge { states });
        }
        for population in &self.populations {
            if let Some(delay) = population.info.delays.first() {
                let population = population.name.clone();
                return Err(Error::DelayedJacobian { population, delay: delay.text });
            }
        }
        for projection in &self.projections {
            let names = || {
                let name = |index: usize| self.populations[index].name.clone();
                (name(projection.source.0), name(projection.target.0))
            };
            if projection.is_delayed() {
                let (source_population, target) = names();
                return Err(Error::DelayedProjectionJacobian { source_population, target });
            }
            if let Some(coupling) = projection.coupling_name() {
                let (source_population, target) = names();
                return Err(Error::CoupledJacobian { source_population, target, coupling });
            }
        }
        let base = self.populations.first().map_or(TimeBase::None, |first| first.info.time);
        let mut start = 0;
        let mut slopes = Vec::new();
        for (population, clock) in self.populations.iter().zip(clocks) {
            let t = T::from_f64(clock.at(step));
            let of_unit = |unit| (population.kernels.jacobian)(&population.units, unit, t);
            let entries = (0..population.units.len).map(of_unit).collect();
            let scale = rate_scale(population, base);
            slopes.push(Slopes { population, entries, scale, start });
            start += population.info.states.len() * population.units.len;
        }
        let mut jacobian = Array2::zeros((start, start));
        for population in &slopes {
            add_local(population, &mut jacobian);
        }
        for projection in &self.projections {
            let (from, to) = (&slopes[projection.source.0], &slopes[projection.target.0]);
            add_coupling(projection, from, to, &mut jacobian);
        }
        let coordinates = slopes.iter().flat_map(coordinates).collect();
        Ok(Linearisation { coordinates, jacobian, time_unit: base.symbol() })
    }
}

/// The factor from 1/(a population's unit of time) to 1/(another); models of one network all have
/// units, or none has.
fn rate_scale<T>(population: &Built<T>, base: TimeBase) -> f64 {
    match (population.info.time, base) {
        (TimeBase::Unit { seconds: own, .. }, TimeBase::Unit { seconds, .. }) => seconds / own,
        _ => 1.0,
    }
}

fn coordinates<'a, T: Real>(slopes: &'a Slopes<'_, T>) -> impl Iterator<Item = Coordinate> + 'a {
    let population = slopes.population;
    population.info.states.iter().flat_map(move |state| {
        (0..population.units.len).map(move |unit| Coordinate {
            population: population.name.clone(),
            state: state.name,
            unit: population.label(unit),
        })
    })
}

/// How the derivatives of a unit change with its own states.
fn add_local<T: Real>(slopes: &Slopes<'_, T>, jacobian: &mut Array2<f64>) {
    let states = slopes.states();
    for (place, [row, column]) in slopes.listed() {
        if row < states && column < states {
            for (unit, entries) in slopes.entries.iter().enumerate() {
                let at = [slopes.coordinate(row, unit), slopes.coordinate(column, unit)];
                jacobian[at] += slopes.scale * entries[place];
            }
        }
    }
}

/// How the derivatives of targets change with the states of sources, by the chain rule:
/// ∂f/∂input × weight × ∂output/∂state.
fn add_coupling<T: Real>(
    projection: &super::Link<T>,
    from: &Slopes<'_, T>,
    to: &Slopes<'_, T>,
    jacobian: &mut Array2<f64>,
) {
    let sent = from.of_source(projection.source.1);
    let connections = projection.connections();
    for (row, by_input) in to.by_input(projection.target.1) {
        for (column, of_source) in &sent {
            for (target, source, weight) in &connections {
                let slope = to.scale * to.entries[*target][by_input];
                let gain = of_source.map_or(1.0, |place| from.entries[*source][place]);
                let at = [to.coordinate(row, *target), from.coordinate(*column, *source)];
                jacobian[at] += slope * weight.to_f64() * gain;
            }
        }
    }
}
