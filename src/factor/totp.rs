//! Codes by time (TOTP, RFC 6238), with the parameters that every authenticator app supports: SHA-1, six
//! digits, and steps of 30 seconds.
//!
//! A code lives for its step, and for one step before and after it (`TOTP_SKEW_STEPS`). RFC 6238 (section
//! 5.2) recommends to allow one step for the delay of the network, and NIST SP 800-63B-4 (section 3.1.4) to
//! allow for clocks that differ. OWASP ASVS 5 (6.5.5) asks for a lifetime of 30 seconds at most, which
//! `TOTP_SKEW_STEPS=0` gives. In either case a code is accepted once: the database has the last accepted
//! step.

use qrcode::QrCode;
use qrcode::render::svg;
use time::OffsetDateTime;
use totp_rs::{Builder, Totp, TotpError};

use crate::{Error, Result};

/// The length of a secret, in bytes. RFC 4226 (section 4, R6) recommends 160 bits.
pub const SECRET_BYTES: usize = 20;

/// The number of digits in a code.
pub const DIGITS: usize = 6;

/// The name that an authenticator app shows, beside the e-mail address.
const ISSUER: &str = "DocuVault";

/// Finds the time step in which `code` is the code of the secret, at this time. `None` if there is no such
/// step within `skew_steps` steps. Whether that step was accepted before, only the database knows.
pub fn find_step(secret: &[u8], code: &str, now: OffsetDateTime, skew_steps: u16) -> Option<i64> {
    let totp = Builder::new().with_skew(skew_steps).with_secret(secret).build_noncompliant();
    let step = totp.check(code, u64::try_from(now.unix_timestamp()).ok()?)?;
    i64::try_from(step).ok()
}

/// A secret in the forms in which its owner enters it into an authenticator app.
pub struct Shown {
    /// The secret in base 32.
    pub secret: String,
    /// The URL, which also names the account.
    pub url: String,
    /// The URL as a QR code: an image in SVG.
    pub qr_svg: String,
}

/// Writes the secret of the account with this e-mail address.
pub fn show(secret: &[u8], email: &str) -> Result<Shown> {
    // A colon separates the issuer from the account. Only a quoted address can have one.
    let account = email.replace(':', "");
    let totp = Builder::new().with_secret(secret).with_issuer(Some(ISSUER)).with_account_name(account);
    let (secret, url) = write(&totp.build_noncompliant()).map_err(|_| Error::internal("no otpauth URL"))?;
    let code = QrCode::new(&url).map_err(Error::internal)?;
    Ok(Shown { secret, qr_svg: code.render::<svg::Color<'_>>().build(), url })
}

fn write(totp: &Totp) -> std::result::Result<(String, String), TotpError> {
    Ok((totp.secret().to_base32(), totp.to_url()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the test vectors in RFC 6238, appendix B.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    /// The vectors have eight digits. A code with six digits is the end of the one with eight: both are a
    /// remainder of the same number.
    #[test]
    fn the_vectors_of_rfc_6238_are_accepted() {
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(find_step(SECRET, &code[2..], at(seconds), 0), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_lives_for_its_step_and_one_step_before_and_after_it() {
        // The code of the seconds 1,111,111,080 to 1,111,111,109.
        let (code, step, begins) = ("081804", 37_037_036, 1_111_111_080);
        for (second, skew, accepted) in [
            (-31, 1, false),
            (-30, 1, true),
            (-1, 1, true),
            (-1, 0, false),
            (0, 0, true),
            (29, 0, true),
            (30, 0, false),
            (30, 1, true),
            (59, 1, true),
            (60, 1, false),
        ] {
            let found = find_step(SECRET, code, at(begins + second), skew);
            assert_eq!(found, accepted.then_some(step), "second {second}, skew {skew}");
        }
    }

    #[test]
    fn what_is_not_six_ascii_digits_is_refused() {
        for code in ["", "28708", "2870820", "+87082", " 87082", "28708a", "２８７０８２", "٢٨٧٠٨٢", "0x7082"]
        {
            assert_eq!(find_step(SECRET, code, at(59), 1), None, "{code}");
        }
        assert_eq!(find_step(SECRET, "287082", at(59), 1), Some(1));
        assert_eq!(find_step(SECRET, "287082", at(-1), 1), None, "before 1970");
    }

    #[test]
    fn the_url_names_issuer_account_and_secret() {
        let shown = show(SECRET, "ada+x@example.com").unwrap();
        assert_eq!(shown.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            shown.url,
            "otpauth://totp/DocuVault:ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=DocuVault"
        );
        assert!(shown.qr_svg.starts_with("<?xml") && shown.qr_svg.ends_with("</svg>"));
    }

    #[test]
    fn every_address_has_a_url_and_a_qr_code() {
        let longest = format!("{}@example.com", "é".repeat(121));
        for email in ["\"a:b\"@example.com", "\"<svg onload='x'>\"@example.com", &longest] {
            let shown = show(SECRET, email).unwrap();
            assert!(shown.url.is_ascii() && shown.qr_svg.contains("<path"), "{email}");
            assert!(!shown.qr_svg.contains("onload"));
        }
    }
}
