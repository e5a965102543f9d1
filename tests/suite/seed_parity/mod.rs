//! Everything on the page of BrainPy's `ThresholdLinearModel`: each argument of its constructor, each
//! method and each attribute has a test of its name here, on that model and on one that is quite
//! different.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::items_after_statements,
    reason = "small counts, and models beside what they are for"
)]

mod arguments;
mod attributes;
mod golden;
mod methods;
mod subject;

use subject::{ThresholdLinear, WilsonCowan};

/// One test a row, on both models.
macro_rules! rows {
    ($($folder:ident: $($row:ident)*;)*) => {
        $($(
            #[test]
            fn $row() {
                $folder::$row::<ThresholdLinear>();
                $folder::$row::<WilsonCowan>();
            }
        )*)*

        /// The page has 14 arguments, 25 methods and 4 attributes.
        #[test]
        fn no_row_is_missing() {
            let counts = [$([$(stringify!($row)),*].len()),*];
            // `name` and `mode` are both arguments and attributes, and one test tests both.
            assert_eq!(counts, [14, 25, 2]);
        }
    };
}

rows! {
    arguments: size tau_e tau_i beta_e beta_i noise_e noise_i e_initializer i_initializer seed
        keep_size name mode input_var;
    methods: clear_input cpu cuda get_batch_shape get_delay_data load_state_dict load_states nodes
        register_delay register_implicit_nodes register_implicit_vars reset reset_local_delays
        reset_state save_states state_dict to tpu train_vars tree_flatten tree_unflatten unique_name
        update update_local_delays vars;
    attributes: global_delay_data varshape;
}
