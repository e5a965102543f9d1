//! The networks, as the scripts beside this file have them.

use ndarray::Axis;
use rate_model::connectivity::Connectome;
use rate_model::couplings::{Diffusive, Linear};
use rate_model::model::{Input, State};
use rate_model::prelude::*;

use crate::expected;
use crate::models::{columns, neurolib, tvb};

/// mm/ms
const SPEED: f64 = 3.0;

/// What a network is run with.
pub(crate) struct Run {
    connectome: Connectome,
    options: Options,
    /// The steps after which its states are looked at.
    steps: Vec<u64>,
}

/// For each of these steps and each state the values of all regions.
type Samples = Vec<Vec<Vec<f64>>>;

/// Runs a network.
pub(crate) type Case = fn(&Run) -> Result<Samples, Error>;

/// All networks, by the names of their files.
pub(crate) fn all() -> Vec<(&'static str, Case)> {
    vec![
        ("tvb_wilson_cowan_linear", |run| wilson_cowan(run, How::Linear(0.6, 0.1))),
        ("tvb_wilson_cowan_difference", |run| wilson_cowan(run, How::Difference(0.4))),
        ("tvb_jansen_rit_linear", |run| jansen_rit(run, Columns::Linear(0.0005))),
        ("tvb_jansen_rit_difference", |run| jansen_rit(run, Columns::Difference(0.003))),
        ("tvb_jansen_rit_sigmoidal", |run| jansen_rit(run, Columns::Sigmoidal(3.0))),
        ("tvb_sup_hopf_linear", |run| sup_hopf(run, How::Linear(0.03, 0.0))),
        ("tvb_sup_hopf_difference", |run| sup_hopf(run, How::Difference(0.05))),
        ("tvb_montbrio_pazo_roxin_linear", |run| montbrio(run, How::Linear(0.5, 0.2))),
        ("tvb_montbrio_pazo_roxin_difference", |run| montbrio(run, How::Difference(0.4))),
        ("tvb_reduced_wong_wang_linear", |run| reduced_wong_wang(run, How::Linear(0.2, 0.0))),
        ("tvb_reduced_wong_wang_difference", |run| reduced_wong_wang(run, How::Difference(0.2))),
        ("neurolib_wilson_cowan", neurolib_wilson_cowan),
        ("neurolib_hopf_diffusive", |run| neurolib_hopf(run, 0.1, true)),
        ("neurolib_hopf_additive", |run| neurolib_hopf(run, 0.03, false)),
        ("neurolib_fhn_diffusive", neurolib_fhn),
        ("neurolib_wong_wang", neurolib_wong_wang),
    ]
}

/// The largest deviation of each method from what is expected: of a state at a step, over the largest value
/// that it has in any region.
pub(crate) fn compare(name: &str, case: Case) -> Result<Vec<(String, f64)>, String> {
    compare_with(name, case, Delivery::Frozen)
}

pub(crate) fn compare_with(
    name: &str,
    case: Case,
    delivery: Delivery,
) -> Result<Vec<(String, f64)>, String> {
    let connectome = Connectome::read_csv(expected::path("weights.csv"))
        .and_then(|all| all.with_lengths_csv(expected::path("lengths.csv")))
        .map_err(|error| error.to_string())?;
    let mut results = Vec::new();
    for (method, samples) in expected::read(name)? {
        let integrator = method.parse().map_err(|error: Error| error.to_string())?;
        let options = Options { integrator, delivery, progress: false, ..Options::default() };
        let steps = samples.keys().copied().collect();
        let run = Run { connectome: connectome.clone(), options, steps };
        let found = case(&run).map_err(|error| format!("{name}: {error}"))?;
        let mut largest = 0.0_f64;
        for (found, expected) in found.iter().zip(samples.values()) {
            assert_eq!(found.len(), expected.len(), "{name} has other states");
            for (found, (_, expected)) in found.iter().zip(expected) {
                largest = largest.max(deviation(found, expected));
            }
        }
        results.push((method, largest));
    }
    Ok(results)
}

fn deviation(found: &[f64], expected: &[f64]) -> f64 {
    let largest = |values: &mut dyn Iterator<Item = f64>| values.map(f64::abs).fold(0.0, f64::max);
    let apart = largest(&mut found.iter().zip(expected).map(|(found, expected)| found - expected));
    apart / largest(&mut expected.iter().copied())
}

/// The value of a state at t ≤ 0, where `start` is its value at t = 0 in region 0.
fn history(start: f64, state: usize, region: usize, t: f64) -> f64 {
    let slope = (1 + state + region) as f64;
    start * (1.0 + 0.1 * region as f64 + 0.002 * t * slope)
}

/// A network of one population: its states with their values at t = 0 in region 0, of which those that are
/// sent have a past.
struct Regions<'a, M> {
    run: &'a Run,
    population: Population<M>,
    states: Vec<State<M>>,
}

impl<'a, M: RateModel> Regions<'a, M> {
    fn new<const N: usize>(run: &'a Run, states: [(State<M>, f64); N]) -> Self {
        let mut population = Population::new("regions", run.connectome.len());
        for (index, (state, start)) in states.into_iter().enumerate() {
            let value = move |region| history(start, index, region, 0.0);
            population = population.init(state, Values::from_fn(value));
        }
        Self { run, population, states: states.map(|(state, _)| state).to_vec() }
    }

    /// What a state was before t = 0.
    fn sends(mut self, state: State<M>, index: usize, start: f64) -> Self {
        let value = move |t, region| history(start, index, region, t);
        self.population = self.population.history_fn(state, value);
        self
    }

    fn set(mut self, param: rate_model::model::Param<M>, values: impl Into<Values>) -> Self {
        self.population = self.population.set(param, values);
        self
    }

    /// Runs it in steps of `dt`.
    fn simulate(
        self,
        dt: impl Into<Time>,
        connect: impl FnOnce(&mut Network, PopulationId<M>) -> Result<(), Error>,
    ) -> Result<Samples, Error> {
        let Self { run, population, states } = self;
        let mut network = Network::new();
        let regions = network.add(population)?;
        connect(&mut network, regions)?;
        let mut simulation = Simulation::with_options(network, dt, run.options)?;
        let (mut done, mut samples) = (0, Vec::new());
        for step in &run.steps {
            simulation.run(steps(step - done))?;
            done = *step;
            let values = |state: &State<M>| Ok(simulation.values(regions, *state)?.to_vec());
            samples.push(states.iter().map(values).collect::<Result<_, Error>>()?);
        }
        Ok(samples)
    }
}

impl Run {
    /// Delays by the lengths of tracts, counted in `unit`, which is a millisecond or, for models without
    /// units, 1.
    fn delays(&self, unit: impl Into<Time>) -> Result<Delays, Error> {
        Ok(Delays::matrix(unit, &self.connectome.delays(SPEED)?))
    }

    /// Plain weighted sums.
    fn project<M: RateModel>(
        &self,
        network: &mut Network,
        regions: PopulationId<M>,
        (source, input): (State<M>, Input<M>),
        unit: impl Into<Time>,
    ) -> Result<(), Error> {
        let weights = self.connectome.weights();
        let projection = Projection::new(regions, source, regions, input, weights);
        network.connect(projection.delays(self.delays(unit)?))
    }

    /// For each region the sum of the weights to it.
    fn strengths(&self) -> Values {
        (&self.connectome.weights().sum_axis(Axis(1))).into()
    }
}

/// A coupling function of The Virtual Brain.
#[derive(Clone, Copy)]
enum How {
    /// `a Σ w x_j + b`
    Linear(f64, f64),
    /// `a Σ w (x_j - x_i)`
    Difference(f64),
}

/// Connects regions as this coupling function says.
fn couple<M: RateModel>(
    run: &Run,
    how: How,
    unit: impl Into<Time>,
    network: &mut Network,
    regions: PopulationId<M>,
    (source, input): (State<M>, Input<M>),
) -> Result<(), Error> {
    let projection = Projection::new(regions, source, regions, input, run.connectome.weights());
    let projection = projection.delays(run.delays(unit)?);
    match how {
        How::Linear(a, b) => {
            let coupling = Coupled::<Linear>::new().set(Linear::a, a).set(Linear::b, b);
            network.connect(projection.coupling(coupling))
        }
        How::Difference(a) => {
            let coupling = Coupled::<Diffusive>::new().set(Diffusive::a, a);
            network.connect(projection.coupling(coupling).against(regions, source))
        }
    }
}

fn wilson_cowan(run: &Run, how: How) -> Result<Samples, Error> {
    use tvb::WilsonCowan as Model;
    Regions::new(run, [(Model::E, 0.1), (Model::I, 0.05)])
        .sends(Model::E, 0, 0.1)
        .set(Model::P, 0.5)
        .simulate(ms(0.1), |network, regions| {
            couple(run, how, ms(1.0), network, regions, (Model::E, Model::c0))
        })
}

fn sup_hopf(run: &Run, how: How) -> Result<Samples, Error> {
    use tvb::SupHopf as Model;
    Regions::new(run, [(Model::x, 0.1), (Model::y, 0.2)])
        .sends(Model::x, 0, 0.1)
        .sends(Model::y, 1, 0.2)
        .set(Model::a, 0.1)
        .set(Model::ω, 0.2)
        .simulate(0.1, |network, regions| {
            couple(run, how, 1.0, network, regions, (Model::x, Model::c0))?;
            couple(run, how, 1.0, network, regions, (Model::y, Model::c1))
        })
}

fn montbrio(run: &Run, how: How) -> Result<Samples, Error> {
    use tvb::MontbrioPazoRoxin as Model;
    Regions::new(run, [(Model::r, 0.3), (Model::V, -1.0)])
        .sends(Model::r, 0, 0.3)
        .sends(Model::V, 1, -1.0)
        .simulate(0.02, |network, regions| {
            couple(run, how, 1.0, network, regions, (Model::r, Model::c0))?;
            couple(run, how, 1.0, network, regions, (Model::V, Model::c1))
        })
}

fn reduced_wong_wang(run: &Run, how: How) -> Result<Samples, Error> {
    use tvb::ReducedWongWang as Model;
    Regions::new(run, [(Model::S, 0.1)])
        .sends(Model::S, 0, 0.1)
        .simulate(ms(0.1), |network, regions| {
            couple(run, how, ms(1.0), network, regions, (Model::S, Model::c0))
        })
}

/// A coupling function between columns of Jansen and Rit's.
#[derive(Clone, Copy)]
enum Columns {
    Linear(f64),
    Difference(f64),
    Sigmoidal(f64),
}

fn jansen_rit(run: &Run, how: Columns) -> Result<Samples, Error> {
    use tvb::JansenRit as Model;
    let (y1, y2) = (18.0, 11.0);
    let starts = [
        (Model::y0, 0.1),
        (Model::y1, y1),
        (Model::y2, y2),
        (Model::y3, 0.01),
        (Model::y4, 0.02),
        (Model::y5, 0.03),
    ];
    let mut columns = Regions::new(run, starts);
    if matches!(how, Columns::Sigmoidal(_)) {
        let v = move |t, region| history(y1, 1, region, t) - history(y2, 2, region, t);
        columns.population = columns.population.history_fn(Model::v, v);
    } else {
        columns = columns.sends(Model::y1, 1, y1);
    }
    columns.simulate(ms(0.1), |network, columns| {
        let (weights, delays) = (run.connectome.weights(), run.delays(ms(1.0))?);
        let of_y1 = Projection::new(columns, Model::y1, columns, Model::c0, weights);
        match how {
            Columns::Linear(a) => {
                let coupling = Coupled::<columns::Linear>::new().set(columns::Linear::a, a);
                network.connect(of_y1.delays(delays).coupling(coupling))
            }
            Columns::Difference(a) => {
                let coupling = Coupled::<columns::Difference>::new().set(columns::Difference::a, a);
                let projection = of_y1.delays(delays).coupling(coupling);
                network.connect(projection.against(columns, Model::y1))
            }
            Columns::Sigmoidal(a) => {
                use columns::SigmoidalJansenRit as Sigmoidal;
                let coupling = Coupled::<Sigmoidal>::new().set(Sigmoidal::a, a);
                let of_v = Projection::new(columns, Model::v, columns, Model::c0, weights);
                network.connect(of_v.delays(delays).coupling(coupling))
            }
        }
    })
}

fn neurolib_wilson_cowan(run: &Run) -> Result<Samples, Error> {
    use neurolib::WilsonCowan as Model;
    Regions::new(run, [(Model::E, 0.05), (Model::I, 0.06)])
        .sends(Model::E, 0, 0.05)
        .set(Model::K_gl, 0.6)
        .set(Model::E_ext, 0.7)
        .simulate(ms(0.1), |network, regions| {
            run.project(network, regions, (Model::E, Model::c0), ms(1.0))
        })
}

fn neurolib_hopf(run: &Run, strength: f64, is_diffusive: bool) -> Result<Samples, Error> {
    use neurolib::Hopf as Model;
    Regions::new(run, [(Model::x, 0.1), (Model::y, 0.2)])
        .sends(Model::x, 0, 0.1)
        .set(Model::K_gl, strength)
        .set(Model::strength, if is_diffusive { run.strengths() } else { 0.0.into() })
        .simulate(0.1, |network, regions| run.project(network, regions, (Model::x, Model::c0), 1.0))
}

fn neurolib_fhn(run: &Run) -> Result<Samples, Error> {
    use neurolib::FitzHughNagumo as Model;
    Regions::new(run, [(Model::x, 0.1), (Model::y, 0.2)])
        .sends(Model::x, 0, 0.1)
        .set(Model::K_gl, 0.05)
        .set(Model::strength, run.strengths())
        .simulate(0.1, |network, regions| run.project(network, regions, (Model::x, Model::c0), 1.0))
}

fn neurolib_wong_wang(run: &Run) -> Result<Samples, Error> {
    use neurolib::WongWang as Model;
    Regions::new(run, [(Model::s_e, 0.1), (Model::s_i, 0.05)])
        .sends(Model::s_e, 0, 0.1)
        .set(Model::K_gl, 0.3)
        // neurolib reads `tau_inh` from "tau_exc" (`models/ww/timeIntegration.py`).
        .set(Model::τ_i, 100.0)
        .simulate(ms(0.1), |network, regions| {
            run.project(network, regions, (Model::s_e, Model::c0), ms(1.0))
        })
}
