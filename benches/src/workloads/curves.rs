//! S1
use crate::{arguments::Arguments, error::Error};
pub(crate) fn run(_: &Arguments) -> Result<(), Error> {
    Ok(())
}
