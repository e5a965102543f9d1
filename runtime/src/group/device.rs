//! Where a group is computed.

use super::{Group, GroupError};
use crate::error::Error;
use crate::lanes::Real;
use crate::model::RateModel;

/// Where numbers are and formulas are evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Device {
    /// The processor, with the vector instructions that it has.
    #[default]
    Cpu,
    /// A graphics processor with CUDA.
    Cuda,
    /// A tensor processor.
    Tpu,
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Tpu => "tpu",
        })
    }
}

impl TryFrom<&str> for Device {
    type Error = Error;

    /// The device of a name: `cpu`, `cuda` (or `gpu`), `tpu`.
    fn try_from(name: &str) -> Result<Self, Error> {
        match name {
            "cpu" => Ok(Self::Cpu),
            "cuda" | "gpu" => Ok(Self::Cuda),
            "tpu" => Ok(Self::Tpu),
            _ => Err(GroupError::UnknownDevice { name: name.to_owned() }.into()),
        }
    }
}

/// `Device` is a device: what lets [`Group::to`] take either a device or its name.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl<M: RateModel, T: Real> Group<M, T> {
    /// Where it is computed.
    pub fn device(&self) -> Device {
        Device::Cpu
    }

    /// Moves it to a device, given as one or by its name.
    ///
    /// # Errors
    /// [`GroupError::UnknownDevice`]; [`GroupError::NoDevice`] for a device that this build has no
    /// code for. Nothing is changed then.
    pub fn to<D: TryInto<Device>>(&mut self, device: D) -> Result<&mut Self, Error>
    where
        Error: From<D::Error>,
    {
        match device.try_into()? {
            Device::Cpu => Ok(self),
            device => Err(GroupError::NoDevice { device }.into()),
        }
    }

    /// Moves it to the processor, where it is.
    pub fn cpu(&mut self) -> &mut Self {
        self
    }

    /// Moves it to a graphics processor.
    ///
    /// # Errors
    /// As for [`Group::to`].
    pub fn cuda(&mut self) -> Result<&mut Self, Error> {
        self.to(Device::Cuda)
    }

    /// Moves it to a tensor processor.
    ///
    /// # Errors
    /// As for [`Group::to`].
    pub fn tpu(&mut self) -> Result<&mut Self, Error> {
        self.to(Device::Tpu)
    }
}
