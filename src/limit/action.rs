//! The actions whose attempts are limited, and the limits of each.

use std::time::Duration;

use super::{Allowance, Per, Subject, address_text};

/// An action whose attempts are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A login with a password, from a device that the account does not know.
    Login,
    /// A login with a password, from a device that the account knows.
    LoginOnKnownDevice,
    /// The second step of a login: a code of the second factor.
    Factor,
    /// The second step of a login: a backup code.
    BackupCode,
    /// The password or a code that somebody who is signed in has to give again.
    Reauthentication,
    /// A request for a challenge for a sign-in with a passkey, or an answer without such a challenge.
    PasskeySignIn,
    /// The registration of an account.
    Registration,
    /// A request for a link to set a new password.
    ResetRequest,
    /// A registration that sends a link to confirm the e-mail address.
    VerificationRequest,
    /// A request for a link that changes the e-mail address of an account.
    AddressChangeRequest,
    /// The use of a token from a mail.
    MailToken,
    /// The use of a refresh token that is not accepted.
    Refresh,
    /// The use of a refresh token that is accepted.
    Renewal,
}

impl Action {
    /// Every action.
    pub const ALL: &[Self] = &[
        Self::Login,
        Self::LoginOnKnownDevice,
        Self::Factor,
        Self::BackupCode,
        Self::Reauthentication,
        Self::PasskeySignIn,
        Self::Registration,
        Self::ResetRequest,
        Self::VerificationRequest,
        Self::AddressChangeRequest,
        Self::MailToken,
        Self::Refresh,
        Self::Renewal,
    ];

    /// The allowances that an attempt uses, in this order. The widest comes first: a client that has none
    /// left at its address uses up nothing of an account.
    pub const fn allowances(self) -> &'static [Allowance] {
        const DAY_S: u64 = 86_400;
        const fn of(per: Per, burst: u32, pause_s: u64, refill_s: u64) -> Allowance {
            let (pause, refill) = (Duration::from_secs(pause_s), Duration::from_secs(refill_s));
            Allowance { per, burst, pause, refill }
        }
        // NIST SP 800-63B-4, section 3.2.2, allows up to 100 failed attempts in a row for an account.
        const LOGIN: &[Allowance] = &[
            of(Per::Address, 50, 5, 60),
            of(Per::AccountAtAddress, 10, 30, 900),
            of(Per::Account, 100, 30, 900),
        ];
        const KNOWN_DEVICE: &[Allowance] = &[of(Per::DeviceOfAccount, 10, 30, 900)];
        // A code has six digits, and three of them are valid at a time. Only who knows the password gets
        // here. The allowance over days bounds the guesses of somebody who does not give up.
        const FACTOR: &[Allowance] = &[
            of(Per::Address, 50, 5, 60),
            of(Per::AccountOverDays, 100, DAY_S, 7 * DAY_S),
            of(Per::Account, 5, 30, 900),
        ];
        const BACKUP_CODE: &[Allowance] = &[of(Per::Address, 50, 5, 60), of(Per::Account, 5, 30, 900)];
        const REAUTHENTICATION: &[Allowance] = &[of(Per::Account, 10, 30, 900)];
        const REGISTRATION: &[Allowance] = &[of(Per::Address, 20, 30, 300)];
        // Each request of a stranger sends a link to the owner, who therefore needs no more of them.
        const MAIL_REQUEST: &[Allowance] = &[of(Per::Address, 20, 30, 300), of(Per::Account, 5, 300, 3600)];
        // Nobody can guess an answer. The limit bounds the number of challenges that wait for one, and the
        // entries in the audit log about refused answers.
        const PASSKEY: &[Allowance] = &[of(Per::Address, 50, 5, 60)];
        // Nobody can guess these tokens. The limits spare the database.
        const MAIL_TOKEN: &[Allowance] = &[of(Per::Address, 50, 5, 60)];
        const REFRESH: &[Allowance] = &[of(Per::Address, 300, 1, 2)];
        // A page refreshes when it is opened, and every 15 minutes.
        const RENEWAL: &[Allowance] = &[of(Per::Session, 60, 10, 60)];
        match self {
            Self::Login => LOGIN,
            Self::LoginOnKnownDevice => KNOWN_DEVICE,
            Self::Factor => FACTOR,
            Self::BackupCode => BACKUP_CODE,
            Self::Reauthentication => REAUTHENTICATION,
            Self::PasskeySignIn => PASSKEY,
            Self::Registration => REGISTRATION,
            Self::ResetRequest | Self::VerificationRequest | Self::AddressChangeRequest => MAIL_REQUEST,
            Self::MailToken => MAIL_TOKEN,
            Self::Refresh => REFRESH,
            Self::Renewal => RENEWAL,
        }
    }

    /// Returns the name of an allowance of this subject.
    pub(super) fn name(self, per: Per, subject: Subject<'_>) -> String {
        let Subject { address, account, device } = subject;
        let action = self.as_str();
        match per {
            Per::Address => format!("{action} per address: {}", address_text(address)),
            Per::Account => format!("{action} per account: {account}"),
            Per::AccountOverDays => format!("{action} per account over days: {account}"),
            Per::AccountAtAddress => {
                format!("{action} per account at an address: {} {account}", address_text(address))
            }
            Per::DeviceOfAccount => format!("{action} per account on a device: {device} {account}"),
            // The statement appends the id of the session, which it finds.
            Per::Session => format!("{action} per session: "),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginOnKnownDevice => "login on a known device",
            Self::Factor => "factor",
            Self::BackupCode => "backup code",
            Self::Reauthentication => "reauthentication",
            Self::PasskeySignIn => "passkey",
            Self::Registration => "registration",
            Self::ResetRequest => "reset request",
            Self::VerificationRequest => "verification request",
            Self::AddressChangeRequest => "address change request",
            Self::MailToken => "mail token",
            Self::Refresh => "refresh",
            Self::Renewal => "renewal",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn waits_grow_up_to_the_refill_time() {
        for action in Action::ALL {
            for one in action.allowances() {
                assert!(
                    one.burst > 0 && !one.pause.is_zero() && one.pause < one.refill,
                    "{action:?} {one:?}"
                );
            }
        }
    }

    /// The rows of the table in `docs/PASSWORDS.md`: per what, burst, first wait and refill time.
    fn documented() -> Vec<[String; 4]> {
        let text = include_str!("../../docs/PASSWORDS.md");
        let table = text.split_once("| action | per |").unwrap().1;
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let cells =
            rows.map(|row| row.trim_matches('|').split('|').skip(1).map(|cell| cell.trim().to_owned()));
        cells.map(|row| row.collect::<Vec<_>>().try_into().unwrap()).collect()
    }

    #[test]
    fn the_documentation_has_every_allowance() {
        let same = [Action::VerificationRequest, Action::AddressChangeRequest];
        let actions = Action::ALL.iter().filter(|action| !same.contains(action));
        let actual: Vec<_> = actions
            .flat_map(|action| action.allowances())
            .map(|one| {
                let per = match one.per {
                    Per::Address => "address",
                    Per::Account => "account",
                    Per::AccountOverDays => "account over days",
                    Per::AccountAtAddress => "account at an address",
                    Per::DeviceOfAccount => "account on the device",
                    Per::Session => "session",
                };
                let seconds = |time: Duration| format!("{} s", time.as_secs());
                [per.to_owned(), one.burst.to_string(), seconds(one.pause), seconds(one.refill)]
            })
            .collect();
        assert_eq!(documented(), actual);
    }

    #[test]
    fn no_two_allowances_have_the_same_name() {
        let subject = Subject { address: None, account: "ann@example.com", device: "00" };
        let per = [
            Per::Address,
            Per::Account,
            Per::AccountOverDays,
            Per::AccountAtAddress,
            Per::DeviceOfAccount,
            Per::Session,
        ];
        let names = Action::ALL.iter().flat_map(|action| per.map(|per| action.name(per, subject)));
        assert_eq!(names.collect::<HashSet<_>>().len(), Action::ALL.len() * per.len());
    }
}
