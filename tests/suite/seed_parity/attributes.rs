//! The attributes; `name` and `mode` are among the arguments.

use rate_model::group::{Delays, Group, Mode, Node, Strictness};

use super::subject::Subject;

/// One registry for several groups: what one registers, the others read, from one memory.
pub(super) fn global_delay_data<M: Subject>() {
    let shared = Delays::default();
    let [mut sender, mut one, mut other] = ["sender", "one", "other"]
        .map(|name| M::builder(1).name(name).init(M::STATE[0], 0.5).build().unwrap());
    assert!(sender.global_delay_data().registered().is_empty());
    for group in [&mut sender, &mut one, &mut other] {
        group.share_delays(&shared);
    }
    sender.register_delay("rate", 2, M::STATE[0], None).unwrap();
    // Asked for again, and for longer: still one memory.
    sender.register_delay("rate", 4, M::STATE[0], None).unwrap();
    let target = format!("sender.{}", M::KEYS[0]);
    for group in [&sender, &one, &other] {
        let registered = group.global_delay_data().registered();
        assert_eq!(registered, [("rate".to_owned(), target.clone(), 4)]);
    }
    let mut past = vec![0.5];
    for _ in 0..6 {
        past.push(sender.update([(M::INPUT[0], 3.0)]).unwrap()[0]);
        sender.update_local_delays();
        // It is the sender's: others remember nothing in it.
        one.update_local_delays();
    }
    for steps in 0..=4 {
        assert_eq!(one.get_delay_data("rate", steps).unwrap(), [past[6 - steps]]);
        assert_eq!(other.get_delay_data("rate", steps).unwrap(), [past[6 - steps]]);
        assert_eq!(shared.at("rate", steps).unwrap(), [past[6 - steps]]);
    }
    let error = one.register_delay("rate", 1, M::STATE[0], None).unwrap_err();
    assert!(error.to_string().contains("`rate` is the delay of something else"), "{error}");
    assert!(shared.at("other", 0).unwrap_err().to_string().contains("[\"rate\"]"));
    // Whose it is does not depend on names.
    let mut namesake = M::builder(1).name("sender").build().unwrap();
    namesake.share_delays(&shared);
    let error = namesake.register_delay("rate", 1, M::STATE[0], None).unwrap_err();
    assert!(error.to_string().contains("`rate` is the delay of something else"), "{error}");
    sender.rename("renamed").unwrap();
    assert_eq!(shared.registered()[0].1, format!("renamed.{}", M::KEYS[0]));
    assert_eq!(sender.register_delay("rate", 5, M::STATE[0], None).unwrap(), 5);
    one_memory_in_a_tree::<M>();
}

/// The sender is a part; it, the whole and who is outside go on sharing, whatever happens to the whole.
fn one_memory_in_a_tree<M: Subject>() {
    let build = |name: &str| M::builder(1).name(name).init(M::STATE[0], 0.5).build().unwrap();
    let (shared, mut top, mut part) = (Delays::default(), build("top"), build("part"));
    top.share_delays(&shared);
    part.share_delays(&shared);
    part.register_delay("rate", 2, M::STATE[0], None).unwrap();
    top.register_implicit_nodes([("A", Box::new(part) as Box<dyn Node<f64>>)]).unwrap();
    let goes_on = |top: &mut Group<M>| {
        let sent = top.child_mut::<M>("A").unwrap().update([(M::INPUT[0], 3.0)]).unwrap().to_vec();
        top.update_local_delays();
        assert_eq!(top.get_delay_data("rate", 0).unwrap(), sent);
        sent
    };
    let saved = top.state_dict();
    let sent = goes_on(&mut top);
    assert_eq!(shared.at("rate", 0).unwrap(), sent);
    top.load_state_dict(saved, Strictness::Strict).unwrap();
    let sent = goes_on(&mut top);
    assert_eq!(shared.at("rate", 0).unwrap(), sent, "after loading");
    let mut copy = top.try_clone().unwrap();
    assert!(goes_on(&mut copy) != sent);
    assert_eq!(shared.at("rate", 0).unwrap(), sent, "a copy has a memory of its own");
    top.reset(None).unwrap();
    assert_eq!(shared.at("rate", 2).unwrap(), [0.5], "a reset fills it");
    let sent = goes_on(&mut top);
    assert_eq!(shared.at("rate", 0).unwrap(), sent, "after a reset");
}

pub(super) fn varshape<M: Subject>() {
    let group = |keep| Group::<M>::builder([2, 3], M::DT).keep_size(keep).mode(Mode::Batching(5));
    assert_eq!(group(true).build().unwrap().varshape().dims(), [2, 3]);
    assert_eq!(group(false).build().unwrap().varshape().dims(), [6]);
    assert_eq!(M::builder(7).build().unwrap().varshape().dims(), [7]);
}
