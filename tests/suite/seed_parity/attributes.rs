//! The attributes; `name` and `mode` are among the arguments.

use rate_model::group::{Delays, Group, Mode};

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
}

pub(super) fn varshape<M: Subject>() {
    let group = |keep| Group::<M>::builder([2, 3], M::DT).keep_size(keep).mode(Mode::Batching(5));
    assert_eq!(group(true).build().unwrap().varshape().dims(), [2, 3]);
    assert_eq!(group(false).build().unwrap().varshape().dims(), [6]);
    assert_eq!(M::builder(7).build().unwrap().varshape().dims(), [7]);
}
