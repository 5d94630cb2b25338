//! Content types: their syntax, and the types that a browser may display.

use serde::Deserialize;
use utoipa::ToSchema;

/// The media type of arbitrary bytes.
const OCTET_STREAM: &str = "application/octet-stream";

/// A file's media type: `type/subtype` and optional parameters, as in RFC 9110. An empty text means
/// `application/octet-stream`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 255, examples("application/pdf"))]
pub struct ContentType(String);

impl ContentType {
    /// The length of the longest type, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Types that a browser displays without running code.
    const SAFE_TYPES: [&str; 10] = [
        "application/pdf",
        "image/avif",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/markdown",
        "text/plain",
        "application/json",
    ];

    /// The type, as the client declared it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type with which a download is served: the declared type if a browser displays it without running
    /// code, else `application/octet-stream`.
    pub fn served_type(&self) -> &str {
        match self.0.parse::<mime::Mime>() {
            Ok(kind) if Self::SAFE_TYPES.contains(&kind.essence_str()) => &self.0,
            _ => OCTET_STREAM,
        }
    }
}

impl TryFrom<String> for ContentType {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const RULE: &str = "content_type must be type/subtype, with at most 255 printable ASCII characters";
        if text.is_empty() {
            return Ok(Self(OCTET_STREAM.into()));
        }
        if text.trim() != text {
            return Err(RULE);
        }
        let text = if text.contains([' ', '\t']) { normalize_separators(&text) } else { text };
        let admitted = text.len() <= Self::MAX_BYTES && text.bytes().all(|b| matches!(b, b' '..=b'~'));
        match text.parse::<mime::Mime>() {
            Ok(kind) if admitted && kind.subtype() != "" => Ok(Self(text)),
            _ => Err(RULE),
        }
    }
}

/// Puts exactly one space after each semicolon outside quotes, and none before it. RFC 9110 (section 5.6.6)
/// allows any white space there. The `mime` parser and the signatures of the stores do not.
fn normalize_separators(text: &str) -> String {
    let mut quoted = false;
    let separates = |c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    };
    let parts =
        text.split(separates).map(|part| part.trim_matches([' ', '\t'])).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_media_types_are_accepted() {
        for admitted in [
            "text/plain",
            "text/plain; charset=utf-8",
            "text/plain;charset=utf-8",
            "application/vnd.ms-excel",
        ] {
            assert_eq!(ContentType::try_from(admitted.to_owned()).unwrap().as_str(), admitted);
        }
        for refused in
            [" ", ";", "text", "text/", "te xt/plain", "text/plain\r\nx: y", "text/plän", " text/plain"]
        {
            assert!(ContentType::try_from(refused.to_owned()).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_empty_type_is_octet_stream() {
        assert_eq!(ContentType::try_from(String::new()).unwrap().as_str(), "application/octet-stream");
    }

    #[test]
    fn white_space_around_semicolons_is_normalized() {
        for (declared, kept) in [
            ("text/plain ; charset=utf-8", "text/plain; charset=utf-8"),
            ("text/plain;\tcharset=utf-8", "text/plain; charset=utf-8"),
            ("text/plain  ;  charset=utf-8 ; format=flowed", "text/plain; charset=utf-8; format=flowed"),
            (r#"a/b ; name="x ; y""#, r#"a/b; name="x ; y""#),
        ] {
            assert_eq!(ContentType::try_from(declared.to_owned()).unwrap().as_str(), kept, "{declared}");
        }
    }

    #[test]
    fn types_that_a_browser_could_run_are_served_as_octet_stream() {
        let served = |text: &str| ContentType::try_from(text.to_owned()).unwrap().served_type().to_owned();
        assert_eq!(served("text/html"), "application/octet-stream");
        assert_eq!(served("IMAGE/SVG+XML"), "application/octet-stream");
        assert_eq!(served("text/plain; charset=utf-8"), "text/plain; charset=utf-8");
        assert_eq!(served("Image/PNG"), "Image/PNG");
    }
}
