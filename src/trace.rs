//! The place of an invocation in a distributed trace, as W3C Trace Context describes it
//! (<https://www.w3.org/TR/trace-context/>). Every log line of an invocation has the id of its trace, and a
//! nudge carries the trace to `classify`. The vault records no spans of its own: it passes on the parent that
//! it was given.

use std::fmt;

use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static CURRENT: Trace;
}

/// The name of the HTTP header, and of the attribute of a message, that carries a trace.
pub const TRACEPARENT: &str = "traceparent";

/// The length of a header of version 00, in bytes. Later versions may only append to it.
const LENGTH: usize = 55;

/// The bits of the flags that are passed on: `sampled` and `random-trace-id`. The others have no meaning yet.
const KNOWN_FLAGS: u8 = 0b11;

/// A trace and its latest parent. `Display` writes the header of version 00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    parent: u64,
    flags: u8,
}

impl Trace {
    /// Starts a trace with random ids, which nobody has asked to record.
    pub fn start() -> Self {
        Self { id: fastrand::u128(1..), parent: fastrand::u64(1..), flags: 0 }
    }

    /// Continues the trace that a caller names in a header. Without a valid header, continues the current
    /// trace. If there is none either, starts one. Callers choose their ids freely: a trace proves nothing.
    pub fn continue_from(traceparent: Option<&str>) -> Self {
        traceparent.and_then(Self::parse).or_else(Self::current).unwrap_or_else(Self::start)
    }

    /// Parses the header `traceparent`. Returns `None` if it is not valid. A header of a later version may
    /// have more fields at its end, which are ignored.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let (known, more) = traceparent.split_at_checked(LENGTH)?;
        let mut fields = known.split('-');
        let mut next = |digits| parse_hex(fields.next()?, digits);
        let (version, id, parent, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        let ends = more.is_empty() || version > 0 && more.starts_with('-');
        if version == 0xff || !ends || id == 0 || parent == 0 {
            return None;
        }
        let flags = u8::try_from(flags).ok()? & KNOWN_FLAGS;
        Some(Self { id, parent: u64::try_from(parent).ok()?, flags })
    }

    /// Parses the trace header of AWS X-Ray, which Lambda passes to each invocation, such as
    /// `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`. The two parts of its id
    /// are the 32 digits of the id in W3C's form. Returns `None` if it is not valid. A missing parent is
    /// replaced by a random one.
    pub fn parse_xray(header: &str) -> Option<Self> {
        let field = |name| header.split(';').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
        let (time, unique) = field("Root")?.strip_prefix("1-")?.split_once('-')?;
        let id = parse_hex(time, 8)? << 96 | parse_hex(unique, 24)?;
        let parent = field("Parent").and_then(|parent| parse_hex(parent, 16)?.try_into().ok());
        let parent = parent.filter(|&parent| parent != 0).unwrap_or_else(|| fastrand::u64(1..));
        (id != 0).then_some(Self { id, parent, flags: u8::from(field("Sampled") == Some("1")) })
    }

    /// Returns the trace of the running work. `None` outside of [`Self::scope`].
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|trace| *trace).ok()
    }

    /// Makes this the current trace while the future runs.
    pub fn scope<F: Future>(self, work: F) -> TaskLocalFuture<Self, F> {
        CURRENT.scope(self, work)
    }

    /// Makes this the current trace while the function runs.
    pub fn enter<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// Returns the id of the trace.
    pub const fn id(self) -> TraceId {
        TraceId(self.id)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, parent, flags } = self;
        write!(f, "00-{id:032x}-{parent:016x}-{flags:02x}")
    }
}

/// The id of a trace. `Display` writes 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId(u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Parses exactly this many hexadecimal digits, which must be in lower case.
fn parse_hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    #[test]
    fn a_valid_header_is_passed_on_as_version_00_with_the_flags_that_have_a_meaning() {
        for (version, flags, more, expected) in [
            ("00", "00", "", "00"),
            ("00", "01", "", "01"),
            ("00", "02", "", "02"),
            ("00", "ff", "", "03"),
            ("01", "01", "", "01"),
            ("cc", "01", "-", "01"),
            ("fe", "09", "-what-will-be", "01"),
        ] {
            let header = format!("{version}-{ID}-{PARENT}-{flags}{more}");
            let trace = Trace::parse(&header).unwrap_or_else(|| panic!("{header}"));
            assert_eq!(trace.id().to_string(), ID, "{header}");
            assert_eq!(trace.to_string(), format!("00-{ID}-{PARENT}-{expected}"), "{header}");
        }
    }

    #[test]
    fn an_invalid_header_is_ignored() {
        for header in [
            String::new(),
            "00".into(),
            format!("ff-{ID}-{PARENT}-01"),
            format!("00-{}-{PARENT}-01", "0".repeat(32)),
            format!("00-{ID}-{}-01", "0".repeat(16)),
            format!("00-{}-{PARENT}-01", ID.to_uppercase()),
            format!("00-{ID}-{}-01", PARENT.to_uppercase()),
            format!("0A-{ID}-{PARENT}-01"),
            format!("00-{ID}-{PARENT}-0F"),
            format!("00-{ID}-{PARENT}-01-more"),
            format!("00-{ID}-{PARENT}-01-"),
            format!("01-{ID}-{PARENT}-01more"),
            format!("00-{ID}-{PARENT}-1"),
            format!("00-{ID}-{PARENT}"),
            format!("00_{ID}_{PARENT}_01"),
            format!("00-{ID}{PARENT}--01"),
            format!("+0-{ID}-{PARENT}-01"),
            format!("00-+{}-{PARENT}-01", &ID[1..]),
            format!(" 00-{ID}-{PARENT}-01"),
            format!("00-{ID}-{PARENT}-01 "),
            format!("00-{ID}-{PARENT}-01,00-{ID}-{PARENT}-01"),
            format!("00-{}é-{PARENT}-01", &ID[2..]),
            format!("00-{ID}-{PARENT}-0\u{e9}"),
            "\u{1f4be}".repeat(20),
        ] {
            assert_eq!(Trace::parse(&header), None, "{header}");
        }
    }

    #[test]
    fn the_id_of_x_ray_is_the_same_id_in_another_form() {
        let root = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736";
        for (header, sampled) in [
            (format!("{root};Parent={PARENT};Sampled=1"), "01"),
            (format!("Sampled=0;Parent={PARENT};{root};Lineage=1:a87bd80c:0"), "00"),
            (format!("{root};Parent={PARENT}"), "00"),
        ] {
            let trace = Trace::parse_xray(&header).unwrap_or_else(|| panic!("{header}"));
            assert_eq!(trace.to_string(), format!("00-{ID}-{PARENT}-{sampled}"));
        }
        assert_eq!(Trace::parse_xray(root).unwrap().id().to_string(), ID);
        for header in [
            "",
            "Root=",
            "Root=1-4bf92f35",
            "Root=2-4bf92f35-77b34da6a3ce929d0e0e4736",
            "Root=1-4BF92F35-77b34da6a3ce929d0e0e4736",
            "Root=1-4bf92f3577-b34da6a3ce929d0e0e4736",
            "Root=1-00000000-000000000000000000000000",
            "Self=1-4bf92f35-77b34da6a3ce929d0e0e4736",
        ] {
            assert_eq!(Trace::parse_xray(header), None, "{header}");
        }
    }

    #[test]
    fn work_inside_another_scope_has_its_own_trace() {
        assert_eq!(Trace::current(), None);
        let (outer, inner) = (Trace::start(), Trace::start());
        assert_ne!(outer, inner);
        outer.enter(|| {
            inner.enter(|| assert_eq!(Trace::current(), Some(inner)));
            assert_eq!(Trace::continue_from(Some("00-nonsense")), outer);
            assert_eq!(Trace::continue_from(Some(&inner.to_string())), inner);
        });
        assert_eq!(Trace::current(), None);
        assert_eq!(Trace::parse(&outer.to_string()), Some(outer));
    }
}
