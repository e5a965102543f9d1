//! What BrainPy computed that the rows do not show: recorded noise, moments, a gradient.

use rate_model::group::{Group, Mode, Scope};
use rate_model::{Bounds, Fan, Init, Spread, prelude::*};

use super::subject::{Subject, ThresholdLinear, WilsonCowan};
use crate::golden::{Table, numbers};

/// Steps with the normal numbers that BrainPy drew; at most 4 units in the last place, because
/// BrainPy multiplies with 1/τ there.
fn replay(file: &str, sigma: &[Vec<f64>; 2]) {
    type M = ThresholdLinear;
    let table = Table::read(file);
    let units = table.units(&table.rows[0], "e").len();
    let mut group = M::builder(units).arithmetic(Arithmetic::Reproducible);
    for (param, values) in M::SIGMA.into_iter().zip(sigma) {
        group = group.set(param, values.clone());
    }
    let mut group = group.build().unwrap();
    let inputs = ["inp_e", "inp_i"].map(|key| numbers(&table.header[key])[0]);
    for row in &table.rows {
        for (noise, name) in M::NOISE.into_iter().zip(["z_e", "z_i"]) {
            // A half without noise draws nothing.
            let normals = table.units(row, name);
            let normals = if normals.is_empty() { vec![0.0; units] } else { normals };
            group.feed(noise, normals).unwrap();
        }
        group.update(M::INPUT.into_iter().zip(inputs)).unwrap();
        group.clear_input();
        for (state, name) in M::STATE.into_iter().zip(["e", "i"]) {
            for (expected, found) in table.units(row, name).iter().zip(group.state(state)) {
                let bound = 4.0 * f64::EPSILON * expected.abs();
                assert!((found - expected).abs() <= bound, "{file}: {found} {expected}");
            }
        }
    }
}

#[test]
fn recorded_noise_gives_brainpys_trajectories() {
    let sigma = [vec![0.1, 0.0, 0.2, 0.05], vec![0.0]];
    replay("tlm_20_noise_replay_array.csv", &sigma);
    replay("tlm_20_noise_replay_scalar.csv", &[vec![0.1], vec![0.05]]);
}

/// Mean, standard deviation and how often the rate is 0, at four steps, far from 0 and at it: within five
/// standard errors of what BrainPy's own sample has. Its samples and ours follow each other in time
/// within a correlation time, so only every fifth time constant counts.
#[test]
fn noise_has_brainpys_statistics() {
    type M = ThresholdLinear;
    let table = Table::read("tlm_21_noise_stats.csv");
    let column = |name| table.column(name);
    let columns = ["dt", "inp_e", "mean", "std", "em_std_unclipped", "frac_exact_zero"].map(column);
    for row in 0..table.rows.len() {
        let [dt, input, mean, std, em, zero] = columns.each_ref().map(|column| column[row]);
        if dt < 5e-4 {
            // The same again, five times as long.
            continue;
        }
        let group = Group::<M>::builder(1000, dt).set(M::SIGMA[0], 0.1).init(M::STATE[0], mean);
        let mut group = group.build().unwrap();
        let (mut sums, mut zeros, mut n) = ([0.0; 2], 0.0, 0.0);
        let apart = (0.1 / dt).round() as usize;
        for step in 1..=3 * apart {
            group.update([(M::INPUT[0], input)]).unwrap();
            group.clear_input();
            if step % apart == 0 && step > apart {
                for value in group.state(M::STATE[0]) {
                    sums[0] += value;
                    sums[1] += value * value;
                    zeros += f64::from(*value == 0.0);
                    n += 1.0;
                }
            }
        }
        let found = sums[0] / n;
        let found_std = (sums[1] / n - found * found).sqrt();
        // BrainPy's sample is counted as if a twentieth of it were independent: time constants.
        let theirs = 1e5 / 20.0;
        let error = |spread: f64| 5.0 * spread * (1.0 / n + 1.0 / theirs).sqrt();
        assert!((found - mean).abs() < error(std), "dt {dt}: mean {found}, {mean}");
        assert!((found_std - std).abs() < error(std), "dt {dt}: std {found_std}, {std}");
        let share = zeros / n;
        assert!(
            (share - zero).abs() < error((zero * (1.0 - zero)).sqrt()) + 1e-12,
            "{share} {zero}"
        );
        if input > 0.0 {
            // Without a clip, the law of Euler and Maruyama's method is known.
            assert!((found_std / em - 1.0).abs() < 5.0 / (2.0 * n).sqrt(), "{found_std} {em}");
        }
    }
}

/// What a row of `init_moments.csv` is called here; none for what BrainPy itself has not.
fn initializer(name: &str) -> Option<Init> {
    let scaled = |fan, spread| Init::variance_scaling(1.0, fan, spread);
    Some(match name {
        "ZeroInit()" => Init::zero(),
        "OneInit()" => Init::one(),
        "OneInit(2.5)" => Init::constant(2.5),
        "Constant(-3)" => Init::constant(-3.0),
        "Uniform()" => Init::uniform(0.0, 1.0),
        "Uniform(-1;2)" => Init::uniform(-1.0, 2.0),
        "Uniform(0;.05;seed=1)" => Init::uniform(0.0, 0.05).seed(1),
        "Normal()" => Init::normal(0.0, 1.0),
        "Normal(1;2)" => Init::normal(1.0, 2.0),
        "TruncatedNormal()" => Init::truncated_normal(0.0, 1.0, -2.0, 2.0),
        "TruncatedNormal(0;1;-.5;1)" => Init::truncated_normal(0.0, 1.0, -0.5, 1.0),
        "XavierNormal()" => Init::xavier_normal(),
        "XavierUniform()" => Init::xavier_uniform(),
        "KaimingNormal()" => Init::kaiming_normal(),
        "KaimingUniform()" => Init::kaiming_uniform(),
        "LecunNormal()" => Init::lecun_normal(),
        "LecunUniform()" => Init::lecun_uniform(),
        "Orthogonal()" => Init::orthogonal(1.0),
        "VarianceScaling(1;fan_in;truncated_normal)" => scaled(Fan::In, Spread::TruncatedNormal),
        "VarianceScaling(1;fan_in;normal)" => scaled(Fan::In, Spread::Normal),
        "VarianceScaling(1;fan_in;uniform)" => scaled(Fan::In, Spread::Uniform),
        "VarianceScaling(1;fan_out;truncated_normal)" => scaled(Fan::Out, Spread::TruncatedNormal),
        "VarianceScaling(1;fan_out;normal)" => scaled(Fan::Out, Spread::Normal),
        "VarianceScaling(1;fan_out;uniform)" => scaled(Fan::Out, Spread::Uniform),
        "VarianceScaling(1;fan_avg;truncated_normal)" => {
            scaled(Fan::Average, Spread::TruncatedNormal)
        }
        "VarianceScaling(1;fan_avg;normal)" => scaled(Fan::Average, Spread::Normal),
        "VarianceScaling(1;fan_avg;uniform)" => scaled(Fan::Average, Spread::Uniform),
        _ => return None,
    })
}

/// Mean, standard deviation, quartiles and kurtosis of every initializer are BrainPy's, within five
/// standard errors of the difference of two samples; limits of bounded laws are theirs.
#[test]
fn initializers_have_brainpys_moments() {
    let mut known = 0;
    for record in crate::golden::records("init_moments.csv") {
        let (Some(init), false) = (initializer(&record[0]), record[1].starts_with("RAISES")) else {
            assert!(record[1].starts_with("RAISES"), "no initializer for {}", record[0]);
            continue;
        };
        known += 1;
        let dims: Vec<usize> = record[1].split('x').map(|dim| dim.parse().unwrap()).collect();
        let number = |column: usize| record[column].parse::<f64>().unwrap();
        let group = Group::<WilsonCowan>::builder(&dims[..], 0.1).keep_size(true);
        let group = group.init(WilsonCowan::x, init).build().unwrap();
        let mut values = group.state(WilsonCowan::x).to_vec();
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let moment = |k| values.iter().map(|value| (value - mean).powi(k)).sum::<f64>() / n;
        let std = moment(2).sqrt();
        if number(3) == 0.0 {
            assert_eq!((mean, std), (number(2), 0.0), "{}", record[0]);
            continue;
        }
        let kurtosis = moment(4) / moment(2).powi(2);
        let error = |factor: f64| 5.0 * factor * (2.0 / n).sqrt();
        let spread = number(3);
        let near = |what: &str, found: f64, expected: f64, bound: f64| {
            let name = &record[0];
            assert!((found - expected).abs() < bound, "{name}: {what} {found}, not {expected}");
        };
        near("mean", mean, number(2), error(spread));
        near("std", std, number(3), error(spread * (number(9) - 1.0).sqrt() / 2.0));
        // Between the quartiles the density is at least a tenth of 1/std.
        for (place, column) in [(0.25, 6), (0.5, 7), (0.75, 8)] {
            let found = values[(place * n) as usize];
            near("quartile", found, number(column), error(spread * 10.0 * 0.5 / 2.0));
        }
        near("kurtosis", kurtosis, number(9), error(24.0_f64.sqrt()));
        let is_bounded = !record[0].to_lowercase().contains(";normal")
            && !record[0].starts_with("Normal")
            && !record[0].starts_with("Orthogonal");
        if is_bounded {
            near("smallest", values[0], number(4), 0.01 * spread);
            near("largest", values[values.len() - 1], number(5), 0.01 * spread);
        }
    }
    assert_eq!(known, 27);
}

/// Three updates without clearing, loss Σ e² at their end, τ one for each unit, β one for both. BrainPy
/// 2.9.0 computed in single precision there (its numbers are such), hence 1e-6; to the last digits it
/// is held against the derivative by hand: with a = dt/τ, e = aβ((1-a)² + 2(1-a) + 3).
#[test]
fn the_gradient_is_brainpys() {
    type M = ThresholdLinear;
    let group = M::builder(2).set(M::TAU[0], [0.02, 0.02]).train(M::TAU[0]).train(M::GAIN[0]);
    let group = group.build().unwrap();
    let gradient = group
        .gradient(
            3,
            |group, _| group.update([(M::INPUT[0], 1.0)]).map(drop),
            |update, group, slopes| {
                if update < 3 {
                    return 0.0;
                }
                let e = group.state(M::STATE[0]);
                slopes.by(M::STATE[0]).iter_mut().zip(e).for_each(|(slope, e)| *slope = 2.0 * e);
                e.iter().map(|e| e * e).sum()
            },
        )
        .unwrap();
    let near = |found: f64, expected: f64, bound: f64| {
        assert!((found / expected - 1.0).abs() < bound, "{found} {expected}");
    };
    let (a, beta): (f64, f64) = (0.05, 0.066);
    let gain = a * ((1.0 - a).powi(2) + 2.0 * (1.0 - a) + 3.0);
    let slope = (1.0 - a) * (1.0 - 3.0 * a) + 2.0 * (1.0 - 2.0 * a) + 3.0;
    let by_beta = gradient.by(M::GAIN[0]).unwrap()[0];
    near(by_beta, 2.0 * 2.0 * beta * gain * gain, 1e-13);
    near(by_beta, 0.022_221_548_482_775_688, 1e-6);
    for by_tau in gradient.by(M::TAU[0]).unwrap() {
        near(*by_tau, 2.0 * beta * beta * gain * slope * (-a / 0.02), 1e-13);
        near(*by_tau, -0.035_433_363_169_431_686, 1e-6);
    }
    assert!(gradient.by(M::TAU[1]).is_none());
    assert_eq!(group.step_count(), 0, "the group itself stays");
}

/// Against central differences, on both models: batches, noise, a loss over all steps, parameters that
/// are shared or not, rates that are clipped at some steps.
#[test]
fn gradients_are_those_of_finite_differences() {
    check_gradient::<ThresholdLinear>();
    check_gradient::<WilsonCowan>();
}

fn check_gradient<M: Subject>() {
    let params = [M::TAU[0], M::GAIN[0], M::SIGMA[0], M::TAU[1], M::GAIN[1]];
    let run = |shift: Option<(usize, usize, f64)>| {
        let mut group =
            M::builder(2).mode(Mode::Training(2)).seed(5).init(M::STATE[0], [0.3, 0.02]);
        for (index, param) in params.into_iter().enumerate() {
            let mut values = [1.5 * param.symbol().default + 0.1; 2];
            values[1] *= 1.25;
            // The first parameter is one for both units.
            let count = if index == 0 { 1 } else { 2 };
            if let Some((_, place, by)) = shift.filter(|(which, ..)| *which == index) {
                values[place] += by;
            }
            group = group.set(param, values[..count].to_vec()).train(param);
        }
        let group = group.build().unwrap();
        let gradient = group.gradient(
            7,
            |group, update| {
                if update % 3 == 0 {
                    group.clear_input();
                }
                group.update([(M::INPUT[0], [0.5, 1.0]), (M::INPUT[1], [1.0, -2.0])]).map(drop)
            },
            |update, group, slopes| {
                let weight = update as f64;
                M::STATE.into_iter().fold(0.0, |loss, state| {
                    let x = group.state(state);
                    let slopes = slopes.by(state).iter_mut().zip(x);
                    slopes.for_each(|(slope, x)| *slope = 2.0 * weight * x);
                    loss + weight * x.iter().map(|x| x * x).sum::<f64>()
                })
            },
        );
        gradient.unwrap()
    };
    let gradient = run(None);
    for (index, param) in params.into_iter().enumerate() {
        let found = gradient.by(param).unwrap();
        assert_eq!(found.len(), if index == 0 { 1 } else { 2 });
        for (place, found) in found.iter().enumerate() {
            let h = 1e-6;
            let loss = |by| run(Some((index, place, by))).loss;
            let expected = (loss(h) - loss(-h)) / (2.0 * h);
            let bound = 1e-6 * expected.abs().max(1e-3);
            assert!((found - expected).abs() < bound, "{param:?}[{place}]: {found} {expected}");
        }
    }
}

rate_model! {
    model Late { param (d, tau) = (1, 2) where tau > 0; state x = 1; tau dx/dt = -x(t - d); }
    model Colored { param tau = 1 where tau > 0; noise η: ou(tau); state x = 1; dx/dt = -x + η; }
    model Limited { param most = 1; state x = 0 where x <= most; dx/dt = most - x; }
}

/// Runs that have no gradient say why.
#[test]
fn what_has_no_gradient_is_refused() {
    fn reason<M: RateModel>(
        group: &Group<M>,
        run: impl FnMut(&mut Group<M>, usize) -> Result<(), Error>,
    ) -> String {
        group.gradient(2, run, |_, _, _| 0.0).unwrap_err().to_string()
    }
    fn step<M: RateModel>(group: &mut Group<M>, _: usize) -> Result<(), Error> {
        group.step().map(drop)
    }
    let late = Group::<Late>::builder(1, 0.1).train(Late::tau).build().unwrap();
    assert!(reason(&late, step).contains("`x(t - d)`"));
    let colored = Group::<Colored>::builder(1, 0.1).build().unwrap();
    assert!(reason(&colored, step).contains("`η` remembers"));
    let limited = Group::<Limited>::builder(1, 0.1).train(Limited::most).build().unwrap();
    assert!(reason(&limited, step).contains("bounded by `most`"));
    let reflected = ThresholdLinear::builder(1).bounds(Bounds::Reflect).build().unwrap();
    assert!(reason(&reflected, step).contains("reflected"));
    for integrator in [Integrator::Heun, Integrator::RungeKutta4, Integrator::ExponentialEuler] {
        let other = Group::<Limited>::builder(1, 0.1).train(Limited::most).integrator(integrator);
        let text = reason(&other.build().unwrap(), step);
        assert!(text.contains(&format!("it is by `{integrator}`; take Euler's method")), "{text}");
    }
    let group = || ThresholdLinear::builder(1).train(ThresholdLinear::tau_e);
    let milstein = group().integrator(Integrator::Milstein).build().unwrap();
    assert!(reason(&milstein, step).contains("by `milstein`"));
    let group = group().build().unwrap();
    let twice = reason(&group, |group, _| {
        group.step()?;
        group.step().map(drop)
    });
    assert!(twice.contains("took 2 steps"), "{twice}");
    assert!(reason(&group, |_, _| Ok(())).contains("took 0 steps"));
    let by_hand = reason(&group, |group, update| {
        group.set_state(ThresholdLinear::e, update as f64)?;
        group.step().map(drop)
    });
    assert!(by_hand.contains("states were changed"), "{by_hand}");
    let changed = reason(&group, |group, update| {
        group.set(ThresholdLinear::tau_e, update as f64)?;
        group.step().map(drop)
    });
    assert!(changed.contains("parameters changed"), "{changed}");
    assert_eq!(group.vars(Scope::default()).len(), 5);
}
