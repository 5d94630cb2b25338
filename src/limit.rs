//! Limits of attempts: how often somebody may try to log in, to enter a code, and so on. An attempt is
//! counted by the statement that reads what the action needs (`db::limit`). `limit/action.rs` has all
//! numbers.
//!
//! An *allowance* is a number of attempts at once (the burst), and one more in each refill time. After the
//! burst, each attempt has to wait, and each wait is twice as long as the one before, up to the refill time.
//! An allowance never closes for good: whoever attacks can make others wait for the refill time at most.
//!
//! A login is counted for the client's address, for the account at this address, and for the account at all
//! addresses. Strangers can use up the last one only from many addresses. Even then the owner gets in from a
//! device that the account knows, because the account has an allowance of its own there instead of these
//! three. OWASP calls this scheme device cookies.

mod action;

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::config::AttemptLimits;

pub use action::Action;

/// The number of bits of an IPv6 address that name the host in its subnet. A client can choose them.
const HOST_BITS: u32 = 64;

/// What an allowance belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// The client's address. The IPv6 addresses of a subnet (/64) count as one.
    Address,
    /// The account, or the e-mail address that stands for it.
    Account,
    /// The same over days: it bounds the attempts that fail in a row.
    AccountOverDays,
    /// The account at the client's address.
    AccountAtAddress,
    /// The account on a device that it knows. Other accounts on that device have allowances of their own.
    DeviceOfAccount,
    /// The session.
    Session,
}

/// How many attempts are admitted.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// What the allowance belongs to.
    pub per: Per,
    /// The number of attempts that are admitted at once.
    pub burst: u32,
    /// The wait after the burst. Each further wait is twice as long.
    pub pause: Duration,
    /// The longest wait. One attempt more is admitted after each such time.
    pub refill: Duration,
}

/// Who makes an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The client's address. `None` if the gateway names none: all such clients count as one.
    pub address: Option<IpAddr>,
    /// The account's id, or the e-mail address that a client without a session gives. Upper and lower case
    /// are the same. Empty if the action has no allowance per account.
    pub account: &'a str,
    /// What identifies the device: a hash, in hexadecimal digits. Empty if the action has no allowance per
    /// device.
    pub device: &'a str,
}

/// An attempt that is to be counted: the allowances that it uses, and their names. The default uses none.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// The allowances, in the order in which they are used.
    pub allowances: Vec<Allowance>,
    /// Their names, in the same order. The database stores hashes of them.
    pub names: Vec<String>,
}

impl Attempt {
    /// Describes an attempt of this action by this subject.
    pub fn new(action: Action, limits: AttemptLimits, subject: Subject<'_>) -> Self {
        let allowances: Vec<_> = action.allowances().iter().map(|one| one.scale(limits)).collect();
        let names = allowances.iter().map(|one| action.name(one.per, subject)).collect();
        Self { allowances, names }
    }

    /// The names of the allowances that belong to these things.
    pub fn names_per(&self, wanted: &[Per]) -> Vec<&str> {
        let both = self.allowances.iter().zip(&self.names);
        both.filter(|(one, _)| wanted.contains(&one.per)).map(|(_, name)| name.as_str()).collect()
    }
}

impl Allowance {
    /// Returns the allowance with the operator's setting for addresses.
    fn scale(self, AttemptLimits { address_factor }: AttemptLimits) -> Self {
        if self.per != Per::Address {
            return self;
        }
        Self {
            // The database counts in 32 bits.
            burst: self.burst.saturating_mul(address_factor).min(i32::MAX.unsigned_abs()),
            refill: (self.refill / address_factor).max(self.pause),
            ..self
        }
    }
}

/// Returns the text under which an address is counted.
fn address_text(address: Option<IpAddr>) -> String {
    match address {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => Ipv6Addr::from_bits(address.to_bits() >> HOST_BITS << HOST_BITS).to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ipv6_addresses_of_a_subnet_count_as_one() {
        let text = |address: &str| address_text(Some(address.parse().unwrap()));
        assert_eq!(text("2001:db8:1:2:3:4:5:6"), text("2001:db8:1:2::"));
        assert_ne!(text("2001:db8:1:2::1"), text("2001:db8:1:3::1"));
        assert_eq!(text("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(text("203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn the_setting_for_addresses_changes_no_other_allowance() {
        let subject = Subject { account: "ann@example.com", ..Subject::default() };
        let [usual, more] = [1, 100].map(|address_factor| {
            Attempt::new(Action::Login, AttemptLimits { address_factor }, subject).allowances
        });
        for (usual, more) in usual.iter().zip(&more) {
            let factor = if usual.per == Per::Address { 100 } else { 1 };
            assert_eq!(more.burst, usual.burst * factor);
            assert!(more.refill >= more.pause && more.refill <= usual.refill);
        }
    }
}
