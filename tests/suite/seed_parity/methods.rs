//! The methods.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ndarray::{ArrayD, arr1, arr2};
use rate_model::group::{
    Device, Given, Group, GroupError, Loading, Mode, Names, Naming, Node, Scope, StateDict,
    Strictness, VariableKind,
};
use rate_model::prelude::*;
use rate_model::states::{Array, FileError, StateFile};

use super::subject::{
    Subject, ThresholdLinear, WilsonCowan, assert_follows, assert_near, some, states,
};

/// A group with another of each model in it: `top`, with parts `A` and `B`.
fn tree<M: Subject>() -> Group<M> {
    let names = Names::default();
    let mut top = M::builder(2).names(&names).name("top").build().unwrap();
    let a = ThresholdLinear::builder(1).names(&names).name("first").build().unwrap();
    let b = WilsonCowan::builder(3).names(&names).name("second").build().unwrap();
    let parts: [(&str, Box<dyn Node<f64>>); 2] = [("A", Box::new(a)), ("B", Box::new(b))];
    top.register_implicit_nodes(parts).unwrap();
    top
}

/// What went wrong in the group, and its message.
fn refused<V>(result: Result<V, Error>) -> (GroupError, String) {
    match result.err().expect("it is wrong") {
        Error::Group(error) => {
            let text = error.to_string();
            (*error, text)
        }
        other => panic!("{other}"),
    }
}

/// Two updates, so that nothing has its first value.
fn used<M: Subject>(group: &mut Group<M>) {
    for _ in 0..2 {
        group.update([(M::INPUT[0], 2.0), (M::INPUT[1], 3.0)]).unwrap();
    }
}

pub(super) fn clear_input<M: Subject>() {
    let mut top = tree::<M>();
    used(&mut top);
    used(top.child_mut::<ThresholdLinear>("A").unwrap());
    assert_eq!(top.input(M::INPUT[1]), [6.0; 2]);
    top.clear_input();
    assert_eq!(top.input(M::INPUT[1]), [0.0; 2]);
    let part = top.child::<ThresholdLinear>("A").unwrap();
    assert_eq!(part.input(ThresholdLinear::Ie), [0.0], "and in its parts");
    // No inputs to clear, no harm; and an input has its default then.
    M::builder(1).input_var(false).build().unwrap().clear_input();
    rate_model! { model Driven { input I = 3; state x = 0; dx/dt = I; } }
    let mut driven = Group::<Driven>::builder(1, 1.0).build().unwrap();
    assert_eq!(driven.step().unwrap(), [3.0]);
    assert_eq!(driven.update([(Driven::I, 1.0)]).unwrap(), [4.0]);
    driven.clear_input();
    assert_eq!(driven.step().unwrap(), [7.0]);
}

pub(super) fn cpu<M: Subject>() {
    let mut group = M::builder(2).build().unwrap();
    used(&mut group);
    let before = group.state_dict();
    assert_eq!(group.cpu().device(), Device::Cpu);
    assert_eq!(group.state_dict(), before);
}

/// A device that is not there: an error that names it, and nothing is touched.
fn absent<M: Subject>(device: Device, go: fn(&mut Group<M>) -> Result<&mut Group<M>, Error>) {
    let mut group = M::builder(2).build().unwrap();
    used(&mut group);
    let before = group.state_dict();
    let (error, text) = refused(go(&mut group).map(drop));
    assert!(matches!(error, GroupError::NoDevice { device: found } if found == device), "{text}");
    assert!(text.contains(&format!("`{device}`")), "{text}");
    assert_eq!((group.device(), group.state_dict()), (Device::Cpu, before));
    assert_follows(&mut cleared(group), |_| M::DEFAULT, some);
}

fn cleared<M: Subject>(mut group: Group<M>) -> Group<M> {
    group.clear_input();
    group
}

pub(super) fn cuda<M: Subject>() {
    absent::<M>(Device::Cuda, Group::cuda);
}

pub(super) fn tpu<M: Subject>() {
    absent::<M>(Device::Tpu, Group::tpu);
}

pub(super) fn to<M: Subject>() {
    let mut group = M::builder(2).build().unwrap();
    assert_eq!(group.to(Device::Cpu).unwrap().to("cpu").unwrap().device(), Device::Cpu);
    absent::<M>(Device::Cuda, |group| group.to("gpu"));
    absent::<M>(Device::Tpu, |group| group.to(Device::Tpu));
    let (error, text) = refused(group.to("abacus").map(drop));
    assert!(
        matches!(error, GroupError::UnknownDevice { .. }) && text.contains("`abacus`"),
        "{text}"
    );
}

pub(super) fn get_batch_shape<M: Subject>() {
    let group = Group::<M>::builder([2, 3], M::DT).keep_size(true).build().unwrap();
    assert_eq!(group.get_batch_shape(None).dims(), [2, 3]);
    assert_eq!(group.get_batch_shape(Some(4)).dims(), [4, 2, 3]);
    let flat = Group::<M>::builder([2, 3], M::DT).build().unwrap();
    assert_eq!(flat.get_batch_shape(Some(1)).dims(), [1, 6]);
}

/// A group with a delay, and the values of its first state at each step, the newest last.
fn remembering<M: Subject>() -> (Group<M>, Vec<[f64; 2]>) {
    let mut group = M::builder(2).init(M::STATE[0], [0.5, 0.6]).build().unwrap();
    group.register_delay("rate", 3, M::STATE[0], None).unwrap();
    let mut past = vec![[0.5, 0.6]];
    for _ in 0..5 {
        let now = group.update([(M::INPUT[0], [1.0, 4.0])]).unwrap();
        past.push([now[0], now[1]]);
        group.update_local_delays();
    }
    (group, past)
}

pub(super) fn get_delay_data<M: Subject>() {
    let (mut group, past) = remembering::<M>();
    for steps in 0..=3 {
        assert_eq!(group.get_delay_data("rate", steps).unwrap(), past[5 - steps]);
    }
    let each = group.get_delay_data("rate", [1, 3]).unwrap();
    assert_eq!(each, [past[4][0], past[2][1]]);
    let by_time = Time::from(2.0 * M::DT);
    assert_eq!(group.get_delay_data("rate", by_time).unwrap(), past[3]);
    // Now is now, remembered or not.
    let now = group.step().unwrap().to_vec();
    assert_eq!(group.get_delay_data("rate", None).unwrap(), now);
    assert_eq!(group.get_delay_data("rate", 0).unwrap(), past[5]);
    let (error, text) = refused(group.get_delay_data("zzz", 1));
    assert!(matches!(error, GroupError::UnknownDelay { .. }) && text.contains("`zzz`"), "{text}");
    let (error, text) = refused(group.get_delay_data("rate", 4));
    assert!(matches!(error, GroupError::DelayTooLong { steps: 4, longest: 3, .. }), "{text}");
    let (error, text) = refused(group.get_delay_data("rate", [1, 1, 1]));
    assert!(matches!(error, GroupError::DelayShape { units: 2, found: 3, .. }), "{text}");
    assert!(group.get_delay_data("rate", Time::from(0.3 * M::DT)).is_err());
}

pub(super) fn register_delay<M: Subject>() {
    let mut group = M::builder(2).init(M::STATE[0], [0.5, 0.6]).build().unwrap();
    assert_eq!(group.register_delay("a", 2, M::STATE[0], None).unwrap(), 2);
    assert_eq!(group.register_delay("b", [4, 1], M::STATE[1], Some(7.0.into())).unwrap(), 4);
    assert_eq!(group.register_delay("c", Time::from(3.0 * M::DT), M::STATE[1], None).unwrap(), 3);
    assert_eq!(group.register_delay("d", None, M::STATE[1], None).unwrap(), 0);
    // Before the first step is the present, or what was said.
    assert_eq!(group.get_delay_data("a", 2).unwrap(), [0.5, 0.6]);
    assert_eq!(group.get_delay_data("b", 4).unwrap(), [7.0; 2]);
    assert_eq!(group.get_delay_data("b", [0, 1]).unwrap(), [M::START[1], 7.0]);
    // Longer than before: what there was stays.
    let first = group.update([(M::INPUT[0], 3.0)]).unwrap().to_vec();
    group.update_local_delays();
    assert_eq!(group.register_delay("a", 5, M::STATE[0], None).unwrap(), 5);
    assert_eq!(group.get_delay_data("a", 0).unwrap(), first);
    assert_eq!(group.get_delay_data("a", 1).unwrap(), [0.5, 0.6]);
    assert_eq!(group.get_delay_data("a", 5).unwrap(), [0.5, 0.6]);
    let (error, text) = refused(group.register_delay("a", 1, M::STATE[1], None));
    assert!(matches!(error, GroupError::DelayTaken { .. }) && text.contains("`a`"), "{text}");
    let (error, text) = refused(group.register_delay("e", [1, 2, 3], M::STATE[0], None));
    assert!(matches!(error, GroupError::DelayShape { units: 2, found: 3, .. }), "{text}");
    let (error, text) = refused(group.register_delay("e", usize::MAX, M::STATE[0], None));
    assert!(matches!(error, GroupError::DelayTooLarge { .. }), "{text}");
    let initial = Given::from(vec![1.0; 3]);
    let error = group.register_delay("e", 1, M::STATE[0], Some(initial)).unwrap_err();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
    assert!(group.register_delay("e", Time::from(1.5 * M::DT), M::STATE[0], None).is_err());
    assert_eq!(group.global_delay_data().registered().len(), 4);
}

pub(super) fn update_local_delays<M: Subject>() {
    let mut group = M::builder(1).init(M::STATE[0], 0.5).build().unwrap();
    group.register_delay("rate", 2, M::STATE[0], None).unwrap();
    let first = group.update([(M::INPUT[0], 3.0)]).unwrap()[0];
    assert_eq!(
        group.get_delay_data("rate", 0).unwrap(),
        [0.5],
        "an update alone remembers nothing"
    );
    group.update_local_delays();
    assert_eq!(group.get_delay_data("rate", 0).unwrap(), [first]);
    assert_eq!(group.get_delay_data("rate", 1).unwrap(), [0.5]);
    let second = group.step().unwrap()[0];
    group.update_local_delays();
    let past: Vec<f64> =
        (0..=2).map(|steps| group.get_delay_data("rate", steps).unwrap()[0]).collect();
    assert_eq!(past, [second, first, 0.5]);
    // In parts, too.
    let mut top = tree::<M>();
    let part = top.child_mut::<WilsonCowan>("B").unwrap();
    part.register_delay("x", 1, WilsonCowan::x, None).unwrap();
    let now = part.step().unwrap().to_vec();
    top.update_local_delays();
    let part = top.child_mut::<WilsonCowan>("B").unwrap();
    assert_eq!(part.get_delay_data("x", 0).unwrap(), now);
}

pub(super) fn reset_local_delays<M: Subject>() {
    let (mut group, past) = remembering::<M>();
    group.register_delay("fixed", 3, M::STATE[0], Some([1.0, 2.0].into())).unwrap();
    group.reset_local_delays();
    for steps in 0..=3 {
        assert_eq!(group.get_delay_data("rate", steps).unwrap(), past[5]);
    }
    assert_eq!(group.get_delay_data("fixed", 0).unwrap(), past[5]);
    assert_eq!(group.get_delay_data("fixed", 3).unwrap(), [1.0, 2.0]);
    let mut top = tree::<M>();
    let part = top.child_mut::<WilsonCowan>("B").unwrap();
    part.register_delay("x", 1, WilsonCowan::x, None).unwrap();
    let now = part.step().unwrap().to_vec();
    top.reset_local_delays();
    let part = top.child_mut::<WilsonCowan>("B").unwrap();
    assert_eq!(part.get_delay_data("x", 1).unwrap(), now);
}

fn keys<M: Subject>(group: &Group<M>, scope: Scope) -> Vec<String> {
    group.nodes(scope).map(|(key, _)| key).collect()
}

pub(super) fn nodes<M: Subject>() {
    let mut top = tree::<M>();
    let leaf = M::builder(1).name("leaf").build().unwrap();
    let part = top.child_mut::<ThresholdLinear>("A").unwrap();
    part.register_implicit_nodes([("C", Box::new(leaf) as Box<dyn Node<f64>>)]).unwrap();
    let scope = Scope::default();
    assert_eq!(keys(&top, scope), ["top", "first", "leaf", "second"]);
    assert_eq!(keys(&top, Scope::relative()), ["", "A", "A.C", "B"]);
    assert_eq!(keys(&top, Scope { level: Some(0), ..scope }), ["top"]);
    assert_eq!(keys(&top, Scope { level: Some(1), ..scope }), ["top", "first", "second"]);
    assert_eq!(keys(&top, Scope { include_self: false, ..scope }), ["first", "leaf", "second"]);
    let models: Vec<_> = top.nodes(scope).map(|(_, node)| node.model().name).collect();
    assert_eq!(models[1..], ["ThresholdLinear", M::INFO.name, "WilsonCowan"]);
    assert_eq!("relative".parse::<Naming>().unwrap(), Naming::Relative);
    let text = "foo".parse::<Naming>().unwrap_err().to_string();
    assert!(text.contains("`foo`") && text.contains("`absolute`"), "{text}");
}

pub(super) fn register_implicit_nodes<M: Subject>() {
    let mut top = tree::<M>();
    assert!(top.child::<ThresholdLinear>("A").is_some_and(|part| part.name() == "first"));
    assert!(top.child::<WilsonCowan>("A").is_none() && top.child::<WilsonCowan>("C").is_none());
    let node =
        |name: &str| -> Box<dyn Node<f64>> { Box::new(M::builder(1).name(name).build().unwrap()) };
    for (key, name) in [("A", "fresh"), (M::KEYS[0], "fresh"), ("C", "second"), ("C", "top")] {
        let (error, text) = refused(top.register_implicit_nodes([(key, node(name))]));
        assert!(matches!(error, GroupError::DuplicateKey { .. }), "{text}");
    }
    let both = [("C", node("one")), ("C", node("two"))];
    assert!(matches!(
        refused(top.register_implicit_nodes(both)).0,
        GroupError::DuplicateKey { .. }
    ));
    let (error, text) = refused(top.register_implicit_nodes([("1a", node("fresh"))]));
    assert!(matches!(error, GroupError::InvalidName { .. }) && text.contains("`1a`"), "{text}");
    assert_eq!(keys(&top, Scope::default()), ["top", "first", "second"], "none was added");
    top.register_implicit_nodes([("C", node("fresh"))]).unwrap();
    assert_eq!(keys(&top, Scope::relative()), ["", "A", "B", "C"]);
    // Wherever it was made, from now on its name is one of the tree.
    let part = top.child_mut::<M>("C").unwrap();
    for taken in ["top", "second", "fresh"] {
        assert!(matches!(refused(part.rename(taken)).0, GroupError::NameTaken { .. }));
        let deeper = part.register_implicit_nodes([("D", node(taken))]);
        let (error, text) = refused(deeper);
        let is_named =
            matches!(error, GroupError::NameTaken { .. } | GroupError::DuplicateKey { .. });
        assert!(is_named && text.contains(taken), "{text}");
    }
    part.rename("other").unwrap();
    assert_eq!(keys(&top, Scope::default()), ["top", "first", "second", "other"]);
}

pub(super) fn register_implicit_vars<M: Subject>() {
    let mut group = M::builder(2).build().unwrap();
    let array = |values: &[f64]| -> ArrayD<f64> { arr1(values).into_dyn() };
    let table = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).into_dyn();
    group.register_implicit_vars([("trace", array(&[1.0, 2.0])), ("table", table)]).unwrap();
    let vars = group.vars(Scope::relative());
    let (key, table) = &vars[5];
    assert_eq!((key.as_str(), table.kind), ("table", VariableKind::Registered));
    assert_eq!((&table.shape[..], table.values[4]), (&[2, 3][..], 5.0));
    group.registered_var_mut("trace").unwrap()[1] = 9.0;
    assert_eq!(group.registered_var("trace"), Some(&[1.0, 9.0][..]));
    let saved = group.state_dict();
    group.registered_var_mut("trace").unwrap().fill(0.0);
    group.load_state_dict(saved, Strictness::Strict).unwrap();
    assert_eq!(group.registered_var("trace"), Some(&[1.0, 9.0][..]));
    for taken in ["trace", M::KEYS[0], M::KEYS[2]] {
        let (error, text) = refused(group.register_implicit_vars([(taken, array(&[0.0]))]));
        assert!(matches!(error, GroupError::DuplicateKey { .. }) && text.contains(taken), "{text}");
    }
    let twice = [("new", array(&[0.0])), ("new", array(&[0.0]))];
    assert!(group.register_implicit_vars(twice).is_err());
    assert!(matches!(
        refused(group.register_implicit_vars([("no good", array(&[0.0]))])).0,
        GroupError::InvalidName { .. }
    ));
    assert_eq!(group.vars(Scope::relative()).len(), 6);
    // Where inputs are no variables, their names are free.
    let mut bare = M::builder(2).input_var(false).build().unwrap();
    bare.register_implicit_vars([(M::KEYS[2], array(&[1.0, 2.0, 3.0]))]).unwrap();
    let saved = bare.state_dict();
    bare.registered_var_mut(M::KEYS[2]).unwrap().fill(0.0);
    bare.load_state_dict(saved, Strictness::Strict).unwrap();
    assert_eq!(bare.registered_var(M::KEYS[2]), Some(&[1.0, 2.0, 3.0][..]));
    assert_eq!(bare.input(M::INPUT[0]), [0.0; 2]);
}

pub(super) fn vars<M: Subject>() {
    let mut top = tree::<M>();
    used(&mut top);
    let vars = top.vars(Scope::default());
    let found: Vec<&str> = vars.iter().map(|(key, _)| key.as_str()).collect();
    let own = M::KEYS.map(|key| format!("top.{key}"));
    assert_eq!(found[..4], own);
    assert_eq!(found[4..8], ["first.e", "first.i", "first.Ie", "first.Ii"]);
    assert_eq!(found[8..], ["second.x", "second.y", "second.Ix", "second.Iy"]);
    let kinds: Vec<_> = vars[..4].iter().map(|(_, variable)| variable.kind).collect();
    assert_eq!(kinds[..2], [VariableKind::State; 2]);
    assert_eq!(kinds[2..], [VariableKind::Input; 2]);
    assert_eq!(vars[0].1.values, top.state(M::STATE[0]));
    assert_eq!((&vars[3].1.values[..], &vars[3].1.shape[..]), (&[6.0; 2][..], &[2][..]));
    let relative: Vec<String> = top
        .vars(Scope { level: Some(1), include_self: false, ..Scope::relative() })
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(relative[..2], ["A.e", "A.i"]);
    // Trained parameters come first; a noise that has a value is a variable.
    let group = M::builder(2).train(M::GAIN[0]).build().unwrap();
    assert_eq!(group.vars(Scope::relative())[0].0, M::GAIN[0].symbol().ascii);
    rate_model! { model Colored { noise η: ou(2); state θ = 1; dθ/dt = -θ + η; } }
    let colored = Group::<Colored>::builder(2, 0.1).build().unwrap();
    let names: Vec<_> = colored.vars(Scope::relative()).into_iter().map(|(key, _)| key).collect();
    assert_eq!(names, ["theta", "eta"]);
}

pub(super) fn train_vars<M: Subject>() {
    let group = M::builder(2).build().unwrap();
    assert!(group.train_vars(Scope::default()).is_empty());
    let group =
        M::builder(2).name("a").train(M::GAIN[0]).train(M::TAU[1]).set(M::TAU[1], [1.0, 2.0]);
    let group = group.build().unwrap();
    let vars: BTreeMap<_, _> = group.train_vars(Scope::default()).into_iter().collect();
    let key = |param: rate_model::model::Param<M>| format!("a.{}", param.symbol().ascii);
    assert_eq!(
        vars.keys().cloned().collect::<BTreeSet<_>>(),
        BTreeSet::from([key(M::GAIN[0]), key(M::TAU[1])])
    );
    let (gain, tau) = (&vars[&key(M::GAIN[0])], &vars[&key(M::TAU[1])]);
    assert_eq!((&gain.values[..], gain.shape.len()), (&[M::DEFAULT.gain[0]][..], 0));
    assert_eq!((&tau.values[..], &tau.shape[..]), (&[1.0, 2.0][..], &[2][..]));
    assert!(vars.values().all(|variable| variable.kind == VariableKind::Trained));
}

pub(super) fn state_dict<M: Subject>() {
    let mut top = tree::<M>();
    used(&mut top);
    let StateDict(nodes) = top.state_dict();
    assert_eq!(nodes.keys().collect::<Vec<_>>(), ["first", "second", "top"]);
    let own: BTreeSet<String> = M::KEYS.iter().map(|key| format!("top.{key}")).collect();
    assert_eq!(nodes["top"].keys().cloned().collect::<BTreeSet<_>>(), own);
    let state = &nodes["top"][&format!("top.{}", M::KEYS[0])];
    assert_eq!((state.shape(), state.values()), (&[2][..], Some(top.state(M::STATE[0]))));
    // A copy, not a view; parameters are in it only if they are trained.
    let before = top.state_dict();
    used(&mut top);
    assert!(before != top.state_dict());
    let trained = M::builder(1).name("a").train(M::TAU[0]).build().unwrap().state_dict();
    assert!(trained.0["a"].contains_key(&format!("a.{}", M::TAU[0].symbol().ascii)));
    // Single precision stays single.
    let single = M::builder(1).name("a").build_in::<f32>().unwrap().state_dict();
    assert!(single.0["a"].values().all(|array| array.data().type_name() == "f32"));
}

pub(super) fn load_state_dict<M: Subject>() {
    let build = || M::builder(2).name("a").train(M::TAU[0]).build().unwrap();
    let (mut group, key) = (build(), |index: usize| format!("a.{}", M::KEYS[index]));
    let tau = format!("a.{}", M::TAU[0].symbol().ascii);
    used(&mut group);
    group.set(M::TAU[0], 0.5).unwrap();
    let saved = group.state_dict();
    let mut other = build();
    let result = other.load_state_dict(saved.clone(), Strictness::Strict).unwrap();
    assert!(result.missing_keys.is_empty() && result.unexpected_keys.is_empty());
    assert_eq!(other.state_dict(), saved);
    let next = |group: &mut Group<M>| {
        group.update([(M::INPUT[0], 1.0)]).unwrap();
        group.state_dict()
    };
    assert_eq!(next(&mut group), next(&mut other), "they go on alike, parameters included");
    // Keys alone are as good.
    other.load_state_dict(saved.clone().flat(), Strictness::Strict).unwrap();
    assert_eq!(other.state_dict(), saved);
    // What does not match is an error, or reported in order.
    let mut flat = saved.clone().flat();
    flat.remove(&key(3));
    flat.remove(&key(1));
    flat.insert("b.x".to_owned(), vec![1.0].into());
    flat.insert(key(0), vec![5.0, 6.0].into());
    let (error, text) = refused(other.load_state_dict(flat.clone(), Strictness::Strict).map(drop));
    let mut missing = [key(1), key(3)];
    missing.sort();
    let GroupError::Keys { missing: found, unexpected } = error else { panic!("{text}") };
    assert_eq!((&found[..], &unexpected[..]), (&missing[..], &["b.x".to_owned()][..]));
    assert_eq!(other.state_dict(), saved, "nothing was loaded");
    let result = other.load_state_dict(flat, Strictness::Lenient).unwrap();
    assert_eq!((&result.missing_keys[..], result.unexpected_keys), (&missing[..], unexpected));
    assert_eq!(other.state(M::STATE[0]), [5.0, 6.0]);
    assert_eq!(other.state(M::STATE[1]), group_state(&saved, &key(1)));
    // Any wrong array refuses them all, whichever comes first.
    other.load_state_dict(saved.clone(), Strictness::Strict).unwrap();
    let wrong: [(String, Array, &str); 5] = [
        (key(0), vec![1.0; 5].into(), "shape [2], and was given shape [5]"),
        (key(1), vec![1.0_f32; 2].into(), "of type f64, and was given f32"),
        (key(2), vec![1.0, f64::NAN].into(), "NaN at place 1"),
        (tau.clone(), Array::new([], vec![-1.0]).unwrap(), "wants `tau"),
        (tau, vec![0.5, 0.5].into(), "shape [], and was given shape [2]"),
    ];
    for (key, array, reason) in wrong {
        let mut flat = saved.clone().flat();
        for state in 0..2 {
            flat.insert(format!("a.{}", M::KEYS[state]), vec![9.0, 9.0].into());
        }
        flat.insert(key.clone(), array);
        let text = other.load_state_dict(flat, Strictness::Lenient).unwrap_err().to_string();
        assert!(text.contains(reason), "{key}: {text}");
        assert_eq!(other.state_dict(), saved, "{key}: nothing was loaded");
    }
}

/// The numbers of a key.
fn group_state<'a>(saved: &'a StateDict, key: &str) -> &'a [f64] {
    saved.0["a"][key].values().unwrap()
}

pub(super) fn save_states<M: Subject>() {
    let directory = tempfile::tempdir().unwrap();
    let mut top = tree::<M>();
    used(&mut top);
    for suffix in ["npz", "safetensors", "mat", "h5", "hdf5"] {
        let path = directory.path().join(format!("states.{suffix}"));
        top.save_states(&path).unwrap();
        let file = StateFile::read(&path).unwrap();
        assert_eq!(StateDict::from(file.arrays.clone()), top.state_dict(), "{suffix}");
        assert_eq!(file.header["model.top"], M::INFO.name);
        assert_eq!(file.header["equations.top"], format!("{:016x}", M::INFO.hash));
        assert_eq!(file.header["step.top"], "2");
    }
    let path = directory.path().join("some.npz");
    let key = format!("top.{}", M::KEYS[1]);
    top.save_states_of(&path, &[&key]).unwrap();
    assert_eq!(StateFile::read(&path).unwrap().arrays.into_keys().collect::<Vec<_>>(), [key]);
    assert!(matches!(refused(top.save_states_of(&path, &["top.z"])).0, GroupError::Keys { .. }));
    for wrong in ["states.pkl", "states.txt", "no/such/folder.npz"] {
        let path = directory.path().join(wrong);
        let error = top.save_states(&path).unwrap_err();
        assert!(matches!(error, Error::File(_)) && !path.exists(), "{error}");
    }
}

pub(super) fn load_states<M: Subject>() {
    let directory = tempfile::tempdir().unwrap();
    let noisy = |name: &str| M::builder(3).name(name).set(M::SIGMA[0], 0.1).mode(Mode::Batching(2));
    let mut group = noisy("a").build().unwrap();
    used(&mut group);
    let saved = group.state_dict();
    let paths = ["npz", "safetensors", "mat", "h5", "hdf5"].map(|suffix| {
        let path = directory.path().join(format!("states.{suffix}"));
        group.save_states(&path).unwrap();
        path
    });
    used(&mut group);
    let later = group.state_dict();
    let strict = Loading::default();
    for path in &paths {
        // Into another group: it goes on with the same noise.
        let mut other = noisy("a").build().unwrap();
        other.load_states(path, &strict).unwrap();
        assert_eq!((other.state_dict(), other.step_count()), (saved.clone(), 2));
        used(&mut other);
        assert_eq!(other.state_dict(), later, "{}", path.display());
        // Under another name.
        let mut renamed = noisy("b").build().unwrap();
        assert!(matches!(refused(renamed.load_states(path, &strict)).0, GroupError::Keys { .. }));
        let rename = vec![("a".to_owned(), "b".to_owned())];
        renamed.load_states(path, &Loading { rename, ..strict.clone() }).unwrap();
        assert_eq!(renamed.state(M::STATE[0]), group_state(&saved, &format!("a.{}", M::KEYS[0])));
        assert_eq!(renamed.step_count(), 2);
        // A part of the file, or one of its bytes, is nothing.
        let bytes = fs::read(path).unwrap();
        let half = path.with_file_name(format!("half.{}", path.extension().unwrap().display()));
        let mut changed = bytes.clone();
        let place = changed.len() / 2;
        changed[place] ^= 0xFF;
        for content in [&bytes[..place], &bytes[..bytes.len() - 1], &[], &changed] {
            fs::write(&half, content).unwrap();
            let error = group.load_states(&half, &strict).unwrap_err();
            let Error::File(file) = &error else { panic!("{error}") };
            assert!(matches!(**file, FileError::Damaged { .. }), "{error}");
            assert_eq!(group.state_dict(), later);
        }
    }
    // Other equations; to try all the same.
    rate_model! { model Other { state e = 0; state i = 0; state x = 0; state y = 0; de/dt = -e; di/dt = -i; dx/dt = -x; dy/dt = -y; } }
    let mut other =
        Group::<Other>::builder(3, 0.1).name("a").mode(Mode::Batching(2)).build().unwrap();
    let (error, text) = refused(other.load_states(&paths[0], &strict));
    assert!(matches!(error, GroupError::OtherEquations { .. }), "{text}");
    assert!(text.contains(M::INFO.name) && text.contains("`Other`"), "{text}");
    let lenient =
        Loading { any_equations: true, strictness: Strictness::Lenient, ..strict.clone() };
    let result = other.load_states(&paths[0], &lenient).unwrap();
    assert_eq!(result.missing_keys.len(), 2);
    let found = [Other::e, Other::i, Other::x, Other::y].map(|state| other.state(state).to_vec());
    assert!(found.iter().any(|values| values == group_state(&saved, &format!("a.{}", M::KEYS[0]))));
    assert!(group.load_states(directory.path().join("no.npz"), &strict).is_err());
    // Two under one name are an error, not one of them.
    let mut top = tree::<M>();
    let path = directory.path().join("tree.npz");
    top.save_states(&path).unwrap();
    let rename = ["first", "second"].map(|from| (from.to_owned(), "top".to_owned())).into();
    let loading = Loading { rename, any_equations: true, strictness: Strictness::Lenient };
    let (error, text) = refused(top.load_states(&path, &loading));
    assert!(matches!(error, GroupError::DuplicateKey { .. }), "{text}");
    assert!(text.contains("tree.npz") && text.contains("`top."), "{text}");
}

pub(super) fn reset<M: Subject>() {
    let noisy =
        M::builder(2).set(M::SIGMA[0], 0.1).init(M::STATE[0], rate_model::Init::normal(1.0, 0.1));
    let mut group = noisy.build().unwrap();
    group.register_delay("d", 2, M::STATE[0], None).unwrap();
    let begun = group.state_dict();
    used(&mut group);
    let once = group.state_dict();
    group.reset(None).unwrap();
    assert_eq!((group.state_dict(), group.step_count()), (begun.clone(), 0));
    assert_eq!(group.get_delay_data("d", 2).unwrap(), group.state(M::STATE[0]));
    used(&mut group);
    assert_eq!(group.state_dict(), once, "the noise is rewound");
    // With another number of members; parts with it.
    group.reset(Some(3)).unwrap();
    assert_eq!((group.mode(), group.state(M::STATE[0]).len()), (Mode::Batching(3), 6));
    assert_eq!(group.state(M::STATE[0])[..2], *group_values(&begun, M::KEYS[0]));
    used(&mut group);
    assert!(matches!(refused(group.reset(Some(0))).0, GroupError::NoMembers));
    assert_eq!(group.step_count(), 2, "nothing was changed");
    let mut top = tree::<M>();
    used(top.child_mut::<WilsonCowan>("B").unwrap());
    top.reset(Some(2)).unwrap();
    let part = top.child::<WilsonCowan>("B").unwrap();
    assert_eq!((part.state(WilsonCowan::x), part.step_count()), (&[0.1; 6][..], 0));
}

/// The numbers of the only node.
fn group_values<'a>(saved: &'a StateDict, variable: &str) -> &'a [f64] {
    let node = saved.0.values().next().unwrap();
    let found = node.iter().find(|(key, _)| key.ends_with(&format!(".{variable}")));
    found.unwrap().1.values().unwrap()
}

pub(super) fn reset_state<M: Subject>() {
    let mut group = M::builder(2).init(M::STATE[0], [0.5, 0.6]).build().unwrap();
    used(&mut group);
    group.reset_state(None).unwrap();
    assert_eq!(group.state(M::STATE[0]), [0.5, 0.6]);
    assert_eq!(group.input(M::INPUT[0]), [0.0; 2]);
    // None keeps the members that there are.
    group.reset_state(Some(2)).unwrap();
    group.reset_state(None).unwrap();
    assert_eq!(group.state(M::STATE[0]), [0.5, 0.6, 0.5, 0.6]);
    // Parameters stay as they were set.
    group.set(M::TAU[0], 0.7).unwrap();
    group.reset_state(None).unwrap();
    let mut unit = M::DEFAULT;
    unit.tau[0] = 0.7;
    assert_follows(&mut group, |_| unit, some);
}

pub(super) fn tree_flatten<M: Subject>() {
    let mut top = tree::<M>();
    used(&mut top);
    let (leaves, tree) = top.tree_flatten().unwrap();
    let vars = top.vars(Scope::default());
    assert_eq!(tree.keys(), vars.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>());
    assert!(leaves.iter().zip(&vars).all(|(leaf, (_, variable))| *leaf == *variable.values));
    // Leaves are copies.
    let first = leaves[0].clone();
    used(&mut top);
    assert!(leaves[0] == first && first != top.state(M::STATE[0]));
}

pub(super) fn tree_unflatten<M: Subject>() {
    let mut top = tree::<M>();
    used(&mut top);
    let (mut leaves, tree) = top.tree_flatten().unwrap();
    let mut copy = Group::tree_unflatten(&tree, &leaves).unwrap();
    assert_eq!((copy.name(), copy.state_dict()), ("top", top.state_dict()));
    // It goes on alike, and alone.
    used(&mut copy);
    assert!(copy.state_dict() != top.state_dict());
    used(&mut top);
    assert_eq!(copy.state_dict(), top.state_dict());
    leaves[1] = vec![0.25, 0.75];
    let changed = Group::tree_unflatten(&tree, &leaves).unwrap();
    assert_eq!(changed.state(M::STATE[1]), [0.25, 0.75]);
    leaves[1].push(1.0);
    let (error, text) = refused(Group::tree_unflatten(&tree, &leaves).map(drop));
    assert!(matches!(error, GroupError::VariableShape { .. }) && text.contains("[3]"), "{text}");
    let (error, text) = refused(Group::tree_unflatten(&tree, &leaves[1..]).map(drop));
    assert!(matches!(error, GroupError::Leaves { expected: 12, found: 11 }), "{text}");
}

pub(super) fn unique_name<M: Subject>() {
    let (names, model) = (Names::default(), M::INFO.name);
    let first = M::builder(1).names(&names).build().unwrap();
    // Every call uses up a number, and so does every group without a name of its own.
    assert_eq!(first.unique_name(None), format!("{model}1"));
    assert_eq!(first.unique_name(None), format!("{model}2"));
    assert_eq!(first.unique_name(Some("Other")), "Other0");
    assert_eq!(M::builder(1).names(&names).build().unwrap().name(), format!("{model}3"));
    first.names().claim(&format!("{model}4")).unwrap();
    assert_eq!(first.unique_name(None), format!("{model}5"), "taken ones are passed over");
    names.clear();
    assert_eq!(first.unique_name(None), format!("{model}0"));
}

pub(super) fn update<M: Subject>() {
    fn can_be_sent<S: Send>(_: &S) {}
    // Numbers, one for each, one for each of each member; the first state comes back.
    let mut group = Group::<M>::builder([1, 2], M::DT).mode(Mode::Batching(2)).build().unwrap();
    can_be_sent(&group);
    let members = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
    let given: [(_, Given<'_, f64>); 2] =
        [(M::INPUT[0], 2.0.into()), (M::INPUT[1], (&members).into())];
    let first = group.update(given).unwrap().to_vec();
    assert_eq!(first, group.state(M::STATE[0]));
    for unit in 0..4 {
        let expected = M::step(M::DEFAULT, M::START, [2.0, unit as f64 + 1.0], [0.0; 2]);
        for (found, expected) in states(&group, unit).into_iter().zip(expected) {
            assert_near(found, expected);
        }
    }
    group.clear_input();
    assert_follows(&mut group, |_| M::DEFAULT, some);
    // Without inputs; by another method; in single precision.
    let mut idle = M::builder(1).build().unwrap();
    let expected = M::step(M::DEFAULT, M::START, [0.0; 2], [0.0; 2]);
    assert_near(idle.step().unwrap()[0], expected[0]);
    assert_near(idle.time().steps(M::DT).unwrap() as f64, 1.0);
    let mut single = M::builder(1).build_in::<f32>().unwrap();
    assert!((f64::from(single.step().unwrap()[0]) - expected[0]).abs() < 1e-6);
    // A wrong shape is refused before anything is added or a step is taken.
    let before = group.state_dict();
    let wrong: [(_, Given<'_, f64>); 2] =
        [(M::INPUT[0], 1.0.into()), (M::INPUT[1], vec![1.0; 5].into())];
    let error = group.update(wrong).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Shape { .. }), "{text}");
    assert!(text.contains(&format!("input `{}`", M::KEYS[3])) && text.contains("[5]"), "{text}");
    assert_eq!(group.state_dict(), before);
    // Infinite inputs are refused, or reach the states where that is asked for.
    assert!(matches!(
        group.update([(M::INPUT[0], f64::INFINITY)]).unwrap_err(),
        Error::NotFinite { .. }
    ));
    let mut loose = M::builder(1).check_finite(false).build().unwrap();
    assert!(loose.update([(M::INPUT[0], f64::NAN)]).unwrap()[0].is_nan());
    // A step that is too long is refused; or else what runs away is an error after the step.
    rate_model! { model Wild { param tau = 1 where tau > 0; state x = 1; tau dx/dt = -x; } }
    let wild = || Group::<Wild>::builder(1, 1.0).set(Wild::tau, 1e-60);
    assert!(matches!(wild().build().unwrap_err(), Error::Unstable { .. }));
    let mut wild = wild().check_stability(false).build().unwrap();
    let diverged = (0..9).find_map(|_| wild.step().err()).unwrap();
    assert!(matches!(diverged, Error::Diverged { .. }), "{diverged}");
}
