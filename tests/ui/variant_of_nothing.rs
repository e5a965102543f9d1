//! Bases that are no models: misspelt, not imported, types, missing in a module, in a circle.

use rate_model::prelude::*;

mod zoo {
    use rate_model::prelude::*;

    rate_model! {
        pub(crate) model Leak { state x = 0; dx/dt = -x; }
    }
}

struct NoModel;

rate_model! {
    model Misspelt: Laek { state y = 0; dy/dt = -y; }

    model NotImported: Leak { state y = 0; dy/dt = -y; }

    model Unknown: zoo::Reservoir { state y = 0; dy/dt = -y; }

    model OfAStruct: NoModel { state y = 0; dy/dt = -y; }

    model Itself: Itself { state y = 0; dy/dt = -y; }

    model Egg: Hen { state y = 0; dy/dt = -y; }

    model Hen: Egg { state z = 0; dz/dt = -z; }

    model Numbered: 5 { state y = 0; dy/dt = -y; }
}

fn main() {
    let _ = Population::<Misspelt>::new("misspelt", 1).init(Misspelt::y, 0.5);
    let _ = Population::<Hen>::new("hen", 1).init(Hen::z, 0.5);
}
