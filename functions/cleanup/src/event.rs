//! The events that `cleanup` gets.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::Order;

/// An event for `cleanup`.
#[derive(Debug)]
pub enum Event {
    /// The schedule invokes the function. Its events have many forms, and none of them matters.
    Sweep,
    /// An operator asks for a repair.
    Repair(Order),
}

/// The form of an operator's event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    repair: Order,
}

impl<'de> Deserialize<'de> for Event {
    /// Only an operator's event has the field `repair`, and it may have no other one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(deserializer)?;
        if event.get("repair").is_none() {
            return Ok(Self::Sweep);
        }
        let command: Command = serde_json::from_value(event).map_err(D::Error::custom)?;
        Ok(Self::Repair(command.repair))
    }
}
