//! The arguments of the constructor.

use ndarray::{arr1, arr2};
use rate_model::group::{Group, GroupError, Mode, Names, Scope};
use rate_model::{Init, Shape, prelude::*};

use super::subject::{Kind, Subject, assert_follows, assert_near, some, states};

/// The message of an error.
fn refused<V>(result: Result<V, Error>) -> (Error, String) {
    let error = result.err().expect("it is wrong");
    let text = error.to_string();
    (error, text)
}

pub(super) fn size<M: Subject>() {
    for (size, count) in [(Shape::from(4), 4), ([2, 3].into(), 6), (vec![2, 1, 2][..].into(), 4)] {
        let mut group = Group::<M>::builder(size.clone(), M::DT).build().unwrap();
        assert_eq!((group.size(), group.num()), (&size, count));
        assert_eq!(group.state(M::STATE[0]).len(), count);
        assert_follows(&mut group, |_| M::DEFAULT, some);
    }
    let mut none = M::builder(0).build().unwrap();
    assert!(none.update([(M::INPUT[0], 1.0)]).unwrap().is_empty());
    let (error, text) = refused(Group::<M>::builder([usize::MAX, 2], M::DT).build());
    assert!(matches!(error, Error::TooLarge { .. }), "{text}");
    assert!(matches!(refused(M::builder(usize::MAX / 64).build()).0, Error::TooLarge { .. }));
    // The step beside it: positive, finite, and of the model's kind.
    for (dt, shown) in [(0.0, "0"), (-0.1, "-0.1"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let (_, text) = refused(Group::<M>::builder(4, dt).build());
        assert!(text.contains(shown) && text.contains("step"), "{text}");
    }
    let (_, text) = refused(Group::<M>::builder(4, ms(0.1)).build());
    assert!(text.contains("ms"), "{text}");
}

/// A parameter in every way it can be given, and every way in which that can be wrong.
fn parameter<M: Subject>(kind: Kind, half: usize) {
    let (param, name) = (M::param(kind, half), M::param(kind, half).symbol().name);
    let with = |value: f64| {
        let mut unit = M::DEFAULT;
        unit.set(kind, half, value);
        unit
    };
    let sized = || Group::<M>::builder([2, 2], M::DT).keep_size(true);
    assert_follows(&mut sized().build().unwrap(), |_| M::DEFAULT, some);
    // One for all, however it is written.
    for shared in [Values::from(0.75), arr1(&[0.75]).into(), Init::constant(0.75).into()] {
        let mut group = sized().set(param, shared).build().unwrap();
        assert_follows(&mut group, |_| with(0.75), some);
    }
    // One for each: flat, in the shape, from a function, drawn.
    let each = [0.5, 0.75, 1.0, 2.0];
    let ways = [
        Values::from(each),
        arr2(&[[0.5, 0.75], [1.0, 2.0]]).into(),
        Values::from_fn(move |unit| each[unit]),
        Init::from_fn(move |shape| {
            assert_eq!(shape, [2, 2]);
            each.to_vec()
        })
        .into(),
    ];
    for values in ways {
        let group = sized().set(param, values).mode(Mode::Batching(2));
        assert_follows(&mut group.build().unwrap(), |unit| with(each[unit]), some);
    }
    let drawn =
        || sized().set(param, Init::uniform(0.5, 0.6)).train(param).seed(3).build().unwrap();
    let values = drawn().train_vars(Scope::default())[0].1.values.to_vec();
    assert!(values.iter().all(|value| (0.5..0.6).contains(value)) && values[0] != values[1]);
    assert_eq!(values, drawn().train_vars(Scope::default())[0].1.values.to_vec());
    assert_follows(&mut drawn(), |unit| with(values[unit]), some);
    // A variable; changed later.
    let mut group = sized().train(param).build().unwrap();
    let (key, variable) = &group.train_vars(Scope::relative())[0];
    assert_eq!((key.as_str(), &variable.shape[..]), (name, &[][..]));
    group.set(param, each).unwrap();
    assert_follows(&mut group, |unit| with(each[unit]), some);
    // Wrong ones name it, and leave what was.
    let (error, text) = refused(group.set(param, vec![1.0; 3]));
    assert!(matches!(error, Error::Shape { .. }), "{text}");
    for part in [&format!("parameter `{name}`"), "shape [3]", "shape [2, 2]"] {
        assert!(text.contains(part), "{text}");
    }
    let (error, text) = refused(sized().set(param, [1.0, f64::NAN, 1.0, 1.0]).build());
    assert!(matches!(error, Error::NotFinite { .. }) && text.contains("0,1"), "{text}");
    let (error, text) = refused(sized().set(param, Init::normal(0.0, -1.0)).build());
    assert!(matches!(error, Error::Initializer { .. }) && text.contains(name), "{text}");
    let wrong_function = Init::from_fn(|_| vec![1.0]);
    assert!(matches!(refused(group.set(param, wrong_function)).0, Error::Initializer { .. }));
    let negative = sized().set(param, -1.0).build();
    if kind == Kind::Tau {
        let (error, text) = refused(negative);
        assert!(matches!(error, Error::OutOfRange { .. }), "{text}");
        assert!(text.contains(&format!("`{name}`")) && text.contains("-1"), "{text}");
        assert!(group.set(param, 0.0).is_err());
    } else {
        assert_follows(&mut negative.unwrap(), |_| with(-1.0), some);
    }
    assert_follows(&mut group, |unit| with(each[unit]), some);
}

pub(super) fn tau_e<M: Subject>() {
    parameter::<M>(Kind::Tau, 0);
}

pub(super) fn tau_i<M: Subject>() {
    parameter::<M>(Kind::Tau, 1);
}

pub(super) fn beta_e<M: Subject>() {
    parameter::<M>(Kind::Gain, 0);
}

pub(super) fn beta_i<M: Subject>() {
    parameter::<M>(Kind::Gain, 1);
}

/// The states of both halves after a step of noise alone.
fn kicked<M: Subject>(half: usize, sigma: f64) -> [Vec<f64>; 2] {
    let builder = M::builder(200).init(M::STATE[0], 50.0).init(M::STATE[1], 50.0);
    let mut group = builder.set(M::SIGMA[half], sigma).build().unwrap();
    group.step().unwrap();
    M::STATE.map(|state| group.state(state).to_vec())
}

/// As a parameter; and noise of its own for each half, none where it is 0.
fn noise<M: Subject>(half: usize) {
    parameter::<M>(Kind::Sigma, half);
    let (without, with) = (kicked::<M>(half, 0.0), kicked::<M>(half, 0.1));
    assert_eq!(without[1 - half], with[1 - half]);
    assert!(without[half].windows(2).all(|pair| pair[0] == pair[1]));
    assert!(with[half].windows(2).all(|pair| pair[0] != pair[1]));
    // Standard deviation σ √dt / τ, within five standard errors.
    let n = 200.0;
    let deviations = with[half].iter().zip(&without[half]).map(|(a, b)| (a - b).powi(2));
    let std = (deviations.sum::<f64>() / n).sqrt();
    let expected = 0.1 * M::DT.sqrt() / M::DEFAULT.tau[half];
    assert!((std / expected - 1.0).abs() < 5.0 / (2.0 * n).sqrt(), "{std} {expected}");
}

pub(super) fn noise_e<M: Subject>() {
    noise::<M>(0);
}

pub(super) fn noise_i<M: Subject>() {
    noise::<M>(1);
}

/// How a state begins, in every way.
fn initializer<M: Subject>(half: usize) {
    let (state, symbol) = (M::STATE[half], M::STATE[half].symbol());
    let begun = |values: Values| M::builder(3).init(state, values).build().unwrap();
    let plain = M::builder(3).build().unwrap();
    assert_eq!(plain.state(state), [M::START[half]; 3]);
    let fixed = [
        (Values::from(Init::zero()), [0.0; 3]),
        (Init::one().into(), [1.0; 3]),
        (Init::constant(0.3).into(), [0.3; 3]),
        (0.25.into(), [0.25; 3]),
        ([0.1, 0.2, 0.3].into(), [0.1, 0.2, 0.3]),
        (Init::from_fn(|shape| vec![0.5; shape.iter().product()]).into(), [0.5; 3]),
        (Values::from_fn(|unit| unit as f64), [0.0, 1.0, 2.0]),
    ];
    for (values, expected) in fixed {
        let mut group = begun(values);
        assert_eq!(group.state(state), expected);
        assert_eq!(group.state(M::STATE[1 - half]), [M::START[1 - half]; 3]);
        assert_follows(&mut group, |_| M::DEFAULT, some);
        group.reset(None).unwrap();
        assert_eq!(group.state(state), expected);
    }
    for (init, low, high) in [
        (Init::uniform(0.1, 0.2), 0.1, 0.2),
        (Init::normal(10.0, 0.1), 9.0, 11.0),
        (Init::truncated_normal(1.0, 5.0, 0.5, 2.0), 0.5, 2.0),
        (Init::xavier_uniform(), -2.0, 2.0),
        (Init::kaiming_normal(), -3.0, 3.0),
        (Init::lecun_normal(), -2.0, 2.0),
    ] {
        let group = begun(init.into());
        let values = group.state(state);
        assert!(values.iter().all(|value| (low..=high).contains(value)), "{values:?}");
        assert!(values[0] != values[1] && values[1] != values[2], "{values:?}");
    }
    // Drawn for each member, again at each reset of the states, the same from the very beginning.
    let group = M::builder(3).init(state, Init::normal(1.0, 0.1)).mode(Mode::Batching(2));
    let mut group = group.build().unwrap();
    let first = group.state(state).to_vec();
    assert!(first[..3] != first[3..]);
    group.reset_state(None).unwrap();
    let second = group.state(state).to_vec();
    assert!(first.iter().zip(&second).all(|(a, b)| a != b));
    group.reset(None).unwrap();
    assert_eq!(group.state(state), first);
    group.reset_state(None).unwrap();
    assert_eq!(group.state(state), second);
    // An array is for each member.
    let group = M::builder(2).init(state, [1.0, 2.0]).mode(Mode::Batching(2)).build().unwrap();
    assert_eq!(group.state(state), [1.0, 2.0, 1.0, 2.0]);
    // A negative value stays until the first step.
    let mut group = begun(Values::from(-1.0));
    assert_eq!(group.state(state), [-1.0; 3]);
    assert_follows(&mut group, |_| M::DEFAULT, some);
    let (error, text) = refused(M::builder(3).init(state, vec![1.0; 4]).build());
    assert!(matches!(error, Error::Shape { .. }), "{text}");
    assert!(text.contains(&format!("initial value `{}`", symbol.name)), "{text}");
    assert!(text.contains("[4]") && text.contains("[3]"), "{text}");
    assert!(matches!(
        refused(M::builder(3).init(state, f64::INFINITY).build()).0,
        Error::NotFinite { .. }
    ));
    let crooked = Init::uniform(1.0, 0.0);
    let (error, text) = refused(M::builder(3).init(state, crooked).build());
    assert!(matches!(error, Error::Initializer { .. }) && text.contains("limits"), "{text}");
}

pub(super) fn e_initializer<M: Subject>() {
    initializer::<M>(0);
}

pub(super) fn i_initializer<M: Subject>() {
    initializer::<M>(1);
}

pub(super) fn seed<M: Subject>() {
    let run = |seed: Option<u64>, size: usize, members: usize| {
        let noisy = M::builder(size).set(M::SIGMA[0], 0.1).set(M::SIGMA[1], 0.1);
        let noisy = noisy.init(M::STATE[0], 5.0).mode(Mode::Batching(members));
        let noisy = match seed {
            Some(seed) => noisy.seed(seed),
            None => noisy,
        };
        let mut group = noisy.build().unwrap();
        let mut run = || {
            for _ in 0..3 {
                group.update([(M::INPUT[0], 1.0)]).unwrap();
            }
            group.state(M::STATE[0]).to_vec()
        };
        let first = run();
        group.reset(None).unwrap();
        let mut again = Vec::new();
        for _ in 0..3 {
            again = group.update([(M::INPUT[0], 1.0)]).unwrap().to_vec();
        }
        assert_eq!(first, again, "a reset rewinds the noise");
        first
    };
    let differ = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a != b);
    assert_eq!(run(Some(7), 4, 1), run(Some(7), 4, 1));
    assert_eq!(run(None, 4, 1), run(Some(0), 4, 1));
    assert!(differ(&run(Some(7), 4, 1), &run(Some(8), 4, 1)));
    // Units and members have numbers of their own, and the first do not depend on how many follow.
    let many = run(Some(7), 4, 3);
    assert!(differ(&many[..4], &many[4..8]) && differ(&many[4..8], &many[8..]));
    assert_eq!(many[..4], run(Some(7), 4, 1));
    assert!(differ(&many[..2], &many[2..4]));
    // After `reset_state` the noise is another one.
    let mut group = M::builder(4).set(M::SIGMA[0], 0.1).init(M::STATE[0], 5.0).build().unwrap();
    let first = group.step().unwrap().to_vec();
    group.reset_state(None).unwrap();
    assert!(differ(&first, group.step().unwrap()));
}

pub(super) fn keep_size<M: Subject>() {
    let group = |keep| Group::<M>::builder([2, 3], M::DT).keep_size(keep).mode(Mode::Batching(4));
    let (kept, flat) = (group(true).build().unwrap(), group(false).build().unwrap());
    assert_eq!((kept.varshape().dims(), flat.varshape().dims()), (&[2, 3][..], &[6][..]));
    let shape = |group: &Group<M>| group.vars(Scope::default())[0].1.shape.clone();
    assert_eq!((shape(&kept), shape(&flat)), (vec![4, 2, 3], vec![4, 6]));
    // Numbers in the kept shape do not fit the flat one.
    let matrix = arr2(&[[0.5, 0.6, 0.7], [0.8, 0.9, 1.0]]);
    assert!(group(true).set(M::TAU[0], &matrix).build().is_ok());
    assert!(group(false).set(M::TAU[0], &matrix).build().is_err());
}

/// The argument and the attribute.
pub(super) fn name<M: Subject>() {
    let (names, model) = (Names::default(), M::INFO.name);
    let build = || M::builder(1).names(&names);
    let mut groups = [build(), build(), build().name("mine"), build()].map(|b| b.build().unwrap());
    let found = groups.each_ref().map(|group| group.name().to_owned());
    let numbered = |number| format!("{model}{number}");
    assert_eq!(found, [numbered(0), numbered(1), "mine".to_owned(), numbered(2)]);
    for wrong in ["", "1a", "a b", "a-b", "a.b", "mine"] {
        let (error, text) = refused(build().name(wrong).build());
        assert!(matches!(error, Error::Group(_)) && text.contains(wrong), "{text}");
    }
    build().name("_ν1").build().unwrap();
    // What cannot be made takes no name.
    let late = || build().name("late");
    assert!(late().set(M::TAU[0], -1.0).build().is_err());
    assert!(late().init(M::STATE[0], vec![1.0; 9]).build().is_err());
    assert!(late().mode(Mode::Batching(0)).build().is_err());
    late().build().unwrap();
    groups[0].rename("other").unwrap();
    assert_eq!(groups[0].name(), "other");
    assert!(groups[1].rename("other").is_err() && groups[1].rename("no good").is_err());
    assert_eq!(groups[1].name(), numbered(1));
    // The old name stays taken; another registry knows nothing of it.
    assert!(build().name(numbered(0)).build().is_err());
    assert_eq!(M::builder(1).build().unwrap().name(), numbered(0));
}

/// The argument and the attribute.
pub(super) fn mode<M: Subject>() {
    let group = |mode| M::builder(3).mode(mode).init(M::STATE[0], [0.1, 0.2, 0.3]).build();
    let shape = |group: &Group<M>| group.vars(Scope::default())[0].1.shape.clone();
    let modes = [
        (Mode::NonBatching, vec![3]),
        (Mode::Batching(1), vec![1, 3]),
        (Mode::Training(2), vec![2, 3]),
    ];
    for (mode, expected) in modes {
        let mut group = group(mode).unwrap();
        assert_eq!((group.mode(), shape(&group)), (mode, expected));
        // Members are given different things, and share parameters.
        assert_follows(&mut group, |_| M::DEFAULT, some);
    }
    let mut plain = group(Mode::NonBatching).unwrap();
    plain.set_mode(Mode::Batching(2)).unwrap();
    assert_eq!((plain.mode(), shape(&plain)), (Mode::Batching(2), vec![3]));
    plain.reset_state(None).unwrap();
    assert_eq!(shape(&plain), [2, 3]);
    let (error, text) = refused(group(Mode::Batching(0)));
    let Error::Group(inner) = &error else { panic!("{text}") };
    assert!(matches!(**inner, GroupError::NoMembers) && text.contains("0 members"), "{text}");
    assert_eq!("batching(8)".parse::<Mode>().unwrap(), Mode::Batching(8));
    assert_eq!("training".parse::<Mode>().unwrap(), Mode::Training(1));
    for wrong in ["batch", "batching(x)", "batching(2", ""] {
        let text = wrong.parse::<Mode>().unwrap_err().to_string();
        assert!(text.contains(&format!("`{wrong}`")) && text.contains("nonbatching"), "{text}");
    }
    assert_near(states(&plain, 4)[0], 0.2);
}

pub(super) fn input_var<M: Subject>() {
    let given = || [(M::INPUT[0], 2.0), (M::INPUT[1], 1.0)];
    let group = |kept| M::builder(1).input_var(kept).build().unwrap();
    let follow = |group: &mut Group<M>, u: [f64; 2]| {
        let expected = M::step(M::DEFAULT, states(group, 0), u, [0.0; 2]);
        move |group: &Group<M>| {
            for (found, expected) in states(group, 0).into_iter().zip(expected) {
                assert_near(found, expected);
            }
        }
    };
    // They add up until they are cleared.
    let mut kept = group(true);
    for step in 1..=3 {
        let check = follow(&mut kept, [2.0 * f64::from(step), f64::from(step)]);
        kept.update(given()).unwrap();
        check(&kept);
    }
    assert_eq!(kept.input(M::INPUT[0]), [6.0]);
    kept.clear_input();
    kept.give([(M::INPUT[0], 1.0)]).unwrap();
    let check = follow(&mut kept, [2.0, 0.0]);
    kept.update([(M::INPUT[0], 1.0)]).unwrap();
    check(&kept);
    // They are forgotten.
    let mut forgotten = group(false);
    for _ in 0..3 {
        let check = follow(&mut forgotten, [2.0, 1.0]);
        forgotten.update(given()).unwrap();
        check(&forgotten);
        assert_eq!(forgotten.input(M::INPUT[0]), [0.0]);
    }
    let names = |group: &Group<M>| -> Vec<String> {
        group.vars(Scope::relative()).into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&kept), M::KEYS);
    assert_eq!(names(&forgotten), M::KEYS[..2]);
    let text = kept.update([(M::INPUT[0], f64::NAN)]).unwrap_err().to_string();
    assert!(text.contains(&format!("input `{}`", M::KEYS[2])), "{text}");
}
