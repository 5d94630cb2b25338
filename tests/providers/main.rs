//! Model providers, played by local servers that speak each API's wire format: what they are asked, whatever they answer, and every
//! way in which they fail.

mod answers;
mod backlog;
mod budget;
mod faults;
mod isolation;
mod network;
mod played;
mod program;
mod quiet;
mod requests;
mod script;
mod stage;
mod wire;
